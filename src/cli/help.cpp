#include "cli/help.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace meshmon::cli {
namespace {

constexpr std::size_t kLineWidth = 100;

/// `text` in lines of at most kLineWidth columns; every line but the first begins with `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent) {
    std::string out;
    std::size_t column = indent;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        if (column > indent && column + 1 + word.size() > kLineWidth) {
            out += "\n" + std::string(indent, ' ');
            column = indent;
        } else if (column > indent) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

struct Row {
    std::string left;
    std::string right;
};

std::string section(std::string_view title, const std::vector<Row>& rows) {
    if (rows.empty()) return "";
    std::size_t width = 0;
    for (const Row& row : rows) width = std::max(width, row.left.size());
    std::string out = fmt::format("\n{}:\n", title);
    for (const Row& row : rows) out += fmt::format("  {:<{}}  {}\n", row.left, width, wrapped(row.right, width + 4));
    return out;
}

std::string option_names(const OptionSpec& option) {
    std::string names = option.short_name.empty() ? "    " : fmt::format("{}, ", option.short_name);
    names += option.name;
    if (option.value.empty()) return names;
    return names +
           (option.kind == ValueKind::optional_text ? fmt::format(" [{}]", option.value) : fmt::format(" {}", option.value));
}

std::vector<Row> option_rows(const std::vector<OptionSpec>& options) {
    std::vector<Row> rows;
    for (const OptionSpec& option : options) {
        const std::string variable = option.environment.empty() ? "" : fmt::format(" [{}]", option.environment);
        rows.push_back({option_names(option), std::string(option.text) + variable});
    }
    return rows;
}

std::string usage(const CommandSpec& command, const std::vector<std::string>& path) {
    std::string line = "meshmon";
    for (const std::string& word : path) line += " " + word;
    if (!command.commands.empty()) line += path.empty() ? " [COMMAND]" : " COMMAND";
    line += " [OPTIONS]";
    for (const PositionalSpec& positional : command.positionals) {
        line += positional.required ? fmt::format(" {}", positional.name) : fmt::format(" [{}]", positional.name);
    }
    return line;
}

}  // namespace

std::string help_text(const CommandSpec& command, const std::vector<std::string>& path) {
    std::string out = "Examples:\n";
    for (const std::string_view example : command.examples) out += fmt::format("  {}\n", example);
    out += fmt::format("\nUsage: {}\n", usage(command, path));
    out += fmt::format("\n{}\n", wrapped(command.description.empty() ? command.summary : command.description, 0));

    std::vector<Row> rows;
    rows.reserve(command.commands.size());
    for (const CommandSpec& each : command.commands) rows.push_back({std::string(each.name), std::string(each.summary)});
    out += section("Commands", rows);

    rows.clear();
    for (const PositionalSpec& each : command.positionals) rows.push_back({std::string(each.name), std::string(each.text)});
    out += section("Arguments", rows);

    if (!path.empty()) out += section("Options", option_rows(command.options));
    out += section("Global options, before or after the command", option_rows(command_tree().options));

    rows.clear();
    if (path.empty() || command.name == "run") {
        for (const EnvironmentSpec& each : plain_environment()) rows.push_back({std::string(each.name), std::string(each.text)});
    }
    out += section("Environment", rows);

    rows.clear();
    for (const ExitCode& each : command.exit_codes) rows.push_back({fmt::format("{}", each.code), std::string(each.meaning)});
    out += section("Exit codes", rows);
    return out;
}

}  // namespace meshmon::cli
