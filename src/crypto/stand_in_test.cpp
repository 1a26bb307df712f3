#include "crypto/stand_in.hpp"

#include <gtest/gtest.h>

#include <set>

namespace meshmon::crypto {
namespace {

constexpr std::uint64_t kWorld = 7;
const BoxNonce kNonce{1, 2, 3};

struct Pair {
    StandInCrypto a{kWorld, 1};
    StandInCrypto b{kWorld, 2};
    BoxKey ab = a.box_key(b.public_key()).value();
    BoxKey ba = b.box_key(a.public_key()).value();
};

TEST(StandInCrypto, IdentitiesOfOneWorldVerifyEachOther) {
    const Pair pair;
    const Signature signature = pair.a.sign("message");
    EXPECT_TRUE(pair.b.verify(pair.a.public_key(), "message", signature));
    EXPECT_FALSE(pair.b.verify(pair.b.public_key(), "message", signature));
    EXPECT_FALSE(StandInCrypto(kWorld + 1, 2).verify(pair.a.public_key(), "message", signature));
}

TEST(StandInCrypto, NoticesEveryChangedBit) {
    const Pair pair;
    Bytes message(300, 'm');
    const Signature signature = pair.a.sign(message);
    for (std::size_t i = 0; i < message.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            Bytes changed = message;
            changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
            EXPECT_FALSE(pair.b.verify(pair.a.public_key(), changed, signature)) << i;
        }
    }
    for (std::size_t i = 0; i < signature.size(); ++i) {
        Signature changed = signature;
        changed[i] ^= 1;
        EXPECT_FALSE(pair.b.verify(pair.a.public_key(), message, changed)) << i;
    }
}

TEST(StandInCrypto, BoxesOpenForTheirTwoEndsAlone) {
    const Pair pair;
    EXPECT_EQ(pair.ab.bytes, pair.ba.bytes);
    const Bytes sealed = pair.a.seal(pair.ab, kNonce, "some text of more than eight bytes");
    EXPECT_EQ(sealed.size(), 34 + kBoxOverhead);
    EXPECT_EQ(sealed.find("text"), Bytes::npos);
    EXPECT_EQ(pair.b.open(pair.ba, kNonce, sealed), "some text of more than eight bytes");
    EXPECT_FALSE(pair.b.open(pair.ba, BoxNonce{1, 2, 4}, sealed));
    const StandInCrypto third(kWorld, 3);
    EXPECT_FALSE(third.open(third.box_key(pair.a.public_key()).value(), kNonce, sealed));
}

TEST(StandInCrypto, ABoxWithAnyChangedByteStaysShut) {
    const Pair pair;
    const Bytes sealed = pair.a.seal(pair.ab, kNonce, "some text of more than eight bytes");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        Bytes changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 0x40);
        EXPECT_FALSE(pair.b.open(pair.ba, kNonce, changed)) << i;
        EXPECT_FALSE(pair.b.open(pair.ba, kNonce, ByteView(sealed).substr(0, i))) << i;
    }
}

TEST(StandInCrypto, TheKeyOfZerosIsWeak) {
    const auto key = StandInCrypto(kWorld, 1).box_key(PublicKey{});
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, "crypto.weak_key");
}

TEST(StandInCrypto, TenThousandHashesAndKeysDiffer) {
    const StandInCrypto crypto(kWorld, 1);
    std::set<Hash> hashes;
    std::set<PublicKey> keys;
    for (std::uint64_t i = 0; i < 10'000; ++i) {
        hashes.insert(crypto.hash("slot " + std::to_string(i)));
        keys.insert(StandInCrypto::public_key_of(kWorld, i));
    }
    EXPECT_EQ(hashes.size(), 10'000U);
    EXPECT_EQ(keys.size(), 10'000U);
    EXPECT_NE(crypto.hash(""), crypto.hash(Bytes(1, '\0')));
    EXPECT_NE(crypto.hash(Bytes(7, '\0')), crypto.hash(Bytes(8, '\0')));
}

TEST(StandInCrypto, IsTheSameEachTimeAndOnEveryMachine) {
    const auto draw = [](std::uint64_t boot) {
        StandInCrypto crypto(kWorld, 1, boot);
        ByteArray<20> bytes{};
        crypto.random(bytes);
        return bytes;
    };
    EXPECT_EQ(draw(0), draw(0));
    EXPECT_NE(draw(0), draw(1));
    EXPECT_EQ(to_hex(view(StandInCrypto(kWorld, 1).public_key().bytes)),
              "0ebef60596a0de941160ac0814543a12287652e2349f54c79b326460200d1c20");
    EXPECT_EQ(to_hex(view(StandInCrypto(kWorld, 1).hash("abc"))),
              "1f2002146467dbc2248865a54b4dfb7ca86f12119af4d6e09c2dfce5599eaa68");
    EXPECT_EQ(to_hex(view(draw(0))), "df7c6588b7fc23f6910329dbf3e78b302df9065b");
}

}  // namespace
}  // namespace meshmon::crypto
