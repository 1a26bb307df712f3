#include <arpa/inet.h>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "config/config.hpp"
#include "config/text.hpp"

namespace meshmon::config {

namespace {

bool is_address(int family, const std::string& host) {
    in6_addr room{};  // large enough for both families
    return inet_pton(family, host.c_str(), &room) == 1;
}

std::optional<std::uint16_t> to_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return port;
}

}  // namespace

std::string ListenAddress::text() const {
    return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

Result<ListenAddress> parse_listen(std::string_view text) {
    const auto refuse = [text](std::string_view why) {
        return fail("config.listen", fmt::format("cannot listen on {}: {}", in_quotes(text), why),
                    "write ADDRESS:PORT, like 0.0.0.0:8000 for all IPv4 addresses or [::]:8000 for IPv6 as well");
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return refuse("the port is missing");
    const std::optional<std::uint16_t> port = to_port(text.substr(colon + 1));
    if (!port) return refuse("the port must be 0 to 65535");
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
    if (bracketed) host = host.substr(1, host.size() - 2);
    ListenAddress address{.host = std::string(host), .port = *port};
    const bool has_nul = host.contains('\0');
    if (has_nul || !is_address(bracketed ? AF_INET6 : AF_INET, address.host)) {
        return refuse("the address must be numeric, an IPv6 one in brackets");
    }
    return address;
}

}  // namespace meshmon::config
