#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "cli/parse.hpp"
#include "cli/terminal.hpp"

namespace meshmon::cli {

/// The global options, resolved: flag before environment before file before default. What only a file or a default decides
/// stays absent here; the configuration loader and the node fill it in.
struct Globals {
    std::filesystem::path config_dir = "config";
    std::string config_file_name = "nodeconf.yml";
    std::optional<std::filesystem::path> data_dir;
    std::optional<std::string> listen;
    std::optional<std::string> api;
    std::optional<std::string> network;
    bool json = false;
    bool no_color = false;
    bool quiet = false;
    std::string log_level = "info";   ///< trace debug info warning error critical
    std::string log_format = "auto";  ///< auto short logfmt json
};

/// Errors: cli.usage, naming the variable that holds a value it cannot have.
Result<Globals> resolve_globals(const Invocation& invocation, const Environment& environment);

}  // namespace meshmon::cli
