// doctor: the checklist of the setup, from the running daemon, or without one from the files and by asking the peers.
#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "cli/commands.hpp"
#include "cli/daemon_client.hpp"
#include "cli/json_text.hpp"
#include "cli/node_file.hpp"
#include "cli/setup_text.hpp"
#include "cli/version.hpp"
#include "net/loop.hpp"
#include "net/sync_client.hpp"
#include "node/setup.hpp"

namespace meshmon::cli {
namespace {

constexpr Duration kProbeDeadline = std::chrono::seconds(5);
constexpr std::size_t kProbesAtOnce = 16;

struct Target {
    std::pair<std::string, NodeId> key;
    std::string url;
};

std::vector<Target> targets_of(const config::Loaded& loaded) {
    std::vector<Target> targets;
    for (const config::LoadedNetwork& network : loaded.networks) {
        if (!network.folder || !network.network) continue;
        for (const config::Peer& peer : network.folder->config.peers) {
            if (peer.node_id == network.ref.node_id || peer.url_state != config::UrlState::usable) continue;
            targets.push_back({{network.ref.directory, peer.node_id}, node::probe_url(peer.url, *network.network)});
        }
    }
    return targets;
}

/// Asks all of them, some at a time.
node::PeerProbes probe(const std::vector<Target>& targets) {
    node::PeerProbes probes;
    std::mutex mutex;
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < targets.size(); i = next++) {
            node::PeerProbe result = node::read_probe(net::fetch(targets[i].url, kProbeDeadline));
            const std::scoped_lock lock(mutex);
            probes.emplace(targets[i].key, std::move(result));
        }
    };
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < std::min(kProbesAtOnce, targets.size()); ++i) workers.emplace_back(work);
    workers.clear();
    return probes;
}

/// The same answer that a daemon would give, as far as it can be known without one.
std::string setup_without_daemon(const Globals& globals) {
    const config::Loaded loaded = config::load({.config_dir = globals.config_dir,
                                                .node_file = globals.config_file_name,
                                                .mode = config::LoadMode::check,
                                                .version = std::string(kVersion),
                                                .files = commits_on_disk(globals.config_dir, globals.config_file_name)});
    node::Facts facts;
    facts.loaded = &loaded;
    facts.version = kVersion;
    facts.data_dir = data_folder(globals).string();
    facts.listen = loaded.listen ? *loaded.listen : std::string();
    for (const config::LoadedNetwork& network : loaded.networks) {
        node::NetworkFacts& each = facts.networks.emplace_back();
        each.loaded = &network;
    }
    api::JsonWriter json;
    api::write_setup(json, node::find_setup(facts, probe(targets_of(loaded)), node::Running::no), net::Loop::now().wall);
    return json.take();
}

Result<boost::json::object> find_setup(const Globals& globals) {
    const auto url = daemon_url(globals);
    if (!url && url.error().code == "cli.usage") return url.error();
    if (url) {
        auto answer = get_json(*url + "/api/v1/health/setup");
        if (answer) return std::move(answer->as_object());
        if (globals.api || answer.error().code != "cli.unreachable") return with_hint(answer.error(), *url, globals);
    }
    return boost::json::parse(setup_without_daemon(globals)).as_object();
}

}  // namespace

int doctor_command(const Invocation&, Context& context) {
    auto setup = find_setup(context.globals);
    if (!setup) return report(context, "no checklist", setup.error(), setup.error().code == "cli.usage" ? kUsage : kFailed);
    const boost::json::value* complete = setup->if_contains("complete");
    const bool good = complete != nullptr && complete->is_bool() && complete->get_bool();
    if (context.globals.json) {
        (*setup)["schema"] = 1;
        context.out << json_line(*setup);
    } else {
        context.out << setup_text(*setup, context.out_terminal);
    }
    return good ? kOk : kDegraded;
}

}  // namespace meshmon::cli
