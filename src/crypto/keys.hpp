#pragma once

#include "crypto/crypto.hpp"

namespace meshmon::crypto {

/// An Ed25519 private key, by its 32-byte seed (RFC 8032). Moves only, wipes itself when it goes, and cannot be printed or
/// compared.
class SecretKey {
public:
    /// Takes `seed` over and wipes it there.
    explicit SecretKey(ByteArray<32>& seed);
    ~SecretKey();

    SecretKey(SecretKey&& other) noexcept;
    SecretKey& operator=(SecretKey&& other) noexcept;
    SecretKey(const SecretKey&) = delete;
    SecretKey& operator=(const SecretKey&) = delete;

    /// The seed itself: for signing and for key files, never to be copied elsewhere.
    [[nodiscard]] const ByteArray<32>& seed() const { return seed_; }

    [[nodiscard]] PublicKey public_key() const;

private:
    ByteArray<32> seed_{};
};

struct KeyPair {
    PublicKey public_key;
    SecretKey secret_key;
};

/// A new pair, from the operating system's generator.
[[nodiscard]] KeyPair generate_key_pair();

/// The pair that belongs to a secret key, as read from a key file.
[[nodiscard]] KeyPair key_pair_of(SecretKey secret_key);

/// Overwrites what held a secret, so that it does not stay behind in freed memory.
void wipe(Bytes& secret);

}  // namespace meshmon::crypto
