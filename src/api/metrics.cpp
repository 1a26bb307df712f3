// /metrics: everything that docs/reference/metrics.md lists, made anew at each scrape.
#include <initializer_list>
#include <sstream>
#include <utility>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "api/present.hpp"
#include "api/routes.hpp"

namespace meshmon::api {

namespace {

using prometheus::MetricType;
using Label = prometheus::ClientMetric::Label;
using Labels = std::initializer_list<std::pair<const char*, std::string_view>>;

/// Families in the order in which they are first named; the samples of one family stay together whoever adds them.
class Families {
public:
    /// `name` and `help` of one family are always the same; a family without samples is served all the same.
    void declare(const char* name, MetricType type, const char* help) { family(name, type, help); }

    void gauge(const char* name, const char* help, Labels labels, double value) {
        add(name, MetricType::Gauge, help, labels, value);
    }
    void counter(const char* name, const char* help, Labels labels, std::uint64_t value) {
        add(name, MetricType::Counter, help, labels, static_cast<double>(value));
    }
    void counter_of_seconds(const char* name, const char* help, double value) { add(name, MetricType::Counter, help, {}, value); }

    [[nodiscard]] std::string text() const {
        std::ostringstream out;
        prometheus::TextSerializer().Serialize(out, families_);
        return std::move(out).str();
    }

private:
    prometheus::MetricFamily& family(const char* name, MetricType type, const char* help) {
        const auto [found, added] = places_.try_emplace(name, families_.size());
        if (added) {
            prometheus::MetricFamily& fresh = families_.emplace_back();
            fresh.name = name;
            fresh.help = help;
            fresh.type = type;
        }
        return families_[found->second];
    }

    void add(const char* name, MetricType type, const char* help, Labels labels, double value) {
        prometheus::ClientMetric& sample = family(name, type, help).metric.emplace_back();
        for (const auto& [label, text] : labels) sample.label.push_back({label, std::string(text)});
        sample.gauge.value = value;
        sample.counter.value = value;
    }

    std::vector<prometheus::MetricFamily> families_;
    std::map<std::string_view, std::size_t> places_;
};

double timestamp(WallTime time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

void add_process(Families& out, const Source& source) {
    const Me me = source.me();
    const ProcessFigures figures = source.figures();
    out.gauge("meshmon_build_info", "Which meshmon this is; always 1", {{"version", me.version}, {"commit", me.commit}}, 1);
    out.gauge("process_start_time_seconds", "When this process started, Unix time", {}, timestamp(me.started));
    out.gauge("process_resident_memory_bytes", "Memory in use", {}, static_cast<double>(figures.resident_bytes));
    out.counter_of_seconds("process_cpu_seconds_total", "Processor time, user and system", figures.cpu_seconds);
    out.gauge("meshmon_loop_lag_seconds", "By how much the event loop was late when last measured", {},
              to_seconds(figures.loop_lag_last));
    out.gauge("meshmon_loop_lag_max_seconds", "The greatest lag of the event loop since the start", {},
              to_seconds(figures.loop_lag_max));
    out.gauge("meshmon_http_connections", "Open connections of clients and peers to this node", {},
              static_cast<double>(figures.open_connections));
    out.counter("meshmon_http_requests_total", "Requests answered", {}, figures.http_requests);
    out.counter("meshmon_http_refused_total", "Connections and requests turned away by limits", {}, figures.http_refused);
    out.gauge("meshmon_ready", "Whether /readyz answers 200", {}, source.ready());
}

/// Those of a network whose id is not known yet go by its directory.
void add_repositories(Families& out, const Me& me) {
    for (const NetworkEntry& entry : me.networks) {
        if (!entry.repository) continue;
        const Repository& repository = *entry.repository;
        const std::string network = entry.network ? entry.network->str() : entry.directory;
        out.gauge("meshmon_git_commit_info", "Which commit of a repository runs; always 1",
                  {{"network", network}, {"commit", repository.commit}}, 1);
        out.gauge("meshmon_git_pull_ok", "Whether the last look at the repository got an answer that was taken",
                  {{"network", network}}, repository.trouble.empty());
        if (repository.asked) {
            out.gauge("meshmon_git_asked_timestamp_seconds", "When a look at the repository last got an answer, Unix time",
                      {{"network", network}}, timestamp(*repository.asked));
        }
    }
}

void add_config(Families& out, const Source& source) {
    using Group = std::pair<std::string, Severity>;
    const ProcessFigures figures = source.figures();
    out.gauge("meshmon_config_valid", "Whether the newest state of all configuration files could be loaded", {},
              figures.config_valid);
    out.declare("meshmon_config_loaded_timestamp_seconds", MetricType::Gauge, "When configuration was last loaded, Unix time");
    if (figures.config_loaded) {
        out.gauge("meshmon_config_loaded_timestamp_seconds", "", {}, timestamp(*figures.config_loaded));
    }
    const ConfigLoads& loads = figures.config_loads;
    for (const auto& [result, count] :
         {std::pair{"applied", loads.applied}, {"unchanged", loads.unchanged}, {"rejected", loads.rejected}}) {
        out.counter("meshmon_config_loads_total", "Times that the configuration was read anew while running, by what came of it",
                    {{"result", result}}, count);
    }
    add_repositories(out, source.me());
    std::map<Group, std::size_t> groups;
    for (const Problem& problem : source.problems()) ++groups[{problem.code, problem.severity}];
    out.declare("meshmon_problems", MetricType::Gauge, "Problems of this node, by their code");
    for (const auto& [group, count] : groups) {
        out.gauge("meshmon_problems", "", {{"code", group.first}, {"severity", to_string(group.second)}},
                  static_cast<double>(count));
    }
}

void add_stream(Families& out, const Feed& feed) {
    out.gauge("meshmon_stream_clients", "Clients that listen at /api/v1/stream", {}, static_cast<double>(feed.subscribers()));
    out.counter("meshmon_stream_events_total", "Events told to streams", {}, feed.events_total());
    out.counter("meshmon_stream_slow_clients_total", "Clients cut off because they read too slowly", {},
                feed.slow_readers_total());
}

void add_view(Families& out, const mesh::NetworkView& view) {
    using enum mesh::SelfHealth;
    const std::string_view network = view.id.str();
    out.gauge("meshmon_network_info", "As which node this one is in the network, and by which configuration; always 1",
              {{"network", network},
               {"node", view.self.str()},
               {"config_revision", config::Revision::parse(view.config_revision).content}},
              1);
    out.gauge("meshmon_nodes", "Nodes in the list of the network", {{"network", network}}, static_cast<double>(view.nodes));
    out.gauge("meshmon_nodes_seen", "Nodes that this one sees, itself included", {{"network", network}},
              static_cast<double>(view.seen));
    out.gauge("meshmon_quorum_nodes", "Nodes that this one must see to judge", {{"network", network}},
              static_cast<double>(view.quorum));
    out.gauge("meshmon_has_quorum", "Whether this node sees a quorum", {{"network", network}}, view.has_quorum);
    out.gauge("meshmon_partition_sides", "Sides that the network is split into; 1 is whole", {{"network", network}},
              static_cast<double>(view.partition.sides.size()));
    out.gauge("meshmon_broken_links", "Pairs of living nodes without a link", {{"network", network}},
              static_cast<double>(view.partition.broken_links.size()));
    for (const mesh::SelfHealth health : {healthy, unhealthy, isolated, leaving}) {
        out.gauge("meshmon_self_health", "What this node says of itself; 1 for the state that holds",
                  {{"network", network}, {"health", mesh::to_string(health)}}, view.self_health == health);
    }
}

void add_link(Families& out, std::string_view network, const mesh::LinkView& link) {
    const Labels labels{{"network", network}, {"node", link.peer.str()}};
    if (link.rtt_smoothed) {
        out.gauge("meshmon_peer_rtt_seconds", "Round trip of exchanges with the node, smoothed", labels,
                  to_seconds(*link.rtt_smoothed));
    }
    if (link.loss)
        out.gauge("meshmon_peer_loss_ratio", "Share of recent exchanges with the node that failed", labels, *link.loss);
    if (link.clock_offset) {
        out.gauge("meshmon_peer_clock_offset_seconds", "The node's clock minus this one's", labels,
                  to_seconds(*link.clock_offset));
    }
}

void add_nodes(Families& out, std::string_view network, const std::vector<mesh::NodeView>& nodes) {
    using enum mesh::Status;
    for (const mesh::NodeView& node : nodes) {
        for (const mesh::Status status : {up, degraded, down, unknown}) {
            out.gauge("meshmon_node_status", "The verdict on the node; 1 for the status that holds",
                      {{"network", network}, {"node", node.id.str()}, {"status", mesh::to_string(status)}},
                      node.status == status);
        }
        out.gauge("meshmon_node_contested", "Whether observers disagree about the node",
                  {{"network", network}, {"node", node.id.str()}}, node.contested);
        if (node.link) add_link(out, network, *node.link);
    }
}

void add_configs(Families& out, std::string_view network, const std::vector<NodeConfig>& configs) {
    for (const NodeConfig& config : configs) {
        out.gauge("meshmon_node_config_same", "Whether the node runs the same configuration as this one",
                  {{"network", network}, {"node", config.node.str()}}, config.drift == Drift::same);
    }
}

void add_counters(Families& out, std::string_view network, const mesh::Counters& counters) {
    const Labels labels{{"network", network}};
    out.counter("meshmon_exchanges_started_total", "Exchanges that this node started", labels, counters.exchanges_started);
    out.counter("meshmon_exchanges_succeeded_total", "Exchanges started here that a peer answered", labels,
                counters.exchanges_succeeded);
    for (const auto& [reason, count] : counters.exchanges_failed) {
        out.counter("meshmon_exchanges_failed_total", "Exchanges started here that failed, by reason",
                    {{"network", network}, {"reason", reason_word(reason)}}, count);
    }
    out.counter("meshmon_exchange_requests_accepted_total", "Exchanges that peers started and this node took in", labels,
                counters.requests_accepted);
    out.counter("meshmon_exchange_requests_unproven_total", "Requests that opened but proved no life: answered with a challenge",
                labels, counters.requests_unproven);
    for (const auto& [reason, count] : counters.refused) {
        out.counter("meshmon_refused_total", "What came in and was refused, by reason",
                    {{"network", network}, {"reason", reason}}, count);
    }
    out.counter("meshmon_heads_signed_total", "Heads that this node signed", labels, counters.heads_signed);
    out.counter("meshmon_heads_verified_total", "Signatures of heads verified", labels, counters.heads_verified);
    out.counter("meshmon_heads_accepted_total", "Heads of others taken in", labels, counters.heads_accepted);
    out.counter("meshmon_exchange_sent_bytes_total", "Bodies of exchanges sent", labels, counters.bytes_sent);
    out.counter("meshmon_exchange_received_bytes_total", "Bodies of exchanges received", labels, counters.bytes_received);
    out.gauge("meshmon_record_bytes", "Signed records held now", labels, static_cast<double>(counters.record_bytes));
}

void add_networks(Families& out, const Source& source) {
    std::size_t running = 0;
    const Me me = source.me();
    for (const NetworkEntry& entry : me.networks) {
        if (!entry.running || !entry.network) continue;
        ++running;
        if (const auto view = source.network(*entry.network)) add_view(out, *view);
        if (const auto nodes = source.nodes(*entry.network)) add_nodes(out, entry.network->str(), *nodes);
        add_configs(out, entry.network->str(), source.configs(*entry.network));
        if (const auto counters = source.counters(*entry.network)) add_counters(out, entry.network->str(), *counters);
    }
    for (const bool runs : {true, false}) {
        out.gauge("meshmon_networks", "Networks of the configuration, by whether they run",
                  {{"state", runs ? "running" : "waiting"}}, static_cast<double>(runs ? running : me.networks.size() - running));
    }
}

http::Response get_metrics(const Source& source, const Feed& feed) {
    Families families;
    add_process(families, source);
    add_config(families, source);
    add_stream(families, feed);
    add_networks(families, source);
    http::Response response;
    response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.set("Cache-Control", "no-store");
    response.body = families.text();
    return response;
}

}  // namespace

void add_metrics_routes(http::Router& router, const Source& source, const Feed& feed) {
    router.add(http::Method::get, "/metrics", [&source, &feed](const http::Request&) { return get_metrics(source, feed); });
}

}  // namespace meshmon::api
