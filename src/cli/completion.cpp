#include "cli/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace meshmon::cli {
namespace {

/// A text inside single quotes of a shell. zsh's _arguments gives ':' and brackets a meaning, fish and bash do not.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string zsh_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::vector<std::string> option_words(const CommandSpec& command) {
    std::vector<std::string> words;
    for (const OptionSpec& option : command.options) {
        words.emplace_back(option.name);
        if (!option.short_name.empty()) words.emplace_back(option.short_name);
    }
    return words;
}

std::string pattern(const OptionSpec& option) {
    return option.short_name.empty() ? std::string(option.name) : fmt::format("{}|{}", option.name, option.short_name);
}

/// The global ones, then those of each command.
std::vector<const OptionSpec*> all_options(const CommandSpec& tree) {
    std::vector<const OptionSpec*> all;
    const auto add = [&](const CommandSpec& command) {
        for (const OptionSpec& option : command.options) all.push_back(&option);
    };
    add(tree);
    for (const CommandSpec& command : tree.commands) add(command);
    return all;
}

/// bash: what to offer behind an option that takes a value.
std::string bash_value_cases(const CommandSpec& tree) {
    std::string out;
    for (const OptionSpec* option : all_options(tree)) {
        switch (option->kind) {
            case ValueKind::none:
            case ValueKind::optional_text: break;
            case ValueKind::directory:
                out += fmt::format("        {}) COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n", pattern(*option));
                break;
            case ValueKind::file:
                out += fmt::format("        {}) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n", pattern(*option));
                break;
            case ValueKind::choice:
                out += fmt::format("        {}) COMPREPLY=($(compgen -W \"{}\" -- \"$cur\")); return ;;\n", pattern(*option),
                                   fmt::join(option->choices, " "));
                break;
            case ValueKind::text: out += fmt::format("        {}) return ;;\n", pattern(*option)); break;
        }
    }
    return out;
}

/// bash: the pattern of options whose value is the next word.
std::string value_options(const CommandSpec& tree) {
    std::vector<std::string> patterns;
    for (const OptionSpec* option : all_options(tree)) {
        if (option->kind != ValueKind::none && option->kind != ValueKind::optional_text) patterns.push_back(pattern(*option));
    }
    return fmt::format("{}", fmt::join(patterns, "|"));
}

/// One case of bash's `case "$path"`: the words that may follow the commands typed so far.
std::string bash_case(const CommandSpec& command, const std::string& path, const std::string& globals) {
    std::vector<std::string> words = command.command_names();
    bool files = false;
    for (const PositionalSpec& positional : command.positionals) {
        words.insert(words.end(), positional.choices.begin(), positional.choices.end());
        files = files || positional.kind == ValueKind::file;
    }
    std::vector<std::string> options = path.empty() ? std::vector<std::string>() : option_words(command);
    options.push_back(globals);
    std::string out = fmt::format("        '{}') words=\"{}\"; options=\"{}\"; files={} ;;\n", path, fmt::join(words, " "),
                                  fmt::join(options, " "), files ? 1 : 0);
    for (const CommandSpec& each : command.commands) {
        out += bash_case(each, path.empty() ? std::string(each.name) : fmt::format("{} {}", path, each.name), globals);
    }
    return out;
}

void collect_paths(const CommandSpec& command, const std::string& path, std::vector<std::string>& paths) {
    for (const CommandSpec& each : command.commands) {
        const std::string own = path.empty() ? std::string(each.name) : fmt::format("{} {}", path, each.name);
        paths.push_back(own);
        collect_paths(each, own, paths);
    }
}

std::string zsh_option(const OptionSpec& option) {
    std::string value;
    switch (option.kind) {
        case ValueKind::none: break;
        case ValueKind::text: value = fmt::format(":{}: ", zsh_text(option.value)); break;
        case ValueKind::optional_text: value = fmt::format("::{}: ", zsh_text(option.value)); break;
        case ValueKind::directory: value = fmt::format(":{}:_files -/", zsh_text(option.value)); break;
        case ValueKind::file: value = fmt::format(":{}:_files", zsh_text(option.value)); break;
        case ValueKind::choice: value = fmt::format(":{}:({})", zsh_text(option.value), fmt::join(option.choices, " ")); break;
    }
    std::string out = quoted(fmt::format("{}[{}]{}", option.name, zsh_text(option.text), value));
    if (!option.short_name.empty()) out += " " + quoted(fmt::format("{}[{}]{}", option.short_name, zsh_text(option.text), value));
    return out;
}

std::string zsh_options(const CommandSpec& command) {
    std::string out;
    for (const OptionSpec& option : command.options) out += fmt::format(" \\\n        {}", zsh_option(option));
    return out;
}

std::string zsh_commands(const CommandSpec& command) {
    std::string out;
    for (const CommandSpec& each : command.commands) {
        out += fmt::format("        {}\n", quoted(fmt::format("{}:{}", each.name, zsh_text(each.summary))));
    }
    return out;
}

std::string zsh_positionals(const CommandSpec& command) {
    std::string out;
    for (const PositionalSpec& each : command.positionals) {
        const std::string action = each.kind == ValueKind::choice ? fmt::format("({})", fmt::join(each.choices, " ")) : "_files";
        out += " \\\n        " + quoted(fmt::format("{}{}:{}", each.required ? ":" : "::", zsh_text(each.name), action));
    }
    return out;
}

/// One function a command; a command with commands of its own hands on to theirs.
std::string zsh_function(const CommandSpec& command, const std::string& function, const CommandSpec& tree) {
    std::string out = fmt::format("{}() {{\n", function);
    const std::string own = &command == &tree ? "" : zsh_options(command);
    if (command.commands.empty()) {
        out += fmt::format("    _arguments -s{}{}{}\n}}\n\n", own, zsh_options(tree), zsh_positionals(command));
        return out;
    }
    out +=
        fmt::format("    local curcontext=\"$curcontext\" state line\n    local -a commands=(\n{}    )\n", zsh_commands(command));
    out += fmt::format("    _arguments -s -C{}{} \\\n        '1: :->command' '*:: :->rest'\n", own, zsh_options(tree));
    out += "    case $state in\n        command) _describe 'command' commands ;;\n        rest)\n            case $line[1] in\n";
    for (const CommandSpec& each : command.commands)
        out += fmt::format("                {}) {}_{} ;;\n", each.name, function, each.name);
    out += "            esac ;;\n    esac\n}\n\n";
    for (const CommandSpec& each : command.commands) out += zsh_function(each, fmt::format("{}_{}", function, each.name), tree);
    return out;
}

std::string fish_option(const OptionSpec& option, const std::string& condition) {
    std::string out = "complete -c meshmon";
    if (!condition.empty()) out += " -n " + quoted(condition);
    out += fmt::format(" -l {}", option.name.substr(2));
    if (!option.short_name.empty()) out += fmt::format(" -s {}", option.short_name.substr(1));
    switch (option.kind) {
        case ValueKind::none:
        case ValueKind::optional_text: break;
        case ValueKind::text: out += " -x"; break;
        case ValueKind::directory: out += " -x -a '(__fish_complete_directories)'"; break;
        case ValueKind::file: out += " -r -F"; break;
        case ValueKind::choice: out += fmt::format(" -x -a '{}'", fmt::join(option.choices, " ")); break;
    }
    return fmt::format("{} -d {}\n", out, quoted(option.text));
}

std::string fish_commands(const CommandSpec& command, const std::string& condition) {
    std::string out;
    for (const CommandSpec& each : command.commands) {
        out += fmt::format("complete -c meshmon -n {} -f -a {} -d {}\n", quoted(condition), each.name, quoted(each.summary));
        const std::string seen = fmt::format("__fish_seen_subcommand_from {}", each.name);
        for (const OptionSpec& option : each.options) out += fish_option(option, seen);
        for (const PositionalSpec& positional : each.positionals) {
            if (positional.kind == ValueKind::choice) {
                out += fmt::format("complete -c meshmon -n {} -f -a '{}'\n", quoted(seen), fmt::join(positional.choices, " "));
            } else {
                out += fmt::format("complete -c meshmon -n {} -F\n", quoted(seen));
            }
        }
        if (each.commands.empty()) continue;
        const std::string names = fmt::format("{}", fmt::join(each.command_names(), " "));
        out += fish_commands(each, fmt::format("{}; and not __fish_seen_subcommand_from {}", seen, names));
    }
    return out;
}

}  // namespace

std::string bash_completion(const CommandSpec& tree) {
    std::vector<std::string> paths;
    collect_paths(tree, "", paths);
    for (std::string& path : paths) path = quoted(path);
    std::string out = "# bash completion of meshmon: source <(meshmon completion bash)\n_meshmon() {\n";
    out +=
        "    local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD-1]}\" path='' next word words='' options='' "
        "files=0 i\n";
    out += "    COMPREPLY=()\n    case \"$prev\" in\n" + bash_value_cases(tree) + "    esac\n";
    out += "    for ((i = 1; i < COMP_CWORD; i++)); do\n        word=\"${COMP_WORDS[i]}\"\n";
    out += fmt::format("        case \"$word\" in {}) ((i++)); continue ;; -*) continue ;; esac\n", value_options(tree));
    out += "        next=\"${path:+$path }$word\"\n";
    out += fmt::format("        case \"$next\" in {}) path=\"$next\" ;; esac\n    done\n", fmt::join(paths, "|"));
    out += "    case \"$path\" in\n" + bash_case(tree, "", fmt::format("{}", fmt::join(option_words(tree), " "))) + "    esac\n";
    out += "    if [[ \"$cur\" == -* ]]; then\n        COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n";
    out += "    elif ((files)); then\n        COMPREPLY=($(compgen -f -- \"$cur\"))\n";
    out += "    else\n        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n    fi\n}\ncomplete -F _meshmon meshmon\n";
    return out;
}

std::string zsh_completion(const CommandSpec& tree) {
    return "#compdef meshmon\n# zsh completion of meshmon: meshmon completion zsh > ~/.zfunc/_meshmon\n\n" +
           zsh_function(tree, "_meshmon", tree) +
           "# Loaded from $fpath this file is the function itself; sourced it only defines it.\n"
           "if [ \"$funcstack[1]\" = _meshmon ]; then _meshmon \"$@\"; else compdef _meshmon meshmon; fi\n";
}

std::string fish_completion(const CommandSpec& tree) {
    std::string out =
        "# fish completion of meshmon: meshmon completion fish > ~/.config/fish/completions/meshmon.fish\ncomplete -c meshmon "
        "-f\n";
    for (const OptionSpec& option : tree.options) out += fish_option(option, "");
    return out + fish_commands(tree, "__fish_use_subcommand");
}

}  // namespace meshmon::cli
