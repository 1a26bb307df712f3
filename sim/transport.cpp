#include "sim/transport.hpp"

#include <algorithm>
#include <utility>

namespace meshmon::sim {

using mesh::Reason;
using Answer = mesh::Network::Answer;

namespace {

constexpr auto kConnectAgain = std::chrono::milliseconds(250);  // while an attempt to connect is not answered
constexpr int kConnectTries = 8;

Answer failure(Reason reason, std::string detail) {
    return {.outcome = Answer::Outcome::failed, .body = {}, .reason = reason, .detail = std::move(detail)};
}

}  // namespace

Transport::Transport(EventQueue& queue, Links& links, std::vector<std::unique_ptr<Machine>>& machines, Witness witness)
    : queue_(queue), links_(links), machines_(machines), witness_(std::move(witness)) {}

void Transport::name(std::string base_url, std::size_t machine) { names_.set(std::move(base_url), machine); }

void Transport::name_for(std::size_t dialer, std::string base_url, std::size_t machine) {
    names_for_[{dialer, std::move(base_url)}] = machine;
}

std::optional<std::size_t> Transport::find(std::size_t dialer, std::string_view base_url) const {
    if (!names_for_.empty()) {
        const auto own = names_for_.find({dialer, std::string(base_url)});
        if (own != names_for_.end()) return own->second;
    }
    return names_.find(base_url);
}

void Transport::pass(std::size_t from, std::size_t to, bool answer, Bytes& bytes) {
    witness_(from, to, answer, bytes);
    if (hand_) hand_(from, to, answer, bytes);
}

bool Transport::listens(std::size_t machine) const { return machines_[machine]->running() || seats_.contains(machine); }

void Transport::send(std::size_t from, mesh::Network::Transmit transmit) {
    Machine& sender = *machines_[from];
    auto exchange = std::make_shared<Exchange>();
    exchange->from = from;
    exchange->from_process = sender.incarnation();
    exchange->transmit = std::move(transmit);

    const std::string& url = exchange->transmit.url;
    const auto target = find(from, std::string_view(url).substr(0, url.find("/mesh/v1/")));
    if (!target) {
        queue_.after(std::chrono::milliseconds(1), [this, exchange] { fail(exchange, Reason::dns, "no such host"); });
        return;
    }
    exchange->to = *target;
    sender.limit(exchange->transmit.id, exchange->to, exchange->transmit.deadline);

    const std::uint64_t kept = sender.kept_connections.to(exchange->to);
    exchange->reused = kept != 0 && !exchange->transmit.fresh_connection;
    if (exchange->reused) {
        exchange->to_process = kept;
        request_leaves(exchange);
    } else {
        connect(exchange);
    }
}

void Transport::connect(const ExchangePtr& exchange) {
    const auto [from, to] = std::pair(exchange->from, exchange->to);
    if (!links_.starts(from, to) || !machines_[to]->on_network()) return;
    // The first of several attempts that comes through, as net::ConnectRace has it.
    std::optional<Duration> out, whole;
    Duration back{};
    const MonoTime deadline = machines_[from]->clock().to_world(exchange->transmit.deadline);
    const Duration last = std::min<Duration>(deadline - queue_.now(), kConnectTries * kConnectAgain);
    for (Duration begun{}; begun < last && (!whole || *whole > begun); begun += kConnectAgain) {
        const auto there = links_.passage(from, to, Links::Packet::syn, queue_.now());
        const auto home = links_.passage(to, from, Links::Packet::syn, queue_.now());
        if (!there || !home || (whole && begun + *there + *home >= *whole)) continue;
        out = begun + *there;
        back = *home;
        whole = *out + back;
    }
    if (!out) return;
    queue_.after(*out, [this, exchange, back] {
        const bool accepted = listens(exchange->to);
        exchange->to_process = machines_[exchange->to]->incarnation();
        queue_.after(back, [this, exchange, accepted] {
            if (accepted) {
                machines_[exchange->from]->when_awake([this, exchange] { request_leaves(exchange); });
            } else {
                fail(exchange, Reason::connect, "connection refused by " + machines_[exchange->to]->address());
            }
        });
    });
}

void Transport::request_leaves(const ExchangePtr& exchange) {
    const auto [from, to] = std::pair(exchange->from, exchange->to);
    pass(from, to, false, exchange->transmit.body);
    if (!links_.starts(from, to)) return;
    const auto delay = links_.passage(from, to, Links::Packet::segment, queue_.now(), exchange->transmit.body.size());
    if (!delay) return;
    queue_.after(*delay, [this, exchange] { request_arrives(exchange); });
    const auto repeated = links_.repeated();
    if (repeated) queue_.after(*delay + *repeated, [this, exchange] { request_comes_again(exchange); });
}

void Transport::request_arrives(const ExchangePtr& exchange) {
    Machine& receiver = *machines_[exchange->to];
    if (!receiver.on_network() || !links_.starts(exchange->from, exchange->to)) return;  // what is late is sent again and again
    if (!listens(exchange->to) || receiver.incarnation() != exchange->to_process) {
        if (const auto delay = links_.passage(exchange->to, exchange->from, Links::Packet::segment, queue_.now())) {
            queue_.after(*delay, [this, exchange] { broken(exchange); });
        }
        return;
    }
    const std::string& address = machines_[exchange->from]->address();
    if (receiver.running()) {
        receiver.receive(address, exchange->transmit.body, [this, exchange](mesh::Network::Reply reply) {
            exchange->reply = std::move(reply);
            answer_leaves(exchange);
        });
    } else {
        exchange->reply = seats_.at(exchange->to)(address, exchange->transmit.body);
        answer_leaves(exchange);
    }
}

/// From a middlebox, which keeps the answer to itself.
void Transport::request_comes_again(const ExchangePtr& exchange) {
    Machine& receiver = *machines_[exchange->to];
    if (!receiver.running() || !receiver.on_network() || !links_.starts(exchange->from, exchange->to)) return;
    receiver.receive(machines_[exchange->from]->address(), exchange->transmit.body, [](mesh::Network::Reply) {});
}

void Transport::answer_leaves(const ExchangePtr& exchange) {
    const auto [from, to] = std::pair(exchange->from, exchange->to);
    pass(to, from, true, exchange->reply.body);
    if (!links_.starts(from, to)) return;
    const auto delay = links_.passage(to, from, Links::Packet::segment, queue_.now(), exchange->reply.body.size());
    if (delay) queue_.after(*delay, [this, exchange] { answer_arrives(exchange); });
}

void Transport::answer_arrives(const ExchangePtr& exchange) {
    Machine& sender = *machines_[exchange->from];
    if (!awaited(exchange) || !sender.on_network() || !links_.starts(exchange->from, exchange->to)) return;
    sender.kept_connections.keep(exchange->to, exchange->to_process);
    conclude(exchange, {.outcome = Answer::Outcome::answered,
                        .http_status = exchange->reply.status,
                        .body = std::move(exchange->reply.body),
                        .detail = {}});
}

bool Transport::awaited(const ExchangePtr& exchange) const {
    return machines_[exchange->from]->awaits(exchange->from_process, exchange->transmit.id);
}

void Transport::broken(const ExchangePtr& exchange) {
    if (!awaited(exchange)) return;
    machines_[exchange->from]->kept_connections.lose(exchange->to);
    if (exchange->reused) {
        conclude(exchange, {.outcome = Answer::Outcome::reused_connection_lost, .body = {}, .detail = {}});
    } else {
        fail(exchange, Reason::connect, "connection reset by " + machines_[exchange->to]->address());
    }
}

void Transport::fail(const ExchangePtr& exchange, Reason reason, std::string detail) {
    conclude(exchange, failure(reason, std::move(detail)));
}

void Transport::conclude(const ExchangePtr& exchange, Answer answer) {
    machines_[exchange->from]->conclude(exchange->from_process, exchange->transmit.id, std::move(answer));
}

}  // namespace meshmon::sim
