#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/network_files.hpp"
#include "repo/clone.hpp"

namespace meshmon::repo {

/// The clone of one entry of networks[]. Precondition: it is in git mode.
/// Errors: repo.token, as find_credentials; config.git_url.
Result<Clone> clone_of(const std::filesystem::path& config_dir, const config::NetworkRef& ref, Limits limits = {});

/// What the clones on disk hold, for every network in git mode; nobody is asked. A clone that holds nothing yet is left out.
/// Threads: any; blocks on the disk.
[[nodiscard]] config::FilesByDirectory files_on_disk(const std::filesystem::path& config_dir,
                                                     const std::vector<config::NetworkRef>& networks);

/// The commands by which a person adds this node's public key to the repository, for a shell on this host.
[[nodiscard]] std::string add_key_commands(const std::filesystem::path& config_dir, const config::NetworkRef& ref);

}  // namespace meshmon::repo
