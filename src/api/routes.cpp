#include "api/routes.hpp"

#include <utility>

namespace meshmon::api {

void add_routes(http::Router& router, const Source& source, Feed& feed) {
    add_node_routes(router, source);
    add_network_routes(router, source);
    add_nodes_routes(router, source);
    add_config_routes(router, source);
    add_links_routes(router, source);
    add_key_routes(router, source);
    add_metrics_routes(router, source, feed);
    add_stream_routes(router, source, feed);
    add_docs_routes(router);
}

http::Response answer(const http::Router& router, http::Request request) {
    http::Response response = router.handle(std::move(request));
    response.set("X-Content-Type-Options", "nosniff");
    response.set("X-Frame-Options", "DENY");
    response.set("Referrer-Policy", "no-referrer");
    response.set("Cross-Origin-Resource-Policy", "same-origin");
    return response;
}

}  // namespace meshmon::api
