#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "config/network_files.hpp"
#include "crypto/crypto.hpp"

namespace meshmon::config {

/// What a file in pubkeys/ holds: one key, or two during a rotation, the new one first.
struct PublicKeyFile {
    crypto::PublicKey key;
    std::optional<crypto::PublicKey> previous;

    [[nodiscard]] bool holds(const crypto::PublicKey& other) const { return key == other || previous == other; }
    friend bool operator==(const PublicKeyFile&, const PublicKeyFile&) = default;
};

/// Errors: those of crypto::public_key_from_pem; config.private_key_exposed if there is a private key in it (the message does not
/// show it).
Result<PublicKeyFile> parse_public_keys(std::string_view text);

/// Reads and parses; a symlink is followed only inside `root`. Errors: those of parse_public_keys and read_whole;
/// config.outside.
Result<PublicKeyFile> read_public_keys(const std::filesystem::path& file, const std::filesystem::path& root);

/// The same out of `files`, by the name of `file`. Errors: those of parse_public_keys; config.file_missing; config.file_size.
Result<PublicKeyFile> find_public_keys(const NetworkFiles& files, const std::filesystem::path& file);

/// Whether `file`, with all symlinks resolved, lies under `root`, resolved as well. A file that does not exist counts as inside.
[[nodiscard]] bool stays_inside(const std::filesystem::path& file, const std::filesystem::path& root);

}  // namespace meshmon::config
