#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/command_tree.hpp"

namespace meshmon::cli {

/// A command line, taken apart by the command tree. Values are not looked at yet, save that a choice is one of its choices.
struct Invocation {
    std::vector<std::string> path;              ///< {"key", "generate"}; empty for bare `meshmon`
    const CommandSpec* command = nullptr;       ///< never null; of bare `meshmon` the tree itself
    std::map<std::string, std::string> values;  ///< by "--option"; of a repeated option the last; "" for --watch without one
    std::map<std::string, int> flags;           ///< by "--flag": how often
    std::vector<std::string> positionals;

    [[nodiscard]] bool has(std::string_view option) const;
    [[nodiscard]] std::optional<std::string> value(std::string_view option) const;
    [[nodiscard]] int count(std::string_view flag) const;
};

/// `arguments` without the program's name. Errors: cli.usage, with the nearest right word where there is one.
Result<Invocation> parse(const std::vector<std::string>& arguments);

}  // namespace meshmon::cli
