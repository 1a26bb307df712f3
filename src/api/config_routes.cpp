// /api/v1/networks/{network_id}/config: what this node has loaded, so that two nodes can be compared.
#include "api/present.hpp"
#include "api/respond.hpp"
#include "api/routes.hpp"
#include "crypto/fingerprint.hpp"

namespace meshmon::api {

namespace {

std::string_view to_string(mesh::UrlState state) {
    switch (state) {
        case mesh::UrlState::usable: return "usable";
        case mesh::UrlState::none: return "none";
        case mesh::UrlState::placeholder: return "placeholder";
    }
    return {};
}

void write_entry(JsonWriter& json, const mesh::RosterNode& node) {
    json.begin_object();
    json.member("node_id", node.id);
    write_text(json, "url", node.url);
    json.member("url_state", to_string(node.url_state));
    json.key("poll_rate_s");
    json.number(to_seconds(node.poll_rate));
    json.member("retry", static_cast<std::uint64_t>(node.retry));
    write_names(json, "allow", node.allow);
    write_names(json, "block", node.block);
    write_text(json, "fingerprint", node.key ? crypto::fingerprint(*node.key).text() : std::string());
    json.end_object();
}

http::Response get_config(const http::Request& request, const Source& source) {
    const auto found = find_network(request, source);
    if (!found) return found.error();
    if (client_has(request, found->etag)) return not_modified(found->etag);
    const std::optional<mesh::Roster> roster = source.roster(found->id);
    if (!roster) return network_waiting(found->id.str());
    const config::Revision revision = config::Revision::parse(roster->config_revision);
    JsonWriter json;
    json.begin_object();
    json.member("at", source.now().wall);
    json.member("network_id", roster->network);
    json.member("node_id", roster->self);
    json.member("config_revision", revision.content);
    write_roster_hash(json, mesh::roster_hash(*roster));
    write_text(json, "commit", revision.commit);
    json.member("committed", revision.committed);
    write_text(json, "trouble", revision.trouble);
    json.key("nodes");
    json.begin_array();
    for (const mesh::RosterNode& node : roster->nodes) write_entry(json, node);
    json.end_array();
    json.end_object();
    return json_response(json, found->etag);
}

}  // namespace

void add_config_routes(http::Router& router, const Source& source) {
    router.add(http::Method::get, "/api/v1/networks/{network_id}/config",
               [&source](const http::Request& request) { return get_config(request, source); });
}

}  // namespace meshmon::api
