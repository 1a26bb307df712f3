#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/keys.hpp"

/// Ed25519 keys as the text of PEM files, readable by and from `openssl pkey`.
///
/// Reading: one PEM block; line ends of any kind, white space around lines and text around the block do not matter.
/// Errors: crypto.pem (no block, several, or broken), crypto.pem_kind (a block of another kind, such as a private key
/// where a public one belongs), crypto.pem_encrypted, crypto.pem_algorithm (not Ed25519). The message says what was
/// found and never holds key material; it names no file: the caller does.
namespace meshmon::crypto {

inline constexpr std::size_t kPemBytesMax = 16384;  ///< a key takes about 120; longer texts are refused unread

/// Reads a SubjectPublicKeyInfo ("BEGIN PUBLIC KEY").
Result<PublicKey> public_key_from_pem(std::string_view text);

/// Reads a PKCS#8 private key ("BEGIN PRIVATE KEY"), not encrypted. Wiping `text` is up to the caller.
Result<SecretKey> secret_key_from_pem(std::string_view text);

[[nodiscard]] std::string to_pem(const PublicKey& key);

/// The caller wipes it (wipe()) once it is written.
[[nodiscard]] std::string to_pem(const SecretKey& key);

}  // namespace meshmon::crypto
