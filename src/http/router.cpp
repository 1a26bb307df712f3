#include "http/router.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"

namespace meshmon::http {
namespace {

using Parameters = std::map<std::string, std::string>;

bool is_parameter(std::string_view component) { return component.starts_with('{') && component.ends_with('}'); }

/// Cuts the next component off a path that begins with '/'.
std::string_view next_component(std::string_view& path) {
    path.remove_prefix(1);
    const std::string_view component = path.substr(0, path.find('/'));
    path.remove_prefix(component.size());
    return component;
}

bool match(std::string_view pattern, std::string_view path, Parameters& parameters) {
    parameters.clear();
    while (!pattern.empty() && !path.empty()) {
        const std::string_view wanted = next_component(pattern);
        const std::string_view found = next_component(path);
        if (!is_parameter(wanted)) {
            if (wanted != found) return false;
        } else {
            if (found.empty()) return false;
            parameters.emplace(wanted.substr(1, wanted.size() - 2), found);
        }
    }
    return pattern.empty() && path.empty();
}

std::size_t parameter_count(std::string_view pattern) { return static_cast<std::size_t>(std::ranges::count(pattern, '{')); }

bool serves(Method route, Method request) { return route == request || (route == Method::get && request == Method::head); }

void append_json(std::string& out, std::string_view text) {
    out.push_back('"');
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

}  // namespace

void Router::add(Method method, std::string path, Handler handler) {
    MM_CHECK(path.starts_with('/'), "a route's path begins with '/'");
    for (const Route& route : routes_) MM_CHECK(route.method != method || route.path != path, "route added twice: " + path);
    routes_.push_back({method, std::move(path), std::move(handler)});
}

Response Router::handle(Request request) const {
    const Route* best = nullptr;
    std::vector<std::string_view> allowed;
    Parameters parameters;
    for (const Route& route : routes_) {
        if (!match(route.path, request.path, parameters)) continue;
        if (!serves(route.method, request.method)) {
            allowed.push_back(to_string(route.method));
            if (route.method == Method::get) allowed.push_back(to_string(Method::head));
            continue;
        }
        // A literal component is meant more than a parameter that happens to match it, whatever was added first.
        const bool better = best == nullptr || parameter_count(route.path) < parameter_count(best->path);
        if (!better) continue;
        best = &route;
        request.parameters = parameters;
    }
    if (best != nullptr) return best->handler(request);
    if (allowed.empty())
        return error_response(404, "not_found", "There is nothing here",
                              fmt::format("no resource has the path '{}'", request.path));
    std::ranges::sort(allowed);
    const auto repeated = std::ranges::unique(allowed);
    allowed.erase(repeated.begin(), repeated.end());
    const std::string methods = fmt::format("{}", fmt::join(allowed, ", "));
    Response response = error_response(405, "method_not_allowed", "This method is not served here",
                                       fmt::format("'{}' does not take this method", request.path), "use one of: " + methods);
    response.set("Allow", methods);
    return response;
}

Response error_response(int status, std::string_view code, std::string_view title, std::string_view detail,
                        std::string_view hint) {
    Response response;
    response.status = status;
    response.set("Content-Type", "application/json");
    std::string& body = response.body;
    body = "{\"error\":{\"code\":";
    append_json(body, code);
    body += ",\"title\":";
    append_json(body, title);
    body += ",\"detail\":";
    append_json(body, detail);
    body += ",\"hint\":";
    append_json(body, hint);
    body += "}}\n";
    return response;
}

}  // namespace meshmon::http
