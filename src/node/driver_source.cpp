// What the API reads from the driver.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "node/driver.hpp"
#include "node/process_figures.hpp"

namespace meshmon::node {
namespace {

api::Repository repository_of(const config::LoadedNetwork& network, const PullState& pull) {
    api::Repository out;
    out.url = network.ref.git_repo;
    out.branch = network.ref.git_branch;
    if (network.commit) {
        out.branch = network.commit->branch;
        out.commit = network.commit->id;
        out.committed = network.commit->time;
    }
    out.asked = pull.asked;
    if (pull.failed) out.trouble = pull.failed->message;
    else if (pull.refused) out.trouble = pull.refused->message;
    return out;
}

template <typename Value, typename Ask>
std::optional<Value> ask_if_running(const Membership* membership, Ask ask) {
    if (membership == nullptr || !membership->running()) return std::nullopt;
    return ask(membership->network());
}

}  // namespace

Now Driver::now() const { return net::Loop::now(); }

api::Me Driver::me() const {
    api::Me me;
    me.version = options_.version;
    me.commit = options_.commit;
    config::ListenAddress listen = options_.listen;
    listen.port = port();
    me.listen = listen.text();
    me.config_dir = loaded_.config_dir.string();
    me.data_dir = data_.folder().string();
    me.boot_id = boot_id_;
    me.pid = getpid();
    me.started = started_.wall;
    for (const auto& membership : memberships_) {
        api::NetworkEntry& entry = me.networks.emplace_back(membership->entry());
        if (const PullState* pull = git_.find(entry.directory)) entry.repository = repository_of(membership->loaded(), *pull);
    }
    return me;
}

std::optional<mesh::NetworkView> Driver::network(const NetworkId& id) const {
    return ask_if_running<mesh::NetworkView>(find(id.str()), [&](const mesh::Network& network) { return network.view(now()); });
}

std::optional<std::vector<mesh::NodeView>> Driver::nodes(const NetworkId& id) const {
    return ask_if_running<std::vector<mesh::NodeView>>(find(id.str()),
                                                       [&](const mesh::Network& network) { return network.nodes(now()); });
}

std::optional<mesh::NodeView> Driver::node(const NetworkId& id, const NodeId& node) const {
    const Membership* membership = find(id.str());
    return membership == nullptr || !membership->running() ? std::nullopt : membership->network().node(node, now());
}

std::optional<mesh::LinkMatrix> Driver::links(const NetworkId& id) const {
    return ask_if_running<mesh::LinkMatrix>(find(id.str()), [&](const mesh::Network& network) { return network.links(now()); });
}

std::optional<mesh::Roster> Driver::roster(const NetworkId& id) const {
    return ask_if_running<mesh::Roster>(find(id.str()), [](const mesh::Network& network) { return network.roster(); });
}

std::vector<api::NodeConfig> Driver::configs(const NetworkId& id) const {
    Membership* membership = find(id.str());
    return membership == nullptr ? std::vector<api::NodeConfig>() : membership->configs(now());
}

std::optional<mesh::Counters> Driver::counters(const NetworkId& id) const {
    return ask_if_running<mesh::Counters>(find(id.str()), [](const mesh::Network& network) { return network.counters(); });
}

std::uint64_t Driver::generation(const NetworkId& id) const {
    const Membership* membership = find(id.str());
    if (membership == nullptr || !membership->running()) return 0;
    const auto retired = retired_generations_.find(id);
    return membership->network().generation() + (retired == retired_generations_.end() ? 0 : retired->second);
}

std::vector<api::Problem> Driver::problems() const { return problems_.standing(); }

api::Setup Driver::setup() const { return find_setup(facts(now()), prober_.found(), Running::yes); }

api::ProcessFigures Driver::figures() const {
    api::ProcessFigures figures;
    figures.loop_lag_last = lag_last_;
    figures.loop_lag_max = lag_max_;
    const ProcessUse use = process_use();
    figures.resident_bytes = use.resident_bytes;
    figures.cpu_seconds = use.cpu_seconds;
    const net::HttpServer::Counters server = server_.counters();
    figures.open_connections = server.open;
    figures.http_requests = server.requests;
    figures.http_refused =
        server.refused_bad + server.refused_size + server.refused_rate + server.refused_full + unknown_network_;
    figures.config_valid = config_valid();
    figures.config_loads = config_loads_;
    if (loaded_.node) figures.config_loaded = config_loaded_;
    return figures;
}

bool Driver::ready() const { return not_ready_reason().empty(); }

std::string Driver::not_ready_reason() const {
    if (!listening_) return stopped_ ? "this node is stopping" : "this node does not listen yet";
    for (const auto& membership : memberships_) {
        if (membership->save_error()) return fmt::format("state cannot be saved: {}", *membership->save_error());
    }
    return "";
}

}  // namespace meshmon::node
