#include "net/url.hpp"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <charconv>

namespace meshmon::net {
namespace {

std::string bracketed(const std::string& host) { return host.contains(':') ? "[" + host + "]" : host; }

bool parse_port(std::string_view digits, std::uint16_t& port) {
    const char* end = digits.data() + digits.size();
    const auto [stop, failure] = std::from_chars(digits.data(), end, port);
    return failure == std::errc() && stop == end && port != 0;
}

}  // namespace

std::string Url::authority() const { return fmt::format("{}:{}", bracketed(host), port); }

std::string Url::host_header() const { return port == (https ? 443 : 80) ? bracketed(host) : authority(); }

Result<Url> parse_url(std::string_view text) {
    const auto bad = [&](std::string_view why) {
        return fail("net.url", fmt::format("'{}' is not a usable URL: {}", text, why), "write for example http://192.0.2.7:8000");
    };
    const auto parsed = boost::urls::parse_uri(boost::core::string_view(text.data(), text.size()));
    if (!parsed) return bad("it does not have the form of one");
    const boost::urls::url_view& view = *parsed;

    Url url;
    if (view.scheme_id() == boost::urls::scheme::https) url.https = true;
    else if (view.scheme_id() != boost::urls::scheme::http) return bad("only http and https are known");
    if (view.has_userinfo()) return bad("it holds a user name");
    url.host = view.host_address();
    if (url.host.empty()) return bad("it names no host");
    url.port = url.https ? 443 : 80;
    // Boost 1.81 lets a port overflow, and takes what follows its digits for the path.
    url.target = view.encoded_path();
    const std::string port = view.port();
    if (!port.empty() && !parse_port(port, url.port)) return bad("the port is not between 1 and 65535");
    if (!url.target.empty() && !url.target.starts_with('/')) return bad("the port is not a number");
    if (url.target.empty()) url.target = "/";
    if (view.has_query()) url.target.append("?").append(std::string_view(view.encoded_query()));
    return url;
}

}  // namespace meshmon::net
