#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace meshmon::repo {

enum class Transport { https, http, ssh, file };

/// "https", as git's GIT_ALLOW_PROTOCOL takes it.
[[nodiscard]] std::string_view to_string(Transport transport);

/// A repository's address in its parts. It is data: config::parse_git_url has refused what could be taken for anything else.
struct Remote {
    std::string url;  ///< for git: without a user where it is https or http
    Transport transport = Transport::https;
    std::string user;  ///< may be empty
    std::string host;  ///< without brackets; empty for file
    std::string port;  ///< may be empty
    std::string base;  ///< "https://host:port", for https and http

    /// Whether a token may travel to it: over TLS, or inside this machine.
    [[nodiscard]] bool takes_token() const;
};

/// Errors: config.git_url, as config::parse_git_url.
Result<Remote> parse_remote(std::string_view url);

}  // namespace meshmon::repo
