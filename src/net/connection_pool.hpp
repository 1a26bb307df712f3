#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "net/asio.hpp"
#include "net/connection.hpp"

namespace meshmon::net {

/// Connections between two requests: one for each scheme, host and port.
///
/// Memory: at most `idle_max`; the one idle longest is closed first. Time: closed after `timeout` idle.
class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
public:
    ConnectionPool(asio::io_context& io, std::size_t idle_max, Duration timeout);

    /// The idle connection for `key`, if there is one that still stands.
    [[nodiscard]] std::unique_ptr<Connection> take(const std::string& key);

    void put(const std::string& key, std::unique_ptr<Connection> connection);
    void clear();
    [[nodiscard]] std::size_t size() const { return idle_.size(); }

private:
    struct Idle {
        std::string key;
        std::unique_ptr<Connection> connection;
        MonoTime since;
    };

    void arm();
    void drop_old();

    std::size_t idle_max_;
    Duration timeout_;
    asio::steady_timer timer_;
    bool armed_ = false;
    std::list<Idle> idle_;  // the longest idle first
    std::unordered_map<std::string, std::list<Idle>::iterator> by_key_;
};

}  // namespace meshmon::net
