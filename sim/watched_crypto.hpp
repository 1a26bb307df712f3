#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "crypto/crypto.hpp"

namespace meshmon::sim {

/// An identity that shows what it seals: so that checkers read every message without opening its box again.
class WatchedCrypto final : public crypto::Crypto {
public:
    using Sealed = std::function<void(ByteView plain)>;
    WatchedCrypto(std::unique_ptr<crypto::Crypto> real, Sealed sealed) : real_(std::move(real)), sealed_(std::move(sealed)) {}

    [[nodiscard]] crypto::PublicKey public_key() const override { return real_->public_key(); }
    [[nodiscard]] crypto::Signature sign(ByteView message) const override { return real_->sign(message); }
    [[nodiscard]] bool verify(const crypto::PublicKey& key, ByteView message, const crypto::Signature& signature) const override {
        return real_->verify(key, message, signature);
    }
    [[nodiscard]] Result<crypto::BoxKey> box_key(const crypto::PublicKey& peer) const override { return real_->box_key(peer); }
    [[nodiscard]] Bytes seal(const crypto::BoxKey& key, const crypto::BoxNonce& nonce, ByteView plain) const override {
        sealed_(plain);
        return real_->seal(key, nonce, plain);
    }
    [[nodiscard]] std::optional<Bytes> open(const crypto::BoxKey& key, const crypto::BoxNonce& nonce,
                                            ByteView sealed) const override {
        return real_->open(key, nonce, sealed);
    }
    [[nodiscard]] crypto::Hash hash(ByteView bytes) const override { return real_->hash(bytes); }
    void random(std::span<std::uint8_t> out) override { real_->random(out); }

private:
    std::unique_ptr<crypto::Crypto> real_;
    Sealed sealed_;
};

}  // namespace meshmon::sim
