#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace meshmon::http {

/// Finds the handler of a request by method and path.
///
/// Paths are written as in OpenAPI: "/api/v1/networks/{network_id}/nodes". A {parameter} matches one path component
/// that is not empty. HEAD is served by GET's handler, without its body.
/// Errors, in the form of every error of the API: 404 not_found; 405 method_not_allowed with `Allow`.
class Router {
public:
    using Handler = std::function<Response(const Request&)>;

    struct Route {
        Method method;
        std::string path;
        Handler handler;
    };

    /// Adding one method and path twice is our own mistake (MM_CHECK).
    void add(Method method, std::string path, Handler handler);

    [[nodiscard]] Response handle(Request request) const;

    /// For tests: every route, in the order added.
    [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

private:
    std::vector<Route> routes_;
};

/// {"error":{"code","title","detail","hint"}} as application/json.
[[nodiscard]] Response error_response(int status, std::string_view code, std::string_view title, std::string_view detail,
                                      std::string_view hint = {});

}  // namespace meshmon::http
