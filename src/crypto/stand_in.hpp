#pragma once

#include <cstdint>

#include "base/random.hpp"
#include "crypto/crypto.hpp"

namespace meshmon::crypto {

/// A stand-in for Crypto in the simulator and in tests: THIS IS NO CRYPTOGRAPHY. It is a 64-bit mixing hash that anybody
/// who knows the world's secret can forge with; it is about a hundred times as fast as the real thing, and the same on
/// every machine.
///
/// What it keeps of the real one: the identities of one world check each other's signatures and open each other's
/// boxes; a changed byte, another key, nonce or world is noticed; and through this interface nobody signs or seals for
/// an identity without holding its object.
///
/// Place: the library meshmon::stand_in, which the simulator and tests link, and no program that people run.
/// Determinism: the same arguments give the same key, signatures, boxes and random bytes.
class StandInCrypto final : public Crypto {
public:
    /// `world` is the secret that all identities of one simulated world share; `identity` tells them apart; `boot`
    /// gives a process that starts again other random bytes than it drew before.
    StandInCrypto(std::uint64_t world, std::uint64_t identity, std::uint64_t boot = 0);

    /// The key of an identity, without its object: for rosters.
    [[nodiscard]] static PublicKey public_key_of(std::uint64_t world, std::uint64_t identity);

    [[nodiscard]] PublicKey public_key() const override { return public_key_; }
    [[nodiscard]] Signature sign(ByteView message) const override;
    [[nodiscard]] bool verify(const PublicKey& key, ByteView message, const Signature& signature) const override;

    /// Errors: crypto.weak_key, for the key of zeros alone.
    [[nodiscard]] Result<BoxKey> box_key(const PublicKey& peer) const override;

    void seal_in_place(const BoxKey& key, const BoxNonce& nonce, std::span<char> box) const override;
    [[nodiscard]] std::optional<Bytes> open(const BoxKey& key, const BoxNonce& nonce, ByteView sealed) const override;
    [[nodiscard]] Hash hash(ByteView bytes) const override;
    void random(std::span<std::uint8_t> out) override;

private:
    std::uint64_t world_;
    PublicKey public_key_;
    Random random_;
};

}  // namespace meshmon::crypto
