#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "cli/commands.hpp"
#include "cli/help.hpp"

namespace meshmon::cli {
namespace {

struct Entry {
    std::string_view name;
    int (*run)(const Invocation&, Context&);
};

/// Commands by their first word; those with commands of their own look at the second themselves.
constexpr std::array kCommands = {
    Entry{"run", run_command},         Entry{"init", init_command},
    Entry{"check", check_command},     Entry{"status", status_command},
    Entry{"doctor", doctor_command},   Entry{"config", config_command},
    Entry{"key", key_command},         Entry{"healthcheck", healthcheck_command},
    Entry{"version", version_command}, Entry{"completion", completion_command},
};

int run_found(const Invocation& invocation, Context& context) {
    const std::string_view name = invocation.path.empty() ? "run" : std::string_view(invocation.path.front());
    const auto found = std::ranges::find(kCommands, name, &Entry::name);
    MM_CHECK(found != kCommands.end(), "every command of the tree has its function");
    return found->run(invocation, context);
}

}  // namespace

int dispatch(const std::vector<std::string>& arguments, Context& context) {
    // How a usage error is to be told must be known before the rest is understood.
    const auto given = [&](std::string_view flag) { return std::ranges::find(arguments, flag) != arguments.end(); };
    context.globals.json = given("--json");
    if (given("--no-color")) context.out_terminal.colour = context.err_terminal.colour = false;
    const auto invocation = parse(arguments);
    if (!invocation) return report(context, "usage", invocation.error(), kUsage);
    if (invocation->has("--help")) {
        context.out << help_text(*invocation->command, invocation->path);
        return kOk;
    }
    auto globals = resolve_globals(*invocation, context.environment);
    if (!globals) return report(context, "usage", globals.error(), kUsage);
    context.globals = std::move(*globals);
    if (invocation->has("--version")) return version_command(*invocation, context);
    if (!invocation->path.empty() && !invocation->command->commands.empty()) {
        return report(context, "usage",
                      fail("cli.usage", fmt::format("meshmon {} needs one of its commands", fmt::join(invocation->path, " ")),
                           fmt::format("meshmon {} --help", fmt::join(invocation->path, " "))),
                      kUsage);
    }
    return run_found(*invocation, context);
}

}  // namespace meshmon::cli
