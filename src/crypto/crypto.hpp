#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace meshmon::crypto {

/// An Ed25519 public key (RFC 8032).
struct PublicKey {
    ByteArray<32> bytes{};
    friend auto operator<=>(const PublicKey&, const PublicKey&) = default;
};

using Signature = ByteArray<64>;  ///< Ed25519
using Hash = ByteArray<32>;       ///< BLAKE2b-256
using BoxNonce = ByteArray<24>;   ///< drawn at random for each box, never counted

/// How many bytes a box is longer than what is in it.
inline constexpr std::size_t kBoxOverhead = 16;

/// The secret that two nodes share; computed once per peer.
struct BoxKey {
    ByteArray<32> bytes{};
};

/// What one identity (an Ed25519 key pair) can do, and the sources of chance and hashes that belong to it.
///
/// Source: docs/protocol.md, "Keys" and "The box". The constructions are libsodium's own: crypto_sign, crypto_box and
/// crypto_generichash.
/// Place: one per network and identity, owned by the driver or by the simulator; outlives the mesh::Network that uses it.
/// Threads: the thread of its network only. No call blocks.
class Crypto {
public:
    virtual ~Crypto() = default;

    [[nodiscard]] virtual PublicKey public_key() const = 0;

    /// Signs with the own key. About 25 µs with the real one.
    [[nodiscard]] virtual Signature sign(ByteView message) const = 0;

    /// About 60 µs with the real one: ask last.
    [[nodiscard]] virtual bool verify(const PublicKey& key, ByteView message, const Signature& signature) const = 0;

    /// Errors: crypto.weak_key, for a key that is no point of the curve or of small order.
    [[nodiscard]] virtual Result<BoxKey> box_key(const PublicKey& peer) const = 0;

    /// Makes a box of what lies in `box` behind kBoxOverhead bytes of room, where it lies.
    virtual void seal_in_place(const BoxKey& key, const BoxNonce& nonce, std::span<char> box) const = 0;

    /// The same, of a copy.
    [[nodiscard]] Bytes seal(const BoxKey& key, const BoxNonce& nonce, ByteView plain) const {
        Bytes box(kBoxOverhead, '\0');
        box.append(plain);
        seal_in_place(key, nonce, box);
        return box;
    }

    /// Empty where the box was not sealed with this key and nonce, or was changed on the way.
    [[nodiscard]] virtual std::optional<Bytes> open(const BoxKey& key, const BoxNonce& nonce, ByteView sealed) const = 0;

    [[nodiscard]] virtual Hash hash(ByteView bytes) const = 0;

    /// Unpredictable bytes: from the operating system, or seeded in the simulator.
    virtual void random(std::span<std::uint8_t> out) = 0;
};

}  // namespace meshmon::crypto
