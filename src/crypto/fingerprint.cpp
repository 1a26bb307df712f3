#include "crypto/fingerprint.hpp"

#include <sodium.h>

#include "crypto/words.hpp"

namespace meshmon::crypto {
namespace {

/// What stands before the 32 bytes of an Ed25519 key in its DER SubjectPublicKeyInfo (RFC 8410): a sequence of the
/// algorithm 1.3.101.112 and a bit string.
constexpr ByteArray<12> kSpkiPrefix = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

std::uint64_t first_bytes(const ByteArray<32>& bytes, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = (value << 8) | bytes[i];
    return value;
}

}  // namespace

std::uint64_t Fingerprint::short_id() const { return first_bytes(bytes, 8); }

std::uint32_t Fingerprint::key_tag() const { return static_cast<std::uint32_t>(first_bytes(bytes, 4)); }

std::string Fingerprint::text() const {
    std::string base64 = to_base64(view(bytes));
    base64.erase(base64.find_last_not_of('=') + 1);
    return "SHA256:" + base64;
}

std::string Fingerprint::words() const {
    std::string joined;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i > 0) joined += '-';
        joined += kWords[bytes[i]];
    }
    return joined;
}

Fingerprint fingerprint(const PublicKey& key) {
    ByteArray<kSpkiPrefix.size() + sizeof(key.bytes)> der;
    std::size_t at = 0;
    for (const std::uint8_t byte : kSpkiPrefix) der[at++] = byte;
    for (const std::uint8_t byte : key.bytes) der[at++] = byte;
    Fingerprint result;
    crypto_hash_sha256(result.bytes.data(), der.data(), der.size());
    return result;
}

}  // namespace meshmon::crypto
