#include "sim/identity.hpp"

#include <utility>

#include "base/random.hpp"
#include "crypto/sodium.hpp"
#include "crypto/stand_in.hpp"

namespace meshmon::sim {

namespace {

constexpr std::uint64_t kStandInWorld = 0x6d6573686d6f6e;  // any number will do: keys differ by their seeds

void fill(Random& source, std::span<std::uint8_t> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(source.next() >> 56U);
}

crypto::KeyPair key_pair(std::uint64_t key_seed) {
    ByteArray<32> secret{};
    Random source(key_seed);
    fill(source, secret);
    return crypto::key_pair_of(crypto::SecretKey(secret));
}

/// The real crypto with seeded chance.
class SeededSodium final : public crypto::Crypto {
public:
    SeededSodium(const crypto::KeyPair& pair, std::uint64_t chance_seed) : real_(pair), chance_(chance_seed) {}

    [[nodiscard]] crypto::PublicKey public_key() const override { return real_.public_key(); }
    [[nodiscard]] crypto::Signature sign(ByteView message) const override { return real_.sign(message); }
    [[nodiscard]] bool verify(const crypto::PublicKey& key, ByteView message, const crypto::Signature& signature) const override {
        return real_.verify(key, message, signature);
    }
    [[nodiscard]] Result<crypto::BoxKey> box_key(const crypto::PublicKey& peer) const override { return real_.box_key(peer); }
    void seal_in_place(const crypto::BoxKey& key, const crypto::BoxNonce& nonce, std::span<char> box) const override {
        real_.seal_in_place(key, nonce, box);
    }
    [[nodiscard]] std::optional<Bytes> open(const crypto::BoxKey& key, const crypto::BoxNonce& nonce,
                                            ByteView sealed) const override {
        return real_.open(key, nonce, sealed);
    }
    [[nodiscard]] crypto::Hash hash(ByteView bytes) const override { return real_.hash(bytes); }
    void random(std::span<std::uint8_t> out) override { fill(chance_, out); }

private:
    crypto::SodiumCrypto real_;
    Random chance_;
};

}  // namespace

std::unique_ptr<crypto::Crypto> make_identity(CryptoKind kind, std::uint64_t key_seed, std::uint64_t chance_seed) {
    switch (kind) {
        case CryptoKind::stand_in: return std::make_unique<crypto::StandInCrypto>(kStandInWorld, key_seed, chance_seed);
        case CryptoKind::sodium: return std::make_unique<SeededSodium>(key_pair(key_seed), chance_seed);
    }
    std::unreachable();
}

}  // namespace meshmon::sim
