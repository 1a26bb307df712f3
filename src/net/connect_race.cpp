#include "net/connect_race.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace meshmon::net {
namespace {

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
    if (all.size() > ConnectRace::kTriesMax) all.resize(ConnectRace::kTriesMax);
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
    : io_(io), stagger_(io), on_end_(std::move(on_end)) {
    for (const tcp::endpoint& endpoint : interleave(addresses, port)) targets_.push_back({.endpoint = endpoint, .attempts = {}});
}

void ConnectRace::start() {
    if (targets_.empty()) return end();
    try_next();
}

void ConnectRace::try_next() {
    if (ended_ || tries_ == kTriesMax) return;
    while (targets_[next_ % targets_.size()].failed) ++next_;  // ends: once all have failed the race has ended
    Target& target = targets_[next_++ % targets_.size()];
    ++tries_;
    const auto socket = std::make_shared<tcp::socket>(io_);
    error_code error;
    socket->open(target.endpoint.protocol(), error);
    if (error && !target.attempts.empty()) return wait_to_try();  // out of files, for example: what is under way may well succeed
    if (error) return failed(target, error);
    target.attempts.push_back(socket);
    socket->async_connect(target.endpoint, [self = shared_from_this(), socket, &target](error_code result) {
        if (self->ended_ || target.failed) return;
        if (result) return self->failed(target, result);
        self->winner.emplace(std::move(*socket));
        self->end();
    });
    wait_to_try();
}

void ConnectRace::wait_to_try() {
    stagger_.expires_after(kStagger);
    stagger_.async_wait([self = shared_from_this()](error_code result) {
        if (!result) self->try_next();
    });
}

/// An answer about an address counts for every attempt at it: those that wait would only be told the same later.
void ConnectRace::failed(Target& target, error_code error) {
    target.failed = true;
    error_code ignored;
    for (const auto& socket : target.attempts) socket->close(ignored);
    target.attempts.clear();
    if (problems_.size() < kProblemsMax) problems_.push_back(describe(target.endpoint, error));
    if (std::ranges::all_of(targets_, &Target::failed)) end();
    else if (next_ < targets_.size()) try_next();
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
    for (Target& target : targets_) {
        for (const auto& socket : target.attempts) socket->close(ignored);
        target.attempts.clear();
    }
}

std::string ConnectRace::problem() const {
    if (problems_.empty()) return "no address to connect to";
    return fmt::format("{}", fmt::join(problems_, "; "));
}

}  // namespace meshmon::net
