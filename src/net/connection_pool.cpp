#include "net/connection_pool.hpp"

#include <utility>

#include "net/loop.hpp"

namespace meshmon::net {

ConnectionPool::ConnectionPool(asio::io_context& io, std::size_t idle_max, Duration timeout)
    : idle_max_(idle_max), timeout_(timeout), timer_(io) {}

std::unique_ptr<Connection> ConnectionPool::take(const std::string& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    std::unique_ptr<Connection> connection = std::move(found->second->connection);
    idle_.erase(found->second);
    by_key_.erase(found);
    if (connection->is_stale()) return nullptr;
    return connection;
}

void ConnectionPool::put(const std::string& key, std::unique_ptr<Connection> connection) {
    if (by_key_.contains(key)) return;  // two requests to one place at once; one connection is enough
    while (!idle_.empty() && idle_.size() >= idle_max_) {
        by_key_.erase(idle_.front().key);
        idle_.pop_front();
    }
    if (idle_max_ == 0) return;
    by_key_[key] = idle_.insert(idle_.end(), Idle{key, std::move(connection), Loop::now().mono});
    if (!armed_) arm();
}

void ConnectionPool::clear() {
    by_key_.clear();
    idle_.clear();
    timer_.cancel();
}

void ConnectionPool::arm() {
    armed_ = true;
    timer_.expires_at(to_steady(idle_.front().since + timeout_));
    timer_.async_wait([weak = weak_from_this()](error_code error) {
        const auto self = weak.lock();
        if (!self) return;
        self->armed_ = false;
        if (!error) self->drop_old();
    });
}

void ConnectionPool::drop_old() {
    const MonoTime now = Loop::now().mono;
    while (!idle_.empty() && idle_.front().since + timeout_ <= now) {
        by_key_.erase(idle_.front().key);
        idle_.pop_front();
    }
    if (!idle_.empty()) arm();
}

}  // namespace meshmon::net
