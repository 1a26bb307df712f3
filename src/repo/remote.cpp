#include "repo/remote.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "config/config.hpp"

namespace meshmon::repo {
namespace {

Transport transport_of(std::string_view scheme) {
    if (scheme == "http") return Transport::http;
    if (scheme == "ssh") return Transport::ssh;
    if (scheme == "file") return Transport::file;
    return Transport::https;
}

/// "127.0.0.1", not "127.0.0.1.example.com".
bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" ||
           (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

/// "user@host:port", each part but the host optional; the host may stand in brackets.
void read_authority(std::string_view text, Remote& out) {
    if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
        out.user = text.substr(0, at);
        text.remove_prefix(at + 1);
    }
    const std::size_t bracket = text.find(']');
    const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    out.host = text.substr(0, colon);
    if (colon != std::string_view::npos) out.port = text.substr(colon + 1);
    if (out.host.starts_with('[') && out.host.ends_with(']')) out.host = out.host.substr(1, out.host.size() - 2);
}

}  // namespace

std::string_view to_string(Transport transport) {
    switch (transport) {
        case Transport::https: return "https";
        case Transport::http: return "http";
        case Transport::ssh: return "ssh";
        case Transport::file: return "file";
    }
    return "";
}

bool Remote::takes_token() const {
    if (transport == Transport::https) return true;
    return transport == Transport::http && is_loopback(host);
}

Result<Remote> parse_remote(std::string_view url) {
    const Result<std::string> checked = config::parse_git_url(url);
    if (!checked) return checked.error();
    Remote out;
    out.url = *checked;
    const std::string_view text = *checked;
    const std::size_t mark = text.find("://");
    if (mark == std::string_view::npos) {  // user@host:path
        out.transport = Transport::ssh;
        read_authority(text.substr(0, text.find(':')), out);
        return out;
    }
    const std::string_view scheme = text.substr(0, mark);
    out.transport = transport_of(scheme);
    if (out.transport == Transport::file) return out;
    const std::size_t begin = mark + 3;
    const std::size_t slash = std::min(text.find('/', begin), text.size());
    const std::string_view authority = text.substr(begin, slash - begin);
    read_authority(authority, out);
    if (out.transport == Transport::ssh) return out;
    const std::size_t user_end = authority.rfind('@');
    const std::string_view place = user_end == std::string_view::npos ? authority : authority.substr(user_end + 1);
    out.base = fmt::format("{}://{}", scheme, place);
    out.url = out.base + std::string(text.substr(slash));
    return out;
}

}  // namespace meshmon::repo
