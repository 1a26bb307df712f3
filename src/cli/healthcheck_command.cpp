#include <fmt/format.h>
#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "cli/daemon_client.hpp"
#include "cli/json_text.hpp"

namespace meshmon::cli {

int healthcheck_command(const Invocation& invocation, Context& context) {
    if (invocation.has("--live") && invocation.has("--ready")) {
        return report(context, "usage", fail("cli.usage", "--live and --ready exclude each other", "meshmon healthcheck --help"),
                      kUsage);
    }
    const bool live = invocation.has("--live");
    const auto url = daemon_url(context.globals);
    if (!url) return report(context, "not healthy", url.error(), url.error().code == "cli.usage" ? kUsage : kFailed);
    const auto answer = get_json(*url + (live ? "/healthz" : "/readyz"));
    if (!answer) return report(context, "not healthy", with_hint(answer.error(), *url, context.globals), kFailed);
    const std::string_view state = live ? "alive" : "ready";
    if (context.globals.json) {
        context.out << json_line({{"schema", 1}, {"status", state}, {"api", *url}});
    } else {
        context.out << fmt::format("{}: {}\n", state, sanitise(*url, context.out_terminal));
    }
    return kOk;
}

}  // namespace meshmon::cli
