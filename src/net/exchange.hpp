#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "net/asio.hpp"
#include "net/client.hpp"
#include "net/connect_race.hpp"
#include "net/connection.hpp"
#include "net/connection_pool.hpp"
#include "net/parsers.hpp"
#include "net/resolver.hpp"
#include "net/task_group.hpp"
#include "net/url.hpp"

namespace meshmon::net {

class Exchange;

/// What a client and its requests share.
struct ClientCore {
    ClientCore(Loop& loop, asio::io_context& context, HttpClient::Options wanted);

    /// Made when first needed: the system's authorities cost megabytes.
    Result<ssl::context*> tls();

    asio::io_context& io;
    HttpClient::Options options;
    HttpClient::Counters counters;
    std::unique_ptr<Resolver> resolver;  // null after stop()
    std::shared_ptr<ConnectionPool> pool;
    std::unique_ptr<ssl::context> tls_context;
    std::unordered_map<HttpClient::RequestId, std::shared_ptr<Exchange>> active;
    TaskGroup tasks;
};

/// One request of a client, from the name look-up to the answer's last byte, inside one deadline.
class Exchange : public std::enable_shared_from_this<Exchange> {
public:
    Exchange(std::shared_ptr<ClientCore> core, HttpClient::RequestId id, ClientRequest request, HttpClient::Done done);

    static asio::awaitable<void> run(std::shared_ptr<Exchange> self);

    /// Ends it without calling `done`.
    void cancel();

private:
    enum class Stage { lookup, connect, handshake, answer };

    asio::awaitable<void> talk();
    asio::awaitable<bool> connect();
    asio::awaitable<Result<Resolver::Addresses>> resolve();
    asio::awaitable<bool> handshake();
    asio::awaitable<void> receive(error_code write_error);
    void parse(error_code& error);
    void read_failed(error_code error);
    void parse_failed(error_code error);
    void answered();

    void arm_deadline();
    void interrupt();
    void fail_with(Failure failure, std::string detail);
    void fail_timed_out();
    [[nodiscard]] bool interrupted() const { return expired_ || cancelled_; }
    [[nodiscard]] std::string request_head() const;
    void begin_parser();

    std::shared_ptr<ClientCore> core_;
    HttpClient::RequestId id_;
    ClientRequest request_;
    HttpClient::Done done_;
    ClientResult result_;

    Url url_;
    std::string key_;  // of the pool
    Stage stage_ = Stage::lookup;
    asio::steady_timer deadline_;
    Event changed_;
    std::shared_ptr<ConnectRace> race_;
    std::unique_ptr<Connection> connection_;
    beast::flat_buffer buffer_;
    std::optional<ResponseParser> parser_;
    int interim_ = 0;
    bool reused_ = false;
    bool expired_ = false;
    bool cancelled_ = false;
};

}  // namespace meshmon::net
