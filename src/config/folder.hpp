#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/network_files.hpp"

/// One network's folder on disk: config.yml and pubkeys/.
namespace meshmon::config {

/// Where a network's files lie: <config_dir>/networks/<directory>.
[[nodiscard]] std::filesystem::path network_folder(const std::filesystem::path& config_dir, const std::string& directory);

/// config.yml of one network. `value` is absent if it does not load; then the errors say why, unless it is `missing`.
struct NetworkFileResult {
    std::optional<NetworkConfig> value;
    std::vector<Diagnostic> diagnostics;
    std::optional<NetworkId> network;  ///< as soon as `network_id:` could be read, even if the rest has errors
    bool missing = false;              ///< there is no config.yml
    std::string text;                  ///< what was read
};

/// Reads and checks config.yml. Touches nothing. Threads: any; blocks on the disk. Limit: YamlTree's, 2 MiB first of all.
/// A symlink that leads out of the network's folder is refused (those inside it are followed: mounts swap them).
/// With a `version`, node_version[] that it does not fit is an error besides (E037); the value is there all the same.
/// With `files`, they are read in place of the disk, here and below; messages name the path that they would have there.
[[nodiscard]] NetworkFileResult load_network_file(const std::filesystem::path& config_dir, const NetworkRef& ref,
                                                  std::string_view version = {}, const NetworkFiles* files = nullptr);

struct PeerKeys {
    std::vector<PeerKey> keys;  ///< one per entry of config.peers, in their order
    std::vector<Diagnostic> diagnostics;
};

/// Reads the key of every listed node out of pubkeys/. Touches nothing. Threads: any; blocks on the disk.
/// Limits: a key file 16 KiB, 20,000 names looked at for keys of unlisted nodes.
///
/// A missing or unusable file is a warning (W104, W105), never more: that peer is without a key, and the rest works. A private
/// key in pubkeys/ is the error E060, without its content; it too costs that peer alone its key. A key that two nodes share
/// counts for the first, and the second one of a file only where no other file begins with it (W107). The own file may be
/// missing: nothing is said about it, nor that it is unusable where `own_file_told`: it was said already (W111).
[[nodiscard]] PeerKeys load_peer_keys(const std::filesystem::path& config_dir, const NetworkRef& ref, const NetworkConfig& config,
                                      bool own_file_told = false, const NetworkFiles* files = nullptr);

/// Both together. `value` is absent if config.yml does not load.
struct FolderResult {
    std::optional<NetworkFolder> value;
    std::vector<Diagnostic> diagnostics;  ///< of both; value->notes holds the same ones where there is a value
    std::optional<NetworkId> network;
    bool missing = false;  ///< there is no config.yml
};
[[nodiscard]] FolderResult load_network_folder(const std::filesystem::path& config_dir, const NetworkRef& ref,
                                               std::string_view version = {}, const NetworkFiles* files = nullptr);

/// Whether this node is in node_config[]; if not, the warning W101 with the line to add.
[[nodiscard]] std::optional<Diagnostic> find_not_listed(const NetworkConfig& config, const NetworkRef& ref);

}  // namespace meshmon::config
