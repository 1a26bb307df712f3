#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace meshmon::net {

/// The parts of an http or https URL that a client needs.
struct Url {
    bool https = false;
    std::string host;  ///< a name, or an address literal without brackets
    std::uint16_t port = 80;
    std::string target;  ///< path and query; begins with '/'

    /// "name:port" or "[2001:db8::7]:port", as people write it and as the pool's key.
    [[nodiscard]] std::string authority() const;

    /// The Host header: without the port where it is the scheme's own.
    [[nodiscard]] std::string host_header() const;
};

/// Source: RFC 3986. User names and passwords are refused: they would end up in logs.
/// Errors: net.url.
Result<Url> parse_url(std::string_view text);

}  // namespace meshmon::net
