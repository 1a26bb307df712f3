#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "config/config.hpp"
#include "config/findings.hpp"

namespace meshmon::config {

/// config.yml while its findings are still being collected.
struct NetworkFile {
    NetworkConfig config;
    std::optional<NetworkId> network;  ///< if network_id could be read, whatever else is wrong
};

/// parse_network_config for those who add findings of their own.
[[nodiscard]] NetworkFile read_network_file(std::string_view text, Findings& findings);

}  // namespace meshmon::config
