#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/findings.hpp"

namespace meshmon::config {

/// config.yml while its findings are still being collected.
struct NetworkFile {
    NetworkConfig config;
    std::optional<NetworkId> network;  ///< if network_id could be read, whatever else is wrong
    std::vector<Spot> range_spots;     ///< of config.version_ranges, in their order
};

/// parse_network_config for those who add findings of their own.
[[nodiscard]] NetworkFile read_network_file(std::string_view text, Findings& findings);

/// An error for each range of node_version[] that `version` does not fit; none for an empty `version`. To be called after it was
/// asked whether the file loads: it does, though this version does not join.
void find_unmet_ranges(const NetworkFile& file, std::string_view version, Findings& findings);

}  // namespace meshmon::config
