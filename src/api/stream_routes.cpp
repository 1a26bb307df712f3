#include "api/routes.hpp"

namespace meshmon::api {

void add_stream_routes(http::Router& router, const Source& source, Feed& feed) {
    router.add(http::Method::get, "/api/v1/stream",
               [&source, &feed](const http::Request& request) { return feed.subscribe(request, source); });
}

}  // namespace meshmon::api
