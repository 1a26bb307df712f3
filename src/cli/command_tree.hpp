#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Every command, option, environment variable and exit code, once: the parser, `--help`, the shell completions and the
/// test of docs/reference/cli.md are all made from this table.
namespace meshmon::cli {

/// What a shell offers for a value.
enum class ValueKind { none, text, directory, file, choice, optional_text };

struct OptionSpec {
    std::string_view name;        ///< "--config-dir"
    std::string_view short_name;  ///< "-C" or empty
    std::string_view value;       ///< "DIR"; empty for a flag
    ValueKind kind = ValueKind::none;
    std::string_view environment;           ///< variable that stands in for it, or empty
    std::string_view text;                  ///< one line for --help
    std::vector<std::string_view> choices;  ///< for ValueKind::choice
};

struct PositionalSpec {
    std::string_view name;  ///< "PATH"
    std::string_view text;
    bool required = false;
    ValueKind kind = ValueKind::text;
    std::vector<std::string_view> choices;
};

struct ExitCode {
    int code = 0;
    std::string_view meaning;
};

struct CommandSpec {
    std::string_view name;
    std::string_view summary;                ///< one line for the list of commands
    std::string_view description;            ///< a paragraph for its own --help
    std::vector<std::string_view> examples;  ///< three
    std::vector<OptionSpec> options;         ///< its own; the global ones come on top
    std::vector<PositionalSpec> positionals;
    std::vector<CommandSpec> commands;
    std::vector<ExitCode> exit_codes;

    [[nodiscard]] const CommandSpec* find(std::string_view command) const;
    [[nodiscard]] std::vector<std::string> command_names() const;
};

struct EnvironmentSpec {
    std::string_view name;
    std::string_view text;
};

/// `meshmon` itself; its options are the global ones, which work before and after the command.
[[nodiscard]] const CommandSpec& command_tree();

/// The variables that are read although no option bears their name.
[[nodiscard]] const std::vector<EnvironmentSpec>& plain_environment();

}  // namespace meshmon::cli
