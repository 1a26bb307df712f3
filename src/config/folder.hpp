#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "config/config.hpp"

/// One network's folder on disk: config.yml and pubkeys/.
namespace meshmon::config {

/// Where a network's files lie: <config_dir>/networks/<directory>.
[[nodiscard]] std::filesystem::path network_folder(const std::filesystem::path& config_dir, const std::string& directory);

/// A folder that loads has `value`; one that does not has the errors. `network` is known as soon as `network_id:` could be
/// read, even if the rest has errors.
struct FolderResult {
    std::optional<NetworkFolder> value;
    std::vector<Diagnostic> diagnostics;  ///< errors, warnings and notes; value->notes holds the same ones where there is a value
    std::optional<NetworkId> network;
    bool missing = false;                 ///< there is no config.yml
};

/// Reads and checks config.yml and the key of every listed node. Touches nothing.
///
/// Threads: any; blocks on the disk. Limits: config.yml 2 MiB, a key file 16 KiB, 20,000 names looked at in pubkeys/.
/// Symlinks that lead out of the network's folder are refused (those inside it are followed: mounts swap them).
/// A missing or unusable key file is a warning (W104, W105), never an error; a private key in pubkeys/ is one (E060).
[[nodiscard]] FolderResult load_network_folder(const std::filesystem::path& config_dir, const NetworkRef& ref);

}  // namespace meshmon::config
