#include "cli/commands.hpp"
#include "cli/version.hpp"
#include "node/run.hpp"

namespace meshmon::cli {
namespace {

/// Absent for `auto`: the node looks at its stderr itself. Precondition: one of the choices of --log-format.
std::optional<node::LogFormat> log_format(const std::string& text) {
    if (text == "auto") return std::nullopt;
    auto format = node::parse_log_format(text);
    return format ? std::optional(*format) : std::nullopt;
}

}  // namespace

int run_command(const Invocation&, Context& context) {
    const Globals& globals = context.globals;
    const auto level = node::parse_log_level(globals.log_level);
    if (!level) return report(context, "usage", level.error(), kUsage);
    node::RunOptions options;
    options.config_dir = globals.config_dir;
    options.node_file = globals.config_file_name;
    options.data_dir = globals.data_dir;
    options.listen = globals.listen;
    options.log_level = *level;
    options.log_format = log_format(globals.log_format);
    if (globals.no_color) options.log_colour = false;
    options.version = kVersion;
    options.commit = kCommit;
    return static_cast<int>(node::run(options));
}

}  // namespace meshmon::cli
