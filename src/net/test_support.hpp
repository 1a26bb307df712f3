#pragma once

#include <functional>
#include <future>
#include <map>
#include <string>
#include <string_view>
#include <thread>

#include "net/loop.hpp"
#include "net/server.hpp"

/// What the tests of this module share: a server on a thread of its own, and a client that sends what no client should.
namespace meshmon::net::testing {

inline constexpr Duration kLimit = std::chrono::seconds(20);  ///< only reached when something is broken

/// A handler made of functions.
struct TestHandler : HttpHandler {
    std::function<http::Response(http::Request)> answer = [](const http::Request& request) {
        http::Response response;
        response.body = request.path + " " + request.body;
        return response;
    };
    std::function<std::size_t(const http::Request&, std::string_view)> limit = [](const http::Request&, std::string_view) {
        return std::size_t{1024 * 1024};
    };

    std::size_t body_limit(const http::Request& head, std::string_view first) override { return limit(head, first); }
    http::Response handle(http::Request request) override { return answer(std::move(request)); }
};

/// A loop with a server on a free port of 127.0.0.1, on its own thread.
class TestServer {
public:
    explicit TestServer(HttpServer::Options options = {}, TestHandler handler = {});
    ~TestServer();

    /// Runs `task` on the server's loop and waits for it.
    void on_loop(std::function<void()> task);

    [[nodiscard]] HttpServer::Counters counters();

    /// Asks the counters again and again until they fit.
    [[nodiscard]] bool await(const std::function<bool(const HttpServer::Counters&)>& condition);

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url(std::string_view path) const;

    Loop loop;
    TestHandler handler;
    HttpServer server;

private:
    std::uint16_t port_ = 0;
    std::thread thread_;
};

/// A blocking socket; whatever takes longer than kLimit fails.
class RawClient {
public:
    explicit RawClient(std::uint16_t port, int receive_buffer = 0);
    ~RawClient();
    RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)), rest_(std::move(other.rest_)) {}
    RawClient(const RawClient&) = delete;

    RawClient& send(std::string_view text);  ///< errors are left for the next read to find

    struct Answer {
        int status = 0;  ///< 0: there was none
        std::map<std::string, std::string> headers;
        std::string body;
    };
    Answer read(bool head_only = false);           ///< one answer with a Content-Length
    std::string read_until(std::string_view end);  ///< up to and with `end`; what came, if the connection ended before
    std::string read_all();                        ///< until the other side closes
    bool closed();                                 ///< waits for the other side to close; false if it says something instead

private:
    bool more();

    int socket_;
    std::string rest_;
};

/// Waits until a condition that others make true holds.
[[nodiscard]] bool await(const std::function<bool()>& condition);

}  // namespace meshmon::net::testing
