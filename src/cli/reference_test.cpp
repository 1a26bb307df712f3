#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "cli/command_tree.hpp"

/// docs/reference/cli.md says what the command tree says, no more and no less.
namespace meshmon::cli {
namespace {

std::string reference() {
    std::ifstream file(MESHMON_SOURCE_DIR "/docs/reference/cli.md");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The text below each "## title".
std::map<std::string, std::string> sections() {
    std::map<std::string, std::string> out;
    std::istringstream lines(reference());
    std::string title;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("## ")) title = line.substr(3);
        else out[title] += line + "\n";
    }
    return out;
}

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
    const std::regex expression(pattern);
    std::set<std::string> out;
    for (auto at = std::sregex_iterator(text.begin(), text.end(), expression); at != std::sregex_iterator(); ++at)
        out.insert(at->str(1));
    return out;
}

void add_commands(const CommandSpec& command, const std::string& path, std::map<std::string, const CommandSpec*>& out) {
    for (const CommandSpec& each : command.commands) {
        const std::string name = path + " " + std::string(each.name);
        out[name] = &each;
        add_commands(each, name, out);
    }
}

std::map<std::string, const CommandSpec*> commands() {
    std::map<std::string, const CommandSpec*> out;
    add_commands(command_tree(), "meshmon", out);
    return out;
}

TEST(Reference, HasOneSectionForEachCommandAndNoOther) {
    std::set<std::string> expected = {"", "Global options"};
    for (const auto& [name, command] : commands()) expected.insert(name);
    std::set<std::string> found;
    for (const auto& [title, text] : sections()) found.insert(title);
    EXPECT_EQ(found, expected);
}

TEST(Reference, NamesEveryGlobalOptionAndVariable) {
    const std::string text = sections()["Global options"];
    std::set<std::string> options;
    std::set<std::string> variables = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (const OptionSpec& option : command_tree().options) {
        options.emplace(option.name);
        if (!option.environment.empty()) variables.emplace(option.environment);
    }
    for (const EnvironmentSpec& each : plain_environment()) variables.emplace(each.name);
    EXPECT_EQ(matches(text, "`(--[a-z][a-z-]*)"), options);
    EXPECT_EQ(matches(text, "`([A-Z][A-Z_]+)`"), variables);
}

TEST(Reference, NamesEveryOptionOfEachCommand) {
    auto texts = sections();
    for (const auto& [name, command] : commands()) {
        const std::set<std::string> found = matches(texts[name], "(--[a-z][a-z-]*)");
        for (const OptionSpec& option : command->options)
            EXPECT_TRUE(found.contains(std::string(option.name))) << name << " " << option.name;
        for (const std::string& option : found) {
            const auto known = [&](const CommandSpec& spec) {
                return std::ranges::count(spec.options, option, &OptionSpec::name) > 0;
            };
            EXPECT_TRUE(known(*command) || known(command_tree())) << name << " has no " << option;
        }
    }
}

TEST(Reference, ListsTheExitCodesOfEachCommand) {
    auto texts = sections();
    for (const auto& [name, command] : commands()) {
        // The commands of `key` share the list of their parent.
        const std::string parent = name.substr(0, name.rfind(' '));
        const std::string& text = parent == "meshmon" ? texts[name] : texts[parent];
        std::set<std::string> expected;
        for (const ExitCode& each : command->exit_codes) expected.insert(fmt::format("{}", each.code));
        EXPECT_EQ(matches(text, "\\| ([0-9]+) \\|"), expected) << name;
    }
}

TEST(Reference, GivesAnExampleOfEachCommand) {
    auto texts = sections();
    for (const auto& [name, command] : commands()) {
        if (command->commands.empty()) EXPECT_THAT(texts[name], testing::ContainsRegex("```[^`]*" + name));
    }
}

}  // namespace
}  // namespace meshmon::cli
