#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "http/message.hpp"
#include "net/loop.hpp"

namespace meshmon::net {

/// What an HttpServer serves. Called on the loop thread; must not block. What it throws is answered with 500.
class HttpHandler {
public:
    virtual ~HttpHandler() = default;

    /// How many bytes of body this request may have. Asked only for requests that announce a body: after the header,
    /// with `first_bytes` empty, and once more when at least kFirstBytes of the body, or all of it, have come. A body
    /// over the limit is answered with 413; 0 means 429, and nothing more is read. `head` has no body yet.
    virtual std::size_t body_limit(const http::Request& head, std::string_view first_bytes) = 0;

    virtual http::Response handle(http::Request request) = 0;

    static constexpr std::size_t kFirstBytes = 9;  ///< version byte and key fingerprint of an exchange
};

/// HTTP/1.1 on a listening socket: keep-alive, chunked streams, HEAD, Expect: 100-continue.
///
/// Source: RFC 9112. Shapes that smuggle requests (two lengths, a length and a transfer coding) are refused with 400.
/// Owner: node. Destroy before the Loop and before the handler, or call stop() first.
/// Threads: loop thread only.
/// Time: every wait has a deadline; they are accurate to kSweep.
/// Memory: at most `connections_max` connections of `header_max` plus the body limit each.
class HttpServer {
public:
    struct Options {
        std::string address = "0.0.0.0";  ///< an IPv4 or IPv6 literal
        std::uint16_t port = 8000;        ///< 0 lets the system choose; see port()

        std::size_t connections_max = 4096;                  ///< never more than half of the limit of open files
        std::size_t header_max = 16 * 1024;                  ///< request line and header; more is answered with 431
        Duration header_deadline = std::chrono::seconds(5);  ///< from the first byte (or the accept) to the header's end
        Duration body_deadline = std::chrono::seconds(2);    ///< from the header's end to the body's
        Duration write_deadline = std::chrono::seconds(10);  ///< for a whole answer, or one piece of a stream
        Duration idle_timeout = std::chrono::seconds(75);    ///< between two requests
    };

    /// Totals since the start, except `open`.
    struct Counters {
        std::size_t open = 0;  ///< connections now
        std::uint64_t accepted = 0;
        std::uint64_t requests = 0;      ///< that reached the handler
        std::uint64_t refused_bad = 0;   ///< 400: not HTTP, or not to be trusted
        std::uint64_t refused_size = 0;  ///< 413, 431
        std::uint64_t refused_rate = 0;  ///< 429: body_limit() said 0
        std::uint64_t timed_out = 0;     ///< 408, or an answer that was not taken in time
        std::uint64_t evicted = 0;       ///< idle connections closed to make room
        std::uint64_t refused_full = 0;  ///< connections closed at once: full, and none idle
        std::uint64_t faults = 0;        ///< exceptions of the handler, answered with 500
    };

    static constexpr Duration kSweep = std::chrono::milliseconds(250);

    /// `handler` must outlive the server, or stop() must have been called.
    HttpServer(Loop& loop, Options options, HttpHandler& handler);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Binds and serves. Errors: net.address_in_use, net.bad_address, net.listen.
    Result<> listen();

    /// The port bound by listen().
    [[nodiscard]] std::uint16_t port() const;

    /// Stops accepting and closes every connection, whatever it is at. The handler is not called any more. `joined` is
    /// called on the loop thread when the last connection's task has ended.
    void stop(std::function<void()> joined = {});

    [[nodiscard]] Counters counters() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

/// "127.0.0.1:8001" or "[::1]:8001" to its parts. Errors: net.bad_address.
struct Endpoint {
    std::string address;
    std::uint16_t port = 0;
};
Result<Endpoint> parse_endpoint(std::string_view text);

}  // namespace meshmon::net
