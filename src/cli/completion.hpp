#pragma once

#include <string>

#include "cli/command_tree.hpp"

/// Completion scripts, made from the command tree. Nothing is asked of the program while completing.
namespace meshmon::cli {

[[nodiscard]] std::string bash_completion(const CommandSpec& tree);
[[nodiscard]] std::string zsh_completion(const CommandSpec& tree);
[[nodiscard]] std::string fish_completion(const CommandSpec& tree);

}  // namespace meshmon::cli
