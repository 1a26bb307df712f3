#include "crypto/sodium.hpp"

#include <sodium.h>

#include "base/check.hpp"
#include "crypto/hash.hpp"
#include "crypto/sodium_start.hpp"

namespace meshmon::crypto {
namespace {

const unsigned char* data(ByteView bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* data(Bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

}  // namespace

static_assert(kBoxOverhead == crypto_box_MACBYTES);
static_assert(sizeof(BoxNonce) == crypto_box_NONCEBYTES && sizeof(BoxKey::bytes) == crypto_box_BEFORENMBYTES);
static_assert(sizeof(Signature) == crypto_sign_BYTES && sizeof(PublicKey::bytes) == crypto_sign_PUBLICKEYBYTES);

SodiumCrypto::SodiumCrypto(const KeyPair& pair) {
    start_sodium();
    crypto_sign_seed_keypair(public_key_.bytes.data(), signing_key_.data(), pair.secret_key.seed().data());
    MM_CHECK(public_key_ == pair.public_key, "the halves of a key pair belong together");
    crypto_sign_ed25519_sk_to_curve25519(box_secret_.data(), signing_key_.data());
}

SodiumCrypto::~SodiumCrypto() {
    sodium_memzero(signing_key_.data(), signing_key_.size());
    sodium_memzero(box_secret_.data(), box_secret_.size());
}

Signature SodiumCrypto::sign(ByteView message) const {
    Signature signature;
    crypto_sign_detached(signature.data(), nullptr, data(message), message.size(), signing_key_.data());
    return signature;
}

bool SodiumCrypto::verify(const PublicKey& key, ByteView message, const Signature& signature) const {
    return crypto_sign_verify_detached(signature.data(), data(message), message.size(), key.bytes.data()) == 0;
}

Result<BoxKey> SodiumCrypto::box_key(const PublicKey& peer) const {
    ByteArray<crypto_box_PUBLICKEYBYTES> peer_on_curve25519;
    BoxKey key;
    // The first refuses what is no point of the main subgroup, the second an all-zero product.
    if (crypto_sign_ed25519_pk_to_curve25519(peer_on_curve25519.data(), peer.bytes.data()) != 0 ||
        crypto_box_beforenm(key.bytes.data(), peer_on_curve25519.data(), box_secret_.data()) != 0) {
        return fail("crypto.weak_key", "the public key is no usable Ed25519 key: not a point of the curve, or of small order",
                    "ask its owner for the key again: meshmon key show");
    }
    return key;
}

void SodiumCrypto::seal_in_place(const BoxKey& key, const BoxNonce& nonce, std::span<char> box) const {
    MM_CHECK(box.size() >= kBoxOverhead, "a box has room for what proves it");
    auto* const out = reinterpret_cast<unsigned char*>(box.data());
    crypto_box_easy_afternm(out, out + kBoxOverhead, box.size() - kBoxOverhead, nonce.data(), key.bytes.data());
}

std::optional<Bytes> SodiumCrypto::open(const BoxKey& key, const BoxNonce& nonce, ByteView sealed) const {
    if (sealed.size() < kBoxOverhead) return std::nullopt;
    Bytes plain(sealed.size() - kBoxOverhead, '\0');
    if (crypto_box_open_easy_afternm(data(plain), data(sealed), sealed.size(), nonce.data(), key.bytes.data()) != 0)
        return std::nullopt;
    return plain;
}

Hash SodiumCrypto::hash(ByteView bytes) const { return blake2b_256(bytes); }

void SodiumCrypto::random(std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); }

}  // namespace meshmon::crypto
