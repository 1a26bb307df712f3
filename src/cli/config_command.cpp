// config diff: what two nodes run, from their records, and from themselves where they answer.
#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "cli/config_diff.hpp"
#include "cli/daemon_client.hpp"
#include "cli/json_text.hpp"

namespace meshmon::cli {

int config_command(const Invocation& invocation, Context& context) {
    const auto url = daemon_url(context.globals);
    if (!url) return report(context, "no comparison", url.error(), url.error().code == "cli.usage" ? kUsage : kFailed);
    const ConfigDiffQuery query{.api = *url,
                                .network = context.globals.network,
                                .left = invocation.positionals.at(0),
                                .right = invocation.positionals.at(1)};
    const auto diff = fetch_config_diff(query, get_json);
    if (!diff) {
        const bool wrong_name = diff.error().code == "cli.unknown_node" || diff.error().code == "cli.unknown_network";
        if (wrong_name) return report(context, "usage", diff.error(), kUsage);
        return report(context, "no comparison", with_hint(diff.error(), *url, context.globals), kFailed);
    }
    if (context.globals.json) {
        boost::json::object body = config_diff_json(*diff);
        body["schema"] = 1;
        context.out << json_line(body);
    } else {
        context.out << config_diff_text(*diff, context.out_terminal);
    }
    return diff->same ? kOk : kFailed;
}

}  // namespace meshmon::cli
