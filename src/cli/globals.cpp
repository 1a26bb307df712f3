#include "cli/globals.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/check.hpp"
#include "cli/suggest.hpp"

namespace meshmon::cli {
namespace {

constexpr std::array<std::string_view, 6> kLevels = {"trace", "debug", "info", "warning", "error", "critical"};

const OptionSpec& global(std::string_view name) {
    const auto& options = command_tree().options;
    const auto found = std::ranges::find(options, name, &OptionSpec::name);
    MM_CHECK(found != options.end(), "every global option is in the command tree");
    return *found;
}

/// An empty variable counts as not set: that is how compose files hand on what nobody gave.
std::optional<std::string> flag_or_environment(std::string_view name, const Invocation& invocation,
                                               const Environment& environment) {
    if (auto value = invocation.value(name)) return value;
    const OptionSpec& option = global(name);
    if (option.environment.empty()) return std::nullopt;
    auto value = environment(option.environment);
    if (value && value->empty()) return std::nullopt;
    return value;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

template <typename Choices>
Error not_a_choice(std::string_view what, const std::string& value, const Choices& choices) {
    const std::vector<std::string> known(choices.begin(), choices.end());
    return fail(
        "cli.usage",
        fmt::format("{} is '{}', but must be one of {}{}", what, value, fmt::join(choices, ", "), did_you_mean(value, known)),
        fmt::format("{}={} meshmon", what, closest(value, known).value_or(known.front())));
}

Result<std::string> log_level(const Invocation& invocation, const Environment& environment) {
    if (invocation.count("--verbose") > 1) return std::string("trace");
    if (invocation.count("--verbose") == 1) return std::string("debug");
    if (invocation.count("--quiet") > 0) return std::string("warning");
    std::string level = lower(environment("LOG_LEVEL").value_or(""));
    if (level.empty()) return std::string("info");
    if (level == "warn") return std::string("warning");
    if (std::ranges::find(kLevels, level) == kLevels.end()) return not_a_choice("LOG_LEVEL", level, kLevels);
    return level;
}

Result<std::string> log_format(const Invocation& invocation, const Environment& environment) {
    std::string format = lower(flag_or_environment("--log-format", invocation, environment).value_or("auto"));
    const auto& choices = global("--log-format").choices;
    if (std::ranges::find(choices, format) == choices.end()) return not_a_choice("MESHMON_LOG_FORMAT", format, choices);
    return format;
}

}  // namespace

Result<Globals> resolve_globals(const Invocation& invocation, const Environment& environment) {
    const auto pick = [&](std::string_view name) { return flag_or_environment(name, invocation, environment); };
    Globals globals;
    globals.config_dir = pick("--config-dir").value_or("config");
    if (auto name = environment("CONFIG_FILE_NAME"); name && !name->empty()) {
        if (name->contains('/')) {
            return fail("cli.usage", fmt::format("CONFIG_FILE_NAME is '{}', but must be a file name without '/'", *name),
                        "meshmon --config-dir DIR");
        }
        globals.config_file_name = *name;
    }
    globals.data_dir = pick("--data-dir");
    globals.listen = pick("--listen");
    globals.api = pick("--api");
    globals.network = pick("--network");
    globals.json = invocation.has("--json");
    globals.no_color = invocation.has("--no-color");
    globals.quiet = invocation.has("--quiet");
    auto level = log_level(invocation, environment);
    if (!level) return level.error();
    globals.log_level = *level;
    auto format = log_format(invocation, environment);
    if (!format) return format.error();
    globals.log_format = *format;
    return globals;
}

}  // namespace meshmon::cli
