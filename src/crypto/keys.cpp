#include "crypto/keys.hpp"

#include <sodium.h>

#include <utility>

#include "base/check.hpp"
#include "crypto/sodium_start.hpp"

namespace meshmon::crypto {

void start_sodium() {
    static const bool started = sodium_init() >= 0;
    MM_CHECK(started, "libsodium does not start: the system gives no random bytes");
}

SecretKey::SecretKey(ByteArray<32>& seed) : seed_(seed) { sodium_memzero(seed.data(), seed.size()); }

SecretKey::~SecretKey() { sodium_memzero(seed_.data(), seed_.size()); }

SecretKey::SecretKey(SecretKey&& other) noexcept : seed_(other.seed_) { sodium_memzero(other.seed_.data(), other.seed_.size()); }

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
    if (this != &other) {
        seed_ = other.seed_;
        sodium_memzero(other.seed_.data(), other.seed_.size());
    }
    return *this;
}

PublicKey SecretKey::public_key() const {
    start_sodium();
    PublicKey key;
    ByteArray<crypto_sign_SECRETKEYBYTES> expanded;
    crypto_sign_seed_keypair(key.bytes.data(), expanded.data(), seed_.data());
    sodium_memzero(expanded.data(), expanded.size());
    return key;
}

KeyPair generate_key_pair() {
    start_sodium();
    ByteArray<32> seed;
    randombytes_buf(seed.data(), seed.size());
    return key_pair_of(SecretKey(seed));
}

KeyPair key_pair_of(SecretKey secret_key) {
    const PublicKey public_key = secret_key.public_key();
    return {public_key, std::move(secret_key)};
}

void wipe(Bytes& secret) {
    sodium_memzero(secret.data(), secret.size());
    secret.clear();
}

}  // namespace meshmon::crypto
