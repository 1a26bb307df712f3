#include "net/connect_race.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace meshmon::net {
namespace {

constexpr std::size_t kTargetsMax = 8;   // of a name with more addresses the others are not tried
constexpr std::size_t kProblemsMax = 3;  // told to people

/// The first address's family first, then alternating, each in the given order.
std::vector<tcp::endpoint> interleave(const std::vector<std::string>& addresses, std::uint16_t port) {
    std::vector<tcp::endpoint> first;
    std::vector<tcp::endpoint> second;
    for (const std::string& text : addresses) {
        error_code error;
        const auto address = asio::ip::make_address(text, error);
        if (error) continue;
        const bool same = first.empty() || first.front().address().is_v6() == address.is_v6();
        (same ? first : second).emplace_back(address, port);
    }
    std::vector<tcp::endpoint> all;
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size()) all.push_back(first[i]);
        if (i < second.size()) all.push_back(second[i]);
    }
    if (all.size() > kTargetsMax) all.resize(kTargetsMax);
    return all;
}

std::string describe(const tcp::endpoint& endpoint, error_code error) {
    const std::string address = endpoint.address().to_string();
    const std::string where =
        fmt::format(fmt::runtime(endpoint.address().is_v6() ? "[{}]:{}" : "{}:{}"), address, endpoint.port());
    if (error == asio::error::connection_refused) return "connection refused by " + where;
    if (error == asio::error::network_unreachable || error == asio::error::host_unreachable) return "no route to " + where;
    return fmt::format("cannot connect to {}: {}", where, error.message());
}

}  // namespace

ConnectRace::ConnectRace(asio::io_context& io, const std::vector<std::string>& addresses, std::uint16_t port,
                         std::function<void()> on_end)
    : io_(io), targets_(interleave(addresses, port)), stagger_(io), on_end_(std::move(on_end)) {}

void ConnectRace::start() {
    if (targets_.empty()) return end();
    try_next();
}

void ConnectRace::try_next() {
    if (ended_ || next_ == targets_.size()) return;
    const auto attempt = std::make_shared<Attempt>(Attempt{tcp::socket(io_), targets_[next_++]});
    ++pending_;
    error_code error;
    attempt->socket.open(attempt->endpoint.protocol(), error);
    if (error) return failed(attempt->endpoint, error);
    attempts_.push_back(attempt);
    attempt->socket.async_connect(attempt->endpoint, [self = shared_from_this(), attempt](error_code result) {
        if (self->ended_) return;
        if (result) return self->failed(attempt->endpoint, result);
        self->winner.emplace(std::move(attempt->socket));
        self->end();
    });
    if (next_ == targets_.size()) return;
    stagger_.expires_after(kStagger);
    stagger_.async_wait([self = shared_from_this()](error_code result) {
        if (!result) self->try_next();
    });
}

void ConnectRace::failed(const tcp::endpoint& endpoint, error_code error) {
    --pending_;
    if (problems_.size() < kProblemsMax) problems_.push_back(describe(endpoint, error));
    if (next_ < targets_.size()) try_next();
    else if (pending_ == 0) end();
}

void ConnectRace::end() {
    const auto on_end = std::exchange(on_end_, nullptr);
    cancel();
    if (on_end) on_end();
}

void ConnectRace::cancel() {
    ended_ = true;
    on_end_ = nullptr;
    stagger_.cancel();
    error_code ignored;
    for (const auto& attempt : attempts_) attempt->socket.close(ignored);
    attempts_.clear();
}

std::string ConnectRace::problem() const {
    if (problems_.empty()) return "no address to connect to";
    return fmt::format("{}", fmt::join(problems_, "; "));
}

}  // namespace meshmon::net
