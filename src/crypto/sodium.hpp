#pragma once

#include "crypto/crypto.hpp"
#include "crypto/keys.hpp"

namespace meshmon::crypto {

/// The real Crypto: libsodium's Ed25519, X25519 boxes (XSalsa20-Poly1305) and BLAKE2b.
///
/// Source: docs/protocol.md, "Keys" and "The box".
/// Memory: its own secrets alone, wiped when it goes.
/// random() asks the operating system each time, so nothing repeats after a suspend or in a copied machine.
class SodiumCrypto final : public Crypto {
public:
    explicit SodiumCrypto(const KeyPair& pair);
    ~SodiumCrypto() override;

    SodiumCrypto(const SodiumCrypto&) = delete;
    SodiumCrypto& operator=(const SodiumCrypto&) = delete;

    [[nodiscard]] PublicKey public_key() const override { return public_key_; }
    [[nodiscard]] Signature sign(ByteView message) const override;
    [[nodiscard]] bool verify(const PublicKey& key, ByteView message, const Signature& signature) const override;
    [[nodiscard]] Result<BoxKey> box_key(const PublicKey& peer) const override;
    void seal_in_place(const BoxKey& key, const BoxNonce& nonce, std::span<char> box) const override;
    [[nodiscard]] std::optional<Bytes> open(const BoxKey& key, const BoxNonce& nonce, ByteView sealed) const override;
    [[nodiscard]] Hash hash(ByteView bytes) const override;
    void random(std::span<std::uint8_t> out) override;

private:
    PublicKey public_key_;
    ByteArray<64> signing_key_{};  ///< as libsodium wants it: seed and public key
    ByteArray<32> box_secret_{};   ///< the same secret on Curve25519
};

}  // namespace meshmon::crypto
