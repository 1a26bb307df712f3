#pragma once

#include <filesystem>
#include <map>
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

/// What was fetched since, and runs nowhere yet.
struct NewestOnDisk {
    config::FilesByDirectory files;        ///< of commits that can be read
    std::map<std::string, Error> refused;  ///< by directory: why the newest commit is refused, for what it holds
    std::map<std::string, Error> unread;   ///< by directory: why it is not known what the newest commit holds
};

/// Of the networks whose newest commit is not the one that files_on_disk gives. Threads: any; blocks on the disk.
[[nodiscard]] NewestOnDisk newest_on_disk(const std::filesystem::path& config_dir,
                                          const std::vector<config::NetworkRef>& networks);

/// The commands by which a person adds this node's public key to the repository, for a shell on this host.
[[nodiscard]] std::string add_key_commands(const std::filesystem::path& config_dir, const config::NetworkRef& ref);

}  // namespace meshmon::repo
