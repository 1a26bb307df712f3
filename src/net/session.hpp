#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "net/asio.hpp"
#include "net/parsers.hpp"
#include "net/server.hpp"

namespace meshmon::net {

class Session;

/// What a server and its sessions share.
struct ServerCore {
    HttpServer::Options options;
    HttpServer::Counters counters;
    HttpHandler* handler = nullptr;  ///< null after stop()
    std::set<Session*> sessions;
};

/// One connection of a server: reads requests and writes answers, one after the other, until one side ends it.
///
/// Source: architecture, "One heartbeat in five files", step 1.
/// Time: it arms no timer of its own. It notes the deadline of what it waits for; the server's sweep() ends the wait.
class Session : public std::enable_shared_from_this<Session> {
public:
    Session(std::shared_ptr<ServerCore> core, tcp::socket socket, std::string remote);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    static asio::awaitable<void> run(std::shared_ptr<Session> self);

    /// Ends whatever the session waits for if its deadline has passed.
    void sweep(MonoTime now);

    /// Ends the session.
    void close();

    [[nodiscard]] bool closed() const { return closed_; }
    [[nodiscard]] bool idle() const { return idle_; }        ///< between two requests, or before the first
    [[nodiscard]] bool served() const { return served_; }    ///< has sent a whole request before
    [[nodiscard]] MonoTime since() const { return since_; }  ///< of the accept or the last answer

private:
    enum class Step { go_on, refuse, end };

    asio::awaitable<bool> read_more(std::size_t room);
    asio::awaitable<Step> read_head();
    asio::awaitable<Step> read_body();
    asio::awaitable<Step> serve_one();
    asio::awaitable<bool> write(std::string head, std::string body);
    asio::awaitable<void> write_stream(std::shared_ptr<http::Stream> stream);
    asio::awaitable<void> linger();

    Step refuse(int status, std::string_view code, std::string_view title, std::string detail);
    Step refuse_error(error_code error);
    Step check_head();
    Step check_limit(std::string_view first_bytes);
    http::Response answer();
    void watch_for_end();
    void wait_at_most(Duration limit);

    std::shared_ptr<ServerCore> core_;
    tcp::socket socket_;
    std::string remote_;
    beast::flat_buffer buffer_;
    std::optional<RequestParser> parser_;
    http::Response refusal_;
    Event stream_changed_;
    MonoTime deadline_ = MonoTime::max();
    MonoTime since_;
    bool expired_ = false;
    bool closed_ = false;
    bool gone_ = false;  // the reader of a stream has ended the connection
    bool idle_ = true;
    bool served_ = false;
};

}  // namespace meshmon::net
