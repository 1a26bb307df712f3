#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "http/message.hpp"
#include "net/loop.hpp"

namespace meshmon::net {

/// Why there is no answer. The node maps it to the mesh's reasons.
enum class Failure {
    dns,      ///< the name does not resolve, or not in time
    connect,  ///< refused or unreachable
    timeout,  ///< the deadline passed
    tls,      ///< the handshake failed or the certificate is not trusted for this name
    http,     ///< what came is not HTTP, is too large, ends early, or nothing came at all
};
[[nodiscard]] std::string_view to_string(Failure failure);

struct ClientRequest {
    http::Method method = http::Method::get;
    std::string url = {};                                           ///< http or https, with an optional port, path and query
    std::vector<std::pair<std::string, std::string>> headers = {};  ///< beside Host, Content-Length and User-Agent
    std::string body = {};
    MonoTime deadline = {};                  ///< for everything: name look-up, connecting, sending, the whole answer
    bool fresh_connection = false;           ///< do not reuse a connection
    std::size_t response_max = 1024 * 1024;  ///< bytes of the answer's body; more fails as http

    /// If set, the body is handed out piece by piece and not kept; the deadline then ends with the answer's header,
    /// and response_max does not count. False ends the request: `done` is called with what came.
    std::function<bool(std::string_view)> on_chunk = {};
};

enum class Outcome {
    answered,
    reused_connection_lost,  ///< a reused connection ended before any byte of the answer: the request may be sent again
    failed,
};

struct ClientResult {
    Outcome outcome = Outcome::failed;
    Failure failure = Failure::connect;  ///< only if failed
    std::string detail;                  ///< only if not answered: "connection refused by 127.0.0.1:8001"

    http::Response response;  ///< only if answered; header names as they came
    MonoTime started;         ///< when start() was called
    MonoTime sent;            ///< when the request was handed to the system; the epoch if never
    MonoTime first_byte;      ///< when the answer began; the epoch if never
};

/// HTTP/1.1 client for http and https, with a pool of idle connections.
///
/// Owner: node, one for all peers. Destroy before the Loop.
/// Threads: loop thread only; look-ups of names run on threads of their own and never block the loop or the end.
/// Time: deadlines are accurate to about a millisecond.
/// Memory: at most `requests_max` requests under way, `idle_max` idle connections, one per scheme, host and port. The first
/// https request loads the authorities: some megabytes, and some 10 ms of the loop.
class HttpClient {
public:
    struct Options {
        std::size_t requests_max = 4096;  ///< more fail at once as connect
        std::size_t idle_max = 2048;      ///< the connection idle longest is closed first
        Duration idle_timeout = std::chrono::seconds(90);
        std::size_t header_max = 16 * 1024;
        std::size_t lookups_max = 8;                     ///< threads for name look-ups; one name is looked up once at a time
        Duration lookup_ttl = std::chrono::seconds(30);  ///< how long an answer is used again
        std::string user_agent = "meshmon";
        std::string ca_file = {};  ///< PEM; empty: the system's authorities

        /// Name to address literals. Empty: the system's resolver. May block; runs on its own thread, and may outlive
        /// the client if it hangs.
        std::function<Result<std::vector<std::string>>(const std::string& host)> lookup = {};
    };

    struct Counters {
        std::size_t active = 0;  ///< requests under way
        std::size_t idle = 0;    ///< connections kept for later
        std::uint64_t started = 0;
        std::uint64_t reused = 0;     ///< requests on a kept connection
        std::uint64_t connected = 0;  ///< fresh connections made
    };

    /// Names a request for cancel().
    using RequestId = std::uint64_t;
    using Done = std::function<void(ClientResult)>;

    HttpClient(Loop& loop, Options options);
    ~HttpClient();  ///< stops
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Begins a request. `done` is called once, never from inside start(), unless cancel() or stop() come first.
    RequestId start(ClientRequest request, Done done);

    /// Ends a request; its `done` is not called. Nothing happens if it is over.
    void cancel(RequestId id);

    /// Ends all requests, without calling any `done`, and closes all connections; later ones are not begun.
    /// `joined` is called on the loop thread when the last task has ended.
    void stop(std::function<void()> joined = {});

    [[nodiscard]] Counters counters() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshmon::net
