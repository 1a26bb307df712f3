#include "api/respond.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "http/router.hpp"

namespace meshmon::api {

namespace {

http::Response json_body(JsonWriter& json) {
    http::Response response;
    response.set("Content-Type", "application/json");
    response.body = json.take();
    response.body += '\n';  // for terminals
    return response;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view opaque(std::string_view etag) { return etag.starts_with("W/") ? etag.substr(2) : etag; }

}  // namespace

http::Response json_response(JsonWriter& json) {
    http::Response response = json_body(json);
    response.set("Cache-Control", "no-store");
    return response;
}

http::Response json_response(JsonWriter& json, const std::string& etag) {
    http::Response response = json_body(json);
    response.set("Cache-Control", "no-cache");
    response.set("ETag", etag);
    return response;
}

// Our own tags hold no comma, so splitting at commas cannot tear one of them.
bool client_has(const http::Request& request, std::string_view etag) {
    std::string_view rest = request.header("if-none-match").value_or("");
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        const std::string_view one = trimmed(rest.substr(0, comma));
        if (one == "*" || (!one.empty() && opaque(one) == opaque(etag))) return true;
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    return false;
}

http::Response not_modified(const std::string& etag) {
    http::Response response;
    response.status = 304;
    response.set("Cache-Control", "no-cache");
    response.set("ETag", etag);
    return response;
}

std::expected<FoundNetwork, http::Response> find_network(const http::Request& request, const Source& source) {
    const auto parameter = request.parameters.find("network_id");
    const std::string text = parameter == request.parameters.end() ? std::string() : parameter->second;
    const Me me = source.me();
    const auto waits = [&](const NetworkEntry& each) { return !each.network && each.directory == text; };
    if (std::ranges::any_of(me.networks, waits)) return std::unexpected(network_waiting(text));
    const auto id = NetworkId::parse(text);
    if (!id) return std::unexpected(unknown_network(text));
    const auto entry = std::ranges::find(me.networks, std::optional(*id), &NetworkEntry::network);
    if (entry == me.networks.end()) return std::unexpected(unknown_network(text));
    if (!entry->running) return std::unexpected(network_waiting(text));
    return FoundNetwork{*id, entry->node, fmt::format("W/\"{}-{}-{}\"", me.boot_id, id->str(), source.generation(*id))};
}

http::Response network_waiting(std::string_view name) {
    http::Response response = http::error_response(503, "network_waiting", "This network does not run yet",
                                                   fmt::format("network '{}' is configured on this node, but cannot run", name),
                                                   "GET /api/v1/health says what to mend");
    response.set("Retry-After", "5");
    return response;
}

http::Response unknown_network(std::string_view name) {
    return http::error_response(404, "unknown_network", "No such network", fmt::format("this node is in no network '{}'", name),
                                "GET /api/v1/networks lists the networks of this node");
}

}  // namespace meshmon::api
