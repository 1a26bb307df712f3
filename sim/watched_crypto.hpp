#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "crypto/crypto.hpp"

namespace meshmon::sim {

/// An identity that shows what it seals, so that checkers read every message without opening its box again, and what it verifies.
class WatchedCrypto final : public crypto::Crypto {
public:
    using Sealed = std::function<void(ByteView plain)>;
    using Verified = std::function<void(ByteView message, bool good)>;
    WatchedCrypto(std::unique_ptr<crypto::Crypto> real, Sealed sealed, Verified verified)
        : real_(std::move(real)), sealed_(std::move(sealed)), verified_(std::move(verified)) {}

    [[nodiscard]] crypto::PublicKey public_key() const override { return real_->public_key(); }
    [[nodiscard]] crypto::Signature sign(ByteView message) const override { return real_->sign(message); }
    [[nodiscard]] bool verify(const crypto::PublicKey& key, ByteView message, const crypto::Signature& signature) const override {
        const bool good = real_->verify(key, message, signature);
        verified_(message, good);
        return good;
    }
    [[nodiscard]] Result<crypto::BoxKey> box_key(const crypto::PublicKey& peer) const override { return real_->box_key(peer); }
    void seal_in_place(const crypto::BoxKey& key, const crypto::BoxNonce& nonce, std::span<char> box) const override {
        sealed_(ByteView(box.data(), box.size()).substr(crypto::kBoxOverhead));
        real_->seal_in_place(key, nonce, box);
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
    Verified verified_;
};

}  // namespace meshmon::sim
