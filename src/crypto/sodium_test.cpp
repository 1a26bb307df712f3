#include "crypto/sodium.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <vector>

#include "base/hex_for_tests.hpp"

namespace meshmon::crypto {
namespace {

KeyPair pair_from_seed(std::string_view hex) {
    auto seed = array_from_hex<32>(hex);
    return key_pair_of(SecretKey(seed));
}

const BoxNonce kNonce = array_from_hex<24>("000102030405060708090a0b0c0d0e0f1011121314151617");

/// One pair of nodes that share a box key.
struct Pair {
    SodiumCrypto a{generate_key_pair()};
    SodiumCrypto b{generate_key_pair()};
    BoxKey ab = a.box_key(b.public_key()).value();
    BoxKey ba = b.box_key(a.public_key()).value();
};

struct Vector {
    std::string_view seed, public_key, message, signature;
};

/// RFC 8032, section 7.1, tests 1 to 3.
const std::vector<Vector> kRfc8032 = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7"
     "a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612b"
     "b0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1"
     "ec40a"},
};

TEST(SodiumCrypto, SignsAsRfc8032Says) {
    for (const Vector& vector : kRfc8032) {
        SodiumCrypto crypto(pair_from_seed(vector.seed));
        const Bytes message = from_hex(vector.message);
        EXPECT_EQ(to_hex(view(crypto.public_key().bytes)), vector.public_key);
        EXPECT_EQ(to_hex(view(crypto.sign(message))), vector.signature);
        EXPECT_TRUE(crypto.verify(crypto.public_key(), message, crypto.sign(message)));
    }
}

TEST(SodiumCrypto, VerifyRefusesEveryChangedByte) {
    SodiumCrypto crypto(generate_key_pair());
    Bytes message = "what was signed";
    const Signature signature = crypto.sign(message);
    for (std::size_t i = 0; i < signature.size(); ++i) {
        Signature changed = signature;
        changed[i] ^= 0x10;
        EXPECT_FALSE(crypto.verify(crypto.public_key(), message, changed)) << "signature byte " << i;
    }
    for (char& byte : message) {
        byte = static_cast<char>(byte ^ 1);
        EXPECT_FALSE(crypto.verify(crypto.public_key(), message, signature));
        byte = static_cast<char>(byte ^ 1);
    }
    EXPECT_FALSE(crypto.verify(SodiumCrypto(generate_key_pair()).public_key(), message, signature));
}

TEST(SodiumCrypto, BothEndsShareOneBoxKey) {
    const Pair pair;
    EXPECT_EQ(pair.ab.bytes, pair.ba.bytes);
    const Bytes sealed = pair.a.seal(pair.ab, kNonce, "hello");
    EXPECT_EQ(sealed.size(), 5 + kBoxOverhead);
    EXPECT_EQ(pair.b.open(pair.ba, kNonce, sealed), "hello");
}

TEST(SodiumCrypto, AnEmptyMessageCanBeBoxed) {
    const Pair pair;
    EXPECT_EQ(pair.b.open(pair.ba, kNonce, pair.a.seal(pair.ab, kNonce, "")), "");
}

TEST(SodiumCrypto, ABoxWithAnyChangedByteStaysShut) {
    const Pair pair;
    Bytes sealed = pair.a.seal(pair.ab, kNonce, "twenty bytes of text");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            Bytes changed = sealed;
            changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
            EXPECT_FALSE(pair.b.open(pair.ba, kNonce, changed)) << "byte " << i << " bit " << bit;
        }
    }
    for (std::size_t size = 0; size < sealed.size(); ++size) {
        EXPECT_FALSE(pair.b.open(pair.ba, kNonce, ByteView(sealed).substr(0, size))) << "cut to " << size;
    }
}

TEST(SodiumCrypto, ABoxOpensWithItsOwnNonceAlone) {
    const Pair pair;
    const Bytes sealed = pair.a.seal(pair.ab, kNonce, "text");
    for (std::size_t i = 0; i < kNonce.size(); ++i) {
        BoxNonce other = kNonce;
        other[i] ^= 1;
        EXPECT_FALSE(pair.b.open(pair.ba, other, sealed)) << "nonce byte " << i;
    }
}

TEST(SodiumCrypto, ABoxStaysShutForAThirdNode) {
    const Pair pair;
    const SodiumCrypto third(generate_key_pair());
    const Bytes sealed = pair.a.seal(pair.ab, kNonce, "text");
    EXPECT_FALSE(third.open(third.box_key(pair.a.public_key()).value(), kNonce, sealed));
    EXPECT_FALSE(third.open(third.box_key(pair.b.public_key()).value(), kNonce, sealed));
}

TEST(SodiumCrypto, KeysOfSmallOrderGetNoBox) {
    const SodiumCrypto crypto(generate_key_pair());
    // The points of order 1, 2, 4 and 8 in their canonical forms, and one that is no point.
    for (const std::string_view key : {
             "0100000000000000000000000000000000000000000000000000000000000000",
             "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "0000000000000000000000000000000000000000000000000000000000000000",
             "0000000000000000000000000000000000000000000000000000000000000080",
             "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
             "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
             "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
             "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
             "0200000000000000000000000000000000000000000000000000000000000000",
         }) {
        const auto box_key = crypto.box_key(PublicKey{array_from_hex<32>(key)});
        ASSERT_FALSE(box_key.has_value()) << key;
        EXPECT_EQ(box_key.error().code, "crypto.weak_key");
    }
}

TEST(SodiumCrypto, HashIsBlake2b256) {
    const SodiumCrypto crypto(generate_key_pair());
    // python3 -c 'import hashlib; print(hashlib.blake2b(b"abc", digest_size=32).hexdigest())'
    EXPECT_EQ(to_hex(view(crypto.hash("abc"))), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST(SodiumCrypto, RandomBytesDiffer) {
    SodiumCrypto crypto(generate_key_pair());
    ByteArray<32> first{};
    ByteArray<32> second{};
    crypto.random(first);
    crypto.random(second);
    EXPECT_NE(first, second);
    EXPECT_NE(first, ByteArray<32>{});
}

TEST(SecretKey, LeavesNothingBehindWhereItCameFrom) {
    auto seed = array_from_hex<32>("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    SecretKey key(seed);
    EXPECT_EQ(seed, (ByteArray<32>{}));
    SecretKey moved(std::move(key));
    EXPECT_EQ(key.seed(), (ByteArray<32>{}));  // NOLINT(bugprone-use-after-move): that it is empty is the point
    EXPECT_EQ(moved.seed()[0], 0x9d);
    key = std::move(moved);
    EXPECT_EQ(moved.seed(), (ByteArray<32>{}));  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(key.seed()[0], 0x9d);
    EXPECT_FALSE(std::is_copy_constructible_v<SecretKey> || std::is_copy_assignable_v<SecretKey>);
}

TEST(SecretKey, GeneratedOnesDiffer) { EXPECT_NE(generate_key_pair().public_key, generate_key_pair().public_key); }

TEST(Wipe, EmptiesTheText) {
    Bytes secret = "secret";
    wipe(secret);
    EXPECT_TRUE(secret.empty());
}

}  // namespace
}  // namespace meshmon::crypto
