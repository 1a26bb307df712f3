// The nodes of a network, with the evidence that their status rests on.
#include <fmt/format.h>

#include "api/present.hpp"
#include "api/respond.hpp"
#include "api/routes.hpp"

namespace meshmon::api {

namespace {

constexpr std::size_t kNodeBytes = 1500;  ///< about what one node with its link weighs

http::Response list_nodes(const http::Request& request, const Source& source) {
    const auto found = find_network(request, source);
    if (!found) return found.error();
    if (client_has(request, found->etag)) return not_modified(found->etag);
    const std::optional<std::vector<mesh::NodeView>> nodes = source.nodes(found->id);
    if (!nodes) return network_waiting(found->id.str());
    JsonWriter json(kNodeBytes * (nodes->size() + 1));
    json.begin_object();
    json.member("at", source.now().wall);
    json.member("network_id", found->id);
    json.member("viewpoint", found->self);
    json.key("nodes");
    json.begin_array();
    for (const mesh::NodeView& node : *nodes) write_node(json, node);
    json.end_array();
    json.end_object();
    return json_response(json, found->etag);
}

http::Response unknown_node(std::string_view node, std::string_view network) {
    return http::error_response(404, "unknown_node", "No such node",
                                fmt::format("network '{}' has no node '{}' in its node list", network, node),
                                fmt::format("GET /api/v1/networks/{}/nodes lists them", network));
}

http::Response get_node(const http::Request& request, const Source& source) {
    const auto found = find_network(request, source);
    if (!found) return found.error();
    const auto parameter = request.parameters.find("node_id");
    const std::string text = parameter == request.parameters.end() ? std::string() : parameter->second;
    const auto id = NodeId::parse(text);
    if (!id) return unknown_node(text, found->id.str());
    const std::optional<mesh::NodeView> node = source.node(found->id, *id);
    if (!node) return unknown_node(text, found->id.str());
    if (client_has(request, found->etag)) return not_modified(found->etag);
    JsonWriter json(kNodeBytes);
    write_node(json, *node);
    return json_response(json, found->etag);
}

}  // namespace

void add_nodes_routes(http::Router& router, const Source& source) {
    router.add(http::Method::get, "/api/v1/networks/{network_id}/nodes",
               [&source](const http::Request& request) { return list_nodes(request, source); });
    router.add(http::Method::get, "/api/v1/networks/{network_id}/nodes/{node_id}",
               [&source](const http::Request& request) { return get_node(request, source); });
}

}  // namespace meshmon::api
