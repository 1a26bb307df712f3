#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "crypto/hash.hpp"

namespace meshmon::config {

/// What the files of a configuration look like at one moment: the node file, each network's config.yml, key files and own
/// private key. Each name is followed to the file that it leads to, so that a swapped symbolic link, a file replaced and a file
/// written in place all give another stamp; times of reading do not.
///
/// Threads: any; blocks on the disk, and reads no content: about 2 us a file. Touches nothing.
[[nodiscard]] crypto::Hash stamp_files(const std::filesystem::path& config_dir, const std::string& node_file,
                                       const std::vector<NetworkRef>& networks);

/// The folders in which a change of these files shows. Some may not exist.
[[nodiscard]] std::vector<std::filesystem::path> folders_of(const std::filesystem::path& config_dir,
                                                            const std::vector<NetworkRef>& networks);

}  // namespace meshmon::config
