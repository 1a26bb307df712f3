#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mesh/network.hpp"
#include "sim/event_queue.hpp"
#include "sim/links.hpp"
#include "sim/machine.hpp"
#include "sim/name_index.hpp"
#include "sim/tap.hpp"

namespace meshmon::sim {

/// Carries requests and answers between machines as HTTP over kept TCP connections would.
///
/// What becomes of a transmit: a host name that nobody has is `dns`; no process on a live host is `connect` after a round
/// trip; what is cut, paused, without power or too late is `timeout` at the deadline; a connection whose other end was
/// restarted since is `reused_connection_lost` after a round trip.
class Transport {
public:
    /// Answers requests in the place of a process that does not run: for liars.
    using Seat = std::function<mesh::Network::Reply(std::string_view address, ByteView body)>;
    /// Told of every message as it leaves.
    using Witness = std::function<void(std::size_t from, std::size_t to, bool answer, ByteView bytes)>;
    /// Whoever sits on the wire, and may alter what passes.
    using Hand = std::function<void(std::size_t from, std::size_t to, bool answer, Bytes& bytes)>;

    Transport(EventQueue& queue, Links& links, std::vector<std::unique_ptr<Machine>>& machines, Witness witness);

    /// Requests to `base_url` go to `machine`.
    void name(std::string base_url, std::size_t machine);
    /// Those of `dialer` alone; goes before name().
    void name_for(std::size_t dialer, std::string base_url, std::size_t machine);
    void lay_on(Hand hand) { hand_ = std::move(hand); }
    void take_seat(std::size_t machine, Seat seat) { seats_[machine] = std::move(seat); }
    void leave_seat(std::size_t machine) { seats_.erase(machine); }

    void send(std::size_t from, mesh::Network::Transmit transmit);

private:
    struct Exchange {
        std::size_t from = 0;
        std::size_t to = 0;
        std::uint64_t from_process = 0;
        std::uint64_t to_process = 0;  ///< the one that the connection leads to
        bool reused = false;
        mesh::Network::Transmit transmit;
        mesh::Network::Reply reply;  ///< once it has left
    };
    using ExchangePtr = std::shared_ptr<Exchange>;

    [[nodiscard]] std::optional<std::size_t> find(std::size_t dialer, std::string_view base_url) const;
    /// A message leaves its host: it is witnessed, and goes on as the hand on the wire leaves it.
    void pass(std::size_t from, std::size_t to, bool answer, Bytes& bytes);
    [[nodiscard]] bool listens(std::size_t machine) const;
    void connect(const ExchangePtr& exchange);
    void request_leaves(const ExchangePtr& exchange);
    void request_arrives(const ExchangePtr& exchange);
    void request_comes_again(const ExchangePtr& exchange);
    void answer_leaves(const ExchangePtr& exchange);
    void answer_arrives(const ExchangePtr& exchange);
    [[nodiscard]] bool awaited(const ExchangePtr& exchange) const;
    void broken(const ExchangePtr& exchange);
    void fail(const ExchangePtr& exchange, mesh::Reason reason, std::string detail);
    void conclude(const ExchangePtr& exchange, mesh::Network::Answer answer);

    EventQueue& queue_;
    Links& links_;
    std::vector<std::unique_ptr<Machine>>& machines_;
    Witness witness_;
    NameIndex names_;
    std::map<std::pair<std::size_t, std::string>, std::size_t> names_for_;
    std::map<std::size_t, Seat> seats_;
    Hand hand_;
};

}  // namespace meshmon::sim
