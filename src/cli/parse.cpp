#include "cli/parse.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/suggest.hpp"

/// The only file that knows CLI11. It splits words into commands, options and values; all sentences are ours.
namespace meshmon::cli {
namespace {

/// One command of the tree beside what CLI11 made of it.
struct Bound {
    const CommandSpec* spec = nullptr;
    CLI::App* app = nullptr;
    std::vector<std::pair<const OptionSpec*, CLI::Option*>> options;
    std::vector<CLI::Option*> positionals;
};

void bind(const CommandSpec& spec, CLI::App& app, std::vector<Bound>& bound) {
    app.set_help_flag();
    app.allow_extras();
    app.fallthrough();
    Bound mine{.spec = &spec, .app = &app, .options = {}, .positionals = {}};
    for (const OptionSpec& option : spec.options) {
        std::string names(option.name);
        if (!option.short_name.empty()) names += "," + std::string(option.short_name);
        CLI::Option* added = nullptr;
        if (option.value.empty()) {
            added = app.add_flag(names)->disable_flag_override();
        } else {
            added = app.add_option(names)->expected(option.kind == ValueKind::optional_text ? 0 : 1, 1);
        }
        added->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
        mine.options.emplace_back(&option, added);
    }
    for (const PositionalSpec& positional : spec.positionals) {
        mine.positionals.push_back(app.add_option(std::string(positional.name))->expected(1));
    }
    bound.push_back(std::move(mine));
    if (spec.commands.empty()) return;
    app.require_subcommand(0, 1);
    for (const CommandSpec& command : spec.commands) bind(command, *app.add_subcommand(std::string(command.name)), bound);
}

/// "meshmon key show"
std::string typed(const Invocation& invocation) {
    std::string words = "meshmon";
    for (const std::string& word : invocation.path) words += " " + word;
    return words;
}

std::string help_command(const Invocation& invocation) { return typed(invocation) + " --help"; }

Error unknown(std::string_view kind, const std::string& word, const std::vector<std::string>& known,
              const Invocation& invocation) {
    const auto meant = closest(word, known);
    return fail("cli.usage", fmt::format("{} has no {} '{}'{}", typed(invocation), kind, word, did_you_mean(word, known)),
                meant ? fmt::format("{} {}", typed(invocation), *meant) : help_command(invocation));
}

Error unknown_option(const std::string& word, const Invocation& invocation) {
    std::vector<std::string> known;
    for (const CommandSpec* spec : {invocation.command, &command_tree()}) {
        for (const OptionSpec& option : spec->options) known.emplace_back(option.name);
    }
    return unknown("option", word.substr(0, word.find('=')), known, invocation);
}

Result<void> check_rest(const std::vector<std::string>& rest, const Invocation& invocation) {
    for (const std::string& word : rest) {
        if (word.size() > 1 && word.starts_with('-') && word != "--") return unknown_option(word, invocation);
        if (!invocation.command->commands.empty())
            return unknown("command", word, invocation.command->command_names(), invocation);
        return fail("cli.usage", fmt::format("{} does not take '{}'", typed(invocation), word), help_command(invocation));
    }
    return {};
}

Result<void> check_choice(std::string_view what, const std::string& value, const std::vector<std::string_view>& choices,
                          const Invocation& invocation) {
    if (choices.empty() || std::ranges::find(choices, value) != choices.end()) return {};
    const std::vector<std::string> known(choices.begin(), choices.end());
    return fail(
        "cli.usage",
        fmt::format("{} is '{}', but must be one of {}{}", what, value, fmt::join(choices, ", "), did_you_mean(value, known)),
        help_command(invocation));
}

Result<void> check_values(const Invocation& invocation) {
    for (const CommandSpec* spec : {&command_tree(), invocation.command}) {
        for (const OptionSpec& option : spec->options) {
            const auto value = invocation.value(option.name);
            if (!value) continue;
            if (value->empty() && option.kind != ValueKind::optional_text) {
                return fail("cli.usage", fmt::format("{} needs a value ({})", option.name, option.value),
                            help_command(invocation));
            }
            if (auto checked = check_choice(option.name, *value, option.choices, invocation); !checked) return checked;
        }
    }
    for (std::size_t i = 0; i < invocation.command->positionals.size(); ++i) {
        const PositionalSpec& spec = invocation.command->positionals[i];
        if (i >= invocation.positionals.size()) {
            if (!spec.required || invocation.has("--help")) break;
            return fail("cli.usage", fmt::format("{} needs {}: {}", typed(invocation), spec.name, spec.text),
                        help_command(invocation));
        }
        if (auto checked = check_choice(spec.name, invocation.positionals[i], spec.choices, invocation); !checked) return checked;
    }
    return {};
}

void collect(const Bound& bound, Invocation& invocation) {
    for (const auto& [spec, option] : bound.options) {
        if (option->count() == 0) continue;
        const std::string name(spec->name);
        if (spec->value.empty()) {
            invocation.flags[name] = static_cast<int>(option->count());
        } else {
            invocation.values[name] = option->results().back();
        }
    }
    for (const CLI::Option* positional : bound.positionals) {
        if (positional->count() > 0) invocation.positionals.push_back(positional->results().front());
    }
}

/// What CLI11 refuses itself: an option without its value, a flag with one.
Error refused(const CLI::ParseError& error, const Invocation& invocation) {
    const std::string text = error.what();
    for (const CommandSpec* spec : {invocation.command, &command_tree()}) {
        for (const OptionSpec& option : spec->options) {
            // CLI11 names an option with its dashes, a flag without.
            const std::string name = text.substr(0, text.find_first_of(" :"));
            if (name != option.name && name != option.name.substr(2) && name != option.short_name) continue;
            if (option.value.empty())
                return fail("cli.usage", fmt::format("{} takes no value", option.name), help_command(invocation));
            return fail("cli.usage", fmt::format("{} needs a value ({})", option.name, option.value), help_command(invocation));
        }
    }
    return fail("cli.usage", "the command line cannot be read: " + text, help_command(invocation));
}

}  // namespace

bool Invocation::has(std::string_view option) const { return value(option).has_value() || count(option) > 0; }

std::optional<std::string> Invocation::value(std::string_view option) const {
    const auto found = values.find(std::string(option));
    if (found == values.end()) return std::nullopt;
    return found->second;
}

int Invocation::count(std::string_view flag) const {
    const auto found = flags.find(std::string(flag));
    return found == flags.end() ? 0 : found->second;
}

Result<Invocation> parse(const std::vector<std::string>& arguments) {
    CLI::App app;
    std::vector<Bound> bound;
    bind(command_tree(), app, bound);
    Invocation invocation;
    invocation.command = &command_tree();
    try {
        // CLI11 takes its words from the back.
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::ParseError& error) {
        for (const Bound& each : bound) {
            if (each.app == &app || !each.app->parsed()) continue;
            invocation.path.emplace_back(each.spec->name);
            invocation.command = each.spec;
        }
        return refused(error, invocation);
    } catch (const std::exception& error) {
        return fail("cli.usage", fmt::format("the command line cannot be read: {}", error.what()), "meshmon --help");
    }
    for (const Bound& each : bound) {
        if (each.app != &app) {
            if (!each.app->parsed()) continue;
            invocation.path.emplace_back(each.spec->name);
            invocation.command = each.spec;
        }
        collect(each, invocation);
    }
    if (auto checked = check_rest(app.remaining(true), invocation); !checked) return checked.error();
    if (auto checked = check_values(invocation); !checked) return checked.error();
    return invocation;
}

}  // namespace meshmon::cli
