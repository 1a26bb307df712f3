#pragma once

#include <cstdint>
#include <string_view>

/// The words of the mesh: the same in code, API, CLI, logs and metrics.
namespace meshmon::mesh {

enum class Status : std::uint8_t { up, degraded, down, unknown };

/// Why a subject is not plainly up. The numbers travel in reach pages: they are never reused.
enum class Reason : std::uint8_t {
    none = 0,
    dns = 1,                ///< the name of the URL does not resolve
    connect = 2,            ///< refused, unreachable, or reset
    timeout = 3,            ///< no answer within the deadline
    tls = 4,                ///< certificate or handshake
    http = 5,               ///< an answer that is no exchange, from a proxy for example
    refused_by_peer = 6,    ///< the peer does not know our key
    key_mismatch = 7,       ///< whoever answers there has another key than our roster says
    key_missing = 8,        ///< our roster holds no public key for it
    placeholder_url = 9,    ///< its URL is still `replace_me`
    wrong_network = 10,     ///< whoever answers there does not serve this network
    version_mismatch = 11,  ///< it speaks another protocol version
    not_listed = 12,        ///< this node itself is not in the network's node list
    never_seen = 13,        ///< nothing of it was ever heard
    silent = 14,            ///< it stopped speaking
    left = 15,              ///< it announced a clean stop
};

enum class SelfHealth : std::uint8_t { healthy, unhealthy, isolated, leaving };

[[nodiscard]] std::string_view to_string(Status status);
[[nodiscard]] std::string_view to_string(Reason reason);  ///< "" for none
[[nodiscard]] std::string_view to_string(SelfHealth health);

/// One sentence for people: "no answer within the deadline".
[[nodiscard]] std::string_view explain(Reason reason);

}  // namespace meshmon::mesh
