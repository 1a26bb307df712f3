// /api/v1/networks and each network as a whole: how many nodes are seen, how it is split, who runs which configuration.
#include "api/present.hpp"
#include "api/respond.hpp"
#include "api/routes.hpp"

namespace meshmon::api {

namespace {

void write_statuses(JsonWriter& json, const std::map<mesh::Status, std::size_t>& counts) {
    using enum mesh::Status;
    json.key("statuses");
    json.begin_object();
    for (const mesh::Status status : {up, degraded, down, unknown}) {
        const auto found = counts.find(status);
        json.member(mesh::to_string(status), found == counts.end() ? std::size_t{0} : found->second);
    }
    json.end_object();
}

void write_seen(JsonWriter& json, const mesh::NetworkView& network) {
    json.member("listed", network.listed);
    json.member("node_count", network.nodes);
    json.member("seen", network.seen);
    json.member("quorum", network.quorum);
    json.member("has_quorum", network.has_quorum);
    json.member("self_health", mesh::to_string(network.self_health));
    json.member("config_revision", config::Revision::parse(network.config_revision).content);
    write_statuses(json, network.by_status);
}

void write_summary(JsonWriter& json, const NetworkEntry& entry, const std::optional<mesh::NetworkView>& network) {
    json.begin_object();
    write_identity(json, entry);
    if (network) {
        write_seen(json, *network);
        json.member("split", !network->partition.whole());
    } else {
        for (const char* name :
             {"listed", "node_count", "seen", "quorum", "has_quorum", "self_health", "config_revision", "statuses", "split"}) {
            json.key(name);
            json.null();
        }
    }
    json.end_object();
}

http::Response list_networks(const Source& source) {
    JsonWriter json;
    json.begin_object();
    json.member("at", source.now().wall);
    json.key("networks");
    json.begin_array();
    for (NetworkEntry entry : source.me().networks) {
        std::optional<mesh::NetworkView> network;
        if (entry.running && entry.network) network = source.network(*entry.network);
        entry.running = network.has_value();
        write_summary(json, entry, network);
    }
    json.end_array();
    json.end_object();
    return json_response(json);
}

void write_groups(JsonWriter& json, std::string_view name, const std::vector<std::vector<NodeId>>& groups) {
    json.key(name);
    json.begin_array();
    for (const auto& group : groups) {
        json.begin_array();
        for (const NodeId& node : group) json.value(node);
        json.end_array();
    }
    json.end_array();
}

void write_partition(JsonWriter& json, const mesh::Partition& partition) {
    json.begin_object();
    json.member("whole", partition.whole());
    write_groups(json, "sides", partition.sides);
    json.member("own_side", partition.own_side);
    write_groups(json, "groups", partition.groups);
    write_names(json, "bridges", partition.bridges);
    json.key("broken_links");
    json.begin_array();
    for (const auto& [a, b] : partition.broken_links) {
        json.begin_array();
        json.value(a);
        json.value(b);
        json.end_array();
    }
    json.end_array();
    write_names(json, "silent", partition.silent);
    json.end_object();
}

std::string_view to_string(Drift drift) {
    switch (drift) {
        case Drift::same: return "same";
        case Drift::other: return "other";
        case Drift::behind: return "behind";
        case Drift::ahead: return "ahead";
    }
    return {};
}

void write_revisions(JsonWriter& json, const std::vector<NodeConfig>& configs) {
    json.begin_array();
    for (const NodeConfig& config : configs) {
        json.begin_object();
        json.member("node_id", config.node);
        json.member("config_revision", config.revision.content);
        write_roster_hash(json, config.roster_hash);
        write_text(json, "commit", config.revision.commit);
        json.member("committed", config.revision.committed);
        write_text(json, "trouble", config.revision.trouble);
        json.member("drift", to_string(config.drift));
        json.member("since", config.since);
        json.member("differs_since", config.differs_since);
        json.end_object();
    }
    json.end_array();
}

void write_rotation(JsonWriter& json, const std::optional<mesh::Rotation>& rotation) {
    json.key("rotation");
    if (!rotation) return json.null();
    json.begin_object();
    json.member("in_use", !rotation->is_next);
    json.member("other_fingerprint", rotation->fingerprint);
    json.member("holding", rotation->holding);
    write_names(json, "lacking", rotation->lacking);
    json.end_object();
}

http::Response get_network(const http::Request& request, const Source& source) {
    const auto found = find_network(request, source);
    if (!found) return found.error();
    if (client_has(request, found->etag)) return not_modified(found->etag);
    const std::optional<mesh::NetworkView> network = source.network(found->id);
    if (!network) return network_waiting(found->id.str());
    JsonWriter json;
    json.begin_object();
    json.member("at", source.now().wall);
    json.member("network_id", network->id);
    json.member("node_id", network->self);
    write_seen(json, *network);
    write_roster_hash(json, network->roster_hash);
    json.key("head");
    write_version(json, network->head);
    json.key("partition");
    write_partition(json, network->partition);
    write_rotation(json, network->rotation);
    json.key("revisions");
    write_revisions(json, source.configs(found->id));
    json.end_object();
    return json_response(json, found->etag);
}

}  // namespace

void add_network_routes(http::Router& router, const Source& source) {
    router.add(http::Method::get, "/api/v1/networks", [&source](const http::Request&) { return list_networks(source); });
    router.add(http::Method::get, "/api/v1/networks/{network_id}",
               [&source](const http::Request& request) { return get_network(request, source); });
}

}  // namespace meshmon::api
