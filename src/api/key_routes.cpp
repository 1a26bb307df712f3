// The own public key, for the one who is about to trust this node: where peers already reach it, and nothing beside it.
#include <algorithm>

#include "api/respond.hpp"
#include "api/routes.hpp"

namespace meshmon::api {

namespace {

http::Response get_key(const http::Request& request, const Source& source) {
    const auto parameter = request.parameters.find("network_id");
    const std::string name = parameter == request.parameters.end() ? std::string() : parameter->second;
    const auto id = NetworkId::parse(name);
    if (!id) return unknown_network(name);
    const Me me = source.me();
    const auto entry = std::ranges::find(me.networks, std::optional(*id), &NetworkEntry::network);
    const auto is_nameless = [](const NetworkEntry& each) { return !each.network; };
    if (entry == me.networks.end() && std::ranges::any_of(me.networks, is_nameless)) return network_waiting(name);
    if (entry == me.networks.end()) return unknown_network(name);
    if (entry->public_key_pem.empty()) return network_waiting(name);
    http::Response response;
    response.set("Content-Type", "application/x-pem-file");
    response.set("Cache-Control", "no-store");
    response.body = entry->public_key_pem;
    return response;
}

}  // namespace

void add_key_routes(http::Router& router, const Source& source) {
    router.add(http::Method::get, "/mesh/v1/{network_id}/key",
               [&source](const http::Request& request) { return get_key(request, source); });
}

}  // namespace meshmon::api
