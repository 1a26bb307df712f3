#pragma once

#include <string>
#include <vector>

#include "cli/command_tree.hpp"

namespace meshmon::cli {

/// The text of --help: three examples, usage, what it does, commands, options, variables, exit codes.
/// `path` is what was typed: {"key", "show"}.
[[nodiscard]] std::string help_text(const CommandSpec& command, const std::vector<std::string>& path);

}  // namespace meshmon::cli
