#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "config/config.hpp"

/// The files that meshmon writes for a person to go on with. Nothing existing is ever overwritten.
namespace meshmon::config {

/// A commented config.yml with one entry: this node, with `url`, or `url: replace_me` if that is empty. Loads without errors.
[[nodiscard]] std::string example_network_config(const NetworkId& network, const NodeId& self, std::string_view url = {});

/// A commented node file with one network. `git_repo` empty: local mode. Loads without errors.
[[nodiscard]] std::string example_node_config(std::string_view directory, const NodeId& self, std::string_view git_repo = {});

/// A commented node file without a network.
[[nodiscard]] std::string example_node_config();

/// Creates networks/<directory>/config.yml with the example, and pubkeys/. The network is named like the directory (a name
/// that fits the rules is made from it). Errors: config.exists; config.write (with the chown).
Result<std::filesystem::path> create_network_example(const std::filesystem::path& config_dir, const NetworkRef& ref,
                                                     std::string_view url = {});

/// Creates <config_dir>/<name> with `text`, and the folder. Errors: config.exists; config.write (with the chown).
Result<std::filesystem::path> create_node_file(const std::filesystem::path& config_dir, std::string_view name,
                                               std::string_view text);

}  // namespace meshmon::config
