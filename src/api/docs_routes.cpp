// The description of the API and the pages to try it out, from files inside the program.
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "api/assets.hpp"
#include "api/respond.hpp"
#include "api/routes.hpp"
#include "base/check.hpp"

namespace meshmon::api {

namespace {

// Swagger UI sets styles on elements and draws arrows from data: URLs; scripts and requests stay with this origin.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

/// "gzip;q=0" and the like refuse what they name.
bool weight_is_zero(std::string_view parameters) {
    const auto q = parameters.find("q=");
    if (q == std::string_view::npos) return false;
    const std::string_view weight = trimmed(parameters.substr(q + 2));
    return weight.starts_with('0') && weight.find_first_of("123456789") == std::string_view::npos;
}

bool accepts_gzip(const http::Request& request) {
    std::string_view rest = request.header("accept-encoding").value_or("");
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        const std::string_view one = rest.substr(0, comma);
        const auto semicolon = one.find(';');
        const std::string_view parameters = semicolon == std::string_view::npos ? std::string_view() : one.substr(semicolon);
        if (trimmed(one.substr(0, semicolon)) == "gzip" && !weight_is_zero(parameters)) return true;
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    return false;
}

http::Response serve(const http::Request& request, const Asset& asset) {
    const bool packed = !asset.gzip.empty() && accepts_gzip(request);
    const std::string etag(packed ? asset.gzip_etag : asset.plain_etag);
    http::Response response;
    if (client_has(request, etag)) {
        response = not_modified(etag);
    } else {
        response.set("Content-Type", std::string(asset.content_type));
        response.set("Cache-Control", "no-cache");
        response.set("ETag", etag);
        response.set("Content-Security-Policy", std::string(kContentSecurityPolicy));
        if (packed) response.set("Content-Encoding", "gzip");
        response.body = packed ? asset.gzip : asset.plain;
    }
    if (!asset.gzip.empty()) response.set("Vary", "Accept-Encoding");
    return response;
}

const Asset* find(std::span<const Asset> assets, std::string_view name) {
    const auto found = std::ranges::find(assets, name, &Asset::name);
    return found == assets.end() ? nullptr : &*found;
}

http::Response get_page(const http::Request& request) {
    const Asset* const page = find(docs_assets(), "index.html");
    MM_CHECK(page != nullptr, "the page of /docs is not embedded");
    return serve(request, *page);
}

http::Response get_asset(const http::Request& request) {
    const auto name = request.parameters.find("asset");
    const Asset* const asset = name == request.parameters.end() ? nullptr : find(docs_assets(), name->second);
    if (asset != nullptr) return serve(request, *asset);
    return http::error_response(404, "not_found", "There is nothing here",
                                fmt::format("no resource has the path '{}'", request.path), "the pages begin at /docs");
}

http::Response lead_to_page(int status) {
    http::Response response;
    response.status = status;
    response.set("Location", "/docs");
    return response;
}

}  // namespace

void add_docs_routes(http::Router& router) {
    router.add(http::Method::get, "/", [](const http::Request&) { return lead_to_page(307); });
    router.add(http::Method::get, "/openapi.json",
               [](const http::Request& request) { return serve(request, openapi_assets().front()); });
    router.add(http::Method::get, "/docs", get_page);
    router.add(http::Method::get, "/docs/", [](const http::Request&) { return lead_to_page(308); });
    router.add(http::Method::get, "/docs/{asset}", get_asset);
}

}  // namespace meshmon::api
