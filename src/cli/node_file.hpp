#pragma once

#include <filesystem>
#include <vector>

#include "base/result.hpp"
#include "cli/globals.hpp"
#include "config/config.hpp"
#include "config/network_files.hpp"
#include "repo/on_disk.hpp"

/// What the commands beside `run` and `check` need of the node's file.
namespace meshmon::cli {

/// Reads nodeconf.yml. Errors: cli.config with the first finding, and `meshmon check` as the hint; config.file_missing.
Result<config::NodeConfig> read_node_file(const Globals& globals);

/// The data folder by flag, environment, file and default, in this order; a file that cannot be read counts as silent.
[[nodiscard]] std::filesystem::path data_folder(const Globals& globals);

/// One network of the file, with its id where its config.yml names one.
struct KnownNetwork {
    config::NetworkRef ref;
    std::optional<NetworkId> network;
    std::shared_ptr<const config::NetworkFiles> files;  ///< in git mode, of the commit in its clone; null: there is none yet
};

/// The networks that --network means (all of them without it). Errors: as read_node_file; cli.unknown_network, with the nearest
/// name; cli.no_networks where the file lists none.
Result<std::vector<KnownNetwork>> chosen_networks(const Globals& globals);

/// What the clones of the networks in git mode hold; empty where the node file cannot be read.
[[nodiscard]] config::FilesByDirectory commits_on_disk(const std::filesystem::path& config_dir, const std::string& node_file);

/// The commits that were fetched after those and are not in use; likewise.
[[nodiscard]] repo::NewestOnDisk newest_commits_on_disk(const std::filesystem::path& config_dir, const std::string& node_file);

/// `meshmon WORDS`, with --config-dir where it is not the default: a command to copy.
[[nodiscard]] std::string command_line(const Globals& globals, std::string_view words);

}  // namespace meshmon::cli
