#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.hpp"

namespace meshmon::config {

/// The node file with what is known of it although it may not load.
struct NodeFile {
    Parsed<NodeConfig> parsed;
    std::optional<Result<std::string>>
        listen;  ///< absent: the key is, or the file is no YAML. Errors: config.listen, with its place
};

/// parse_node_config for those who must know where to listen in any case.
[[nodiscard]] NodeFile read_node_file(std::string_view text, const std::filesystem::path& file);

}  // namespace meshmon::config
