#pragma once

#include "api/feed.hpp"
#include "api/source.hpp"
#include "http/router.hpp"

namespace meshmon::api {

/// Adds every route of openapi/meshmon.yaml but POST /mesh/v1/{network_id}, which is the driver's.
/// Precondition: `source` and `feed` outlive the router.
void add_routes(http::Router& router, const Source& source, Feed& feed);

/// Answers by the router and adds what every response carries: headers that keep browsers from guessing types, from framing
/// and from telling other sites where they come from. Use this instead of Router::handle for all that is not the mesh.
[[nodiscard]] http::Response answer(const http::Router& router, http::Request request);

// One family of routes each.
void add_node_routes(http::Router& router, const Source& source);
void add_network_routes(http::Router& router, const Source& source);
void add_nodes_routes(http::Router& router, const Source& source);
void add_config_routes(http::Router& router, const Source& source);
void add_links_routes(http::Router& router, const Source& source);
void add_key_routes(http::Router& router, const Source& source);
void add_metrics_routes(http::Router& router, const Source& source, const Feed& feed);
void add_stream_routes(http::Router& router, const Source& source, Feed& feed);
void add_docs_routes(http::Router& router);

}  // namespace meshmon::api
