#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "api/json_writer.hpp"
#include "api/source.hpp"
#include "http/message.hpp"

/// What every handler answers with.
namespace meshmon::api {

/// 200 with the writer's text, not to be stored by caches.
[[nodiscard]] http::Response json_response(JsonWriter& json);

/// 200 that a client may keep and ask about with If-None-Match.
[[nodiscard]] http::Response json_response(JsonWriter& json, const std::string& etag);

/// Whether the request's If-None-Match names `etag`; compared weakly (RFC 9110, 13.1.2).
[[nodiscard]] bool client_has(const http::Request& request, std::string_view etag);

[[nodiscard]] http::Response not_modified(const std::string& etag);

/// A network that runs, as the path names it.
struct FoundNetwork {
    NetworkId id;
    NodeId self;
    std::string etag;  ///< weak: of all that is shown of this network, save for ages
};

/// Errors: the response to give. 404 unknown_network; 503 network_waiting.
[[nodiscard]] std::expected<FoundNetwork, http::Response> find_network(const http::Request& request, const Source& source);

/// 503, for a network that is configured and does not run.
[[nodiscard]] http::Response network_waiting(std::string_view name);
[[nodiscard]] http::Response unknown_network(std::string_view name);

}  // namespace meshmon::api
