#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/crypto.hpp"

namespace meshmon::crypto {

/// SHA-256 over the DER SubjectPublicKeyInfo of an Ed25519 public key.
struct Fingerprint {
    ByteArray<32> bytes{};

    /// The first 8 bytes, big-endian: what an exchange names its sender's key by.
    [[nodiscard]] std::uint64_t short_id() const;

    /// The first 4 bytes, big-endian: what a version names its owner's key by.
    [[nodiscard]] std::uint32_t key_tag() const;

    /// "SHA256:" and the base64 of all 32 bytes without padding, as OpenSSH shows fingerprints.
    [[nodiscard]] std::string text() const;

    /// Eight words for its first 64 bits, joined by '-': for comparing keys aloud.
    [[nodiscard]] std::string words() const;

    friend auto operator<=>(const Fingerprint&, const Fingerprint&) = default;
};

[[nodiscard]] Fingerprint fingerprint(const PublicKey& key);

}  // namespace meshmon::crypto
