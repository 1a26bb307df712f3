// Messages: what goes into a request and an answer, and what is made of one that came.

#include <algorithm>
#include <array>
#include <span>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "mesh/mistake.hpp"
#include "mesh/network_impl.hpp"
#include "mesh/probe.hpp"
#include "wire/codec.hpp"

namespace meshmon::mesh {

namespace {

constexpr std::size_t kBodyMax = 1024 * 1024;
constexpr std::size_t kUnprovenBodyMax = 64 * 1024;           // from a sender that has not proven to be alive
constexpr std::size_t kSenderBytes = 9;                       // version byte and fingerprint
constexpr std::size_t kRecordBudgetStart = 16 * 1024;         // after a time-out, then doubling
constexpr std::size_t kWantChecks = 2;                        // each owner is then asked for twice in a poll, among all peers
constexpr auto kWantAgain = std::chrono::milliseconds(100);   // from all: until the first that was asked has answered
constexpr std::size_t kWantCandidatesFew = 64;                // to be looked at for each exchange
constexpr auto kWantLookAgain = kWantAgain / 2;               // at more of them, after all were looked at
constexpr auto kConfigTold = std::chrono::seconds(1);         // a peer's change of config, at most
constexpr double kAnswerBytesPerSecond = kMessageRecordsMax;  // of records, to one peer
constexpr double kAnswerBytesBurst = 4 * kAnswerBytesPerSecond;
constexpr auto kHeardAgain = std::chrono::milliseconds(200);  // between tries of one peer because it is heard
constexpr auto kChallengeMargin = std::chrono::seconds(2);
constexpr int kRepeatsMax = 3;  // for fresh challenges: one that it lacks or is stale, one older than another's word, one used up

std::uint64_t to_number(const std::array<std::uint8_t, 8>& bytes) {
    std::uint64_t number = 0;
    for (const std::uint8_t byte : bytes) number = number << 8 | byte;
    return number;
}

std::uint64_t draw(crypto::Crypto& crypto) {
    std::array<std::uint8_t, 8> bytes{};
    crypto.random(bytes);
    return to_number(bytes);
}

std::optional<std::uint64_t> sender_of(ByteView first_bytes) {
    if (first_bytes.size() < kSenderBytes) return std::nullopt;
    std::array<std::uint8_t, 8> bytes{};
    std::ranges::copy(first_bytes.substr(1, 8), bytes.begin());
    return to_number(bytes);
}

/// What an answer without a box says about us. Only the words of our own refusals are told apart.
Reason reason_outside_box(int http_status, ByteView body) {
    const auto says = [&body](std::string_view code) {
        return body.find(fmt::format("\"code\":\"{}\"", code)) != ByteView::npos;
    };
    if (http_status == 403 && says("unknown_key")) return Reason::refused_by_peer;
    if (http_status == 404 && says("unknown_network")) return Reason::wrong_network;
    if (http_status == 409 && says("wrong_recipient")) return Reason::key_mismatch;
    if (http_status == 401 && says("box_not_opened")) return Reason::key_mismatch;
    if (http_status == 426 && says("unsupported_version")) return Reason::version_mismatch;
    return Reason::http;
}

}  // namespace

// ---- requests that come ----------------------------------------------------------------------------------------------

std::size_t Network::Impl::body_limit(std::string_view address, ByteView first_bytes, Now now) const {
    now = lived(now);
    const std::optional<std::uint64_t> sender = sender_of(first_bytes);
    const bool blocked = admission_.is_blocked(address, now.mono);
    if (!sender && !blocked) return kBodyMax;
    const bool proven = sender ? is_proven(address, *sender) : admission_.is_proven(address);
    if (proven) return kBodyMax;
    if (!blocked) return kUnprovenBodyMax;
    passes(Probe::body_limit_refused);
    ++counters_.refused["too_many_failures"];
    return 0;
}

bool Network::Impl::is_proven(std::string_view address, std::uint64_t sender) const {
    const auto known = by_key_id_.find(sender);
    if (known && admission_.admits(peers_[*known].incoming.pass, address, sender)) return true;
    return admission_.is_proven(address, sender);
}

Network::Reply Network::Impl::refuse(int status, std::string_view code, std::string_view title) {
    ++counters_.refused[code];
    return {status, fmt::format(R"({{"error":{{"code":"{}","title":"{}","detail":"","hint":""}}}})", code, title), false};
}

Network::Reply Network::Impl::handle_exchange(std::string_view address, ByteView body, Now now) {
    now = lived(now);
    counters_.bytes_received += body.size();
    Result<wire::Envelope> envelope = wire::decode_envelope(body);
    if (!envelope) {
        admission_.failed(address, now.mono);
        if (envelope.error().code == "wire.version")
            return refuse(426, "unsupported_version", "This node speaks protocol version 1.");
        return refuse(400, "malformed_exchange", "This is no exchange of meshmon.");
    }
    const auto known = by_key_id_.find(envelope->sender);
    const bool is_own = envelope->sender == own_key_id_ || (second_.crypto != nullptr && envelope->sender == second_key_id_);
    if (is_own) return refuse(409, "wrong_recipient", "This node was asked by itself: a URL is wrong.");
    if (!known) {
        passes(Probe::sender_unknown);
        admission_.failed(address, now.mono);
        return refuse(403, "unknown_key", "The sender's key is not in this node's roster.");
    }
    const std::size_t index = *known;
    Peer& peer = peers_[index];
    if (admission_.is_blocked(address, now.mono) && !is_proven(address, envelope->sender)) {
        return refuse(429, "too_many_failures", "Too many boxes from this address did not open.");
    }
    Under under{.other = false, .next = peer.next && envelope->sender == peer.next->id};
    std::optional<Bytes> plain = crypto_.open(*box_of(peer, under), envelope->nonce, envelope->box);
    // Who has used the new key is not listened to under the one before: a thief of that could speak for everybody here.
    const bool is_over = !second_.is_next && peer.uses_own_key;
    if (const crypto::BoxKey* other = box_of(peer, {true, under.next}); !plain && other != nullptr && !is_over) {
        plain = crypto_.open(*other, envelope->nonce, envelope->box);
        under.other = plain.has_value();
    }
    if (!plain) {
        passes(Probe::box_not_opened);
        admission_.failed(address, now.mono);
        return refuse(401, "box_not_opened", "The box does not open under the keys of sender and recipient.");
    }
    const Result<wire::Exchange> request = wire::decode_exchange(*plain);
    if (!request) {
        tell_misbehaviour(index, "malformed_exchange", now);
        return refuse(400, "malformed_exchange", "What is in the box does not read.");
    }
    if (request->kind != wire::ExchangeKind::request || request->network != roster_.network ||
        request->from != roster_.nodes[index].id || request->to != identity_.node) {
        passes(Probe::wrong_recipient);
        return refuse(409, "wrong_recipient", "This exchange was meant for another node, network or direction.");
    }
    const Sealed as{*box_of(peer, under), under.other ? second_key_id_ : own_key_id_};  // what is in it may change the keys
    std::optional<MonoTime> proven;
    if (request->challenge_echo)
        proven = peer.incoming.challenges.redeem(*request->challenge_echo, now.mono, challenge_lifetime(index));
    if (request->challenge_echo && !proven) passes(Probe::challenge_refused);
    // Which of two processes lives, a proof that is younger than the other's word tells: its sender repeats with a fresh
    // challenge.
    if (proven && peer.lives.is_overtaken(request->boot_id, *proven)) proven.reset();
    const bool same_boot = peer.incoming.boot_id == request->boot_id;
    if (!same_boot && proven) {
        passes(Probe::boot_changed);
        peer.incoming.boot_id = request->boot_id;
        peer.incoming.window = ReplayWindow();
    }
    if ((same_boot || proven) && !peer.incoming.window.use(request->counter)) {
        passes(Probe::repeat_refused);
        return refuse(409, "replayed", "This exchange was received before.");
    }
    if (proven) {
        ++counters_.requests_accepted;
        peer.outgoing.under.next = under.next;
        peer.exchanged_under(under);
        admission_.proven(address, envelope->sender, peer.incoming.pass);
        spoke(index, request->boot_id, *proven, now);
        const Status before = peer.link.status();
        const bool changed = peer.link.heard(now);
        if (const auto at = peer.link.silent_at()) agenda_.set_at_latest({Wake::silence, index}, *at);
        if (changed) link_changed(index, before, now);
        peer.life.exchange_at = now.mono;
        peer.life.relay_primed = false;
        take_in(index, *request, now);
        proof_of_life(index, now);
        try_whom_it_hears(index, now);
    } else ++counters_.requests_unproven;
    return answer(index, *request, as, proven.has_value(), now);
}

/// A peer that it did not reach is there now: it need not wait for the next poll. Where that fails, not at the pace of its
/// requests.
void Network::Impl::try_whom_it_hears(std::size_t index, Now now) {
    Peer& peer = peers_[index];
    const auto failed = peer.link.last_failure();
    if (!failed || (peer.link.last_success() && *failed <= *peer.link.last_success())) return;
    if (peer.tried_as_heard_at && now.mono - *peer.tried_as_heard_at < kHeardAgain) return;
    peer.tried_as_heard_at = now.mono;
    want_exchange(index, false, now);
}

Duration Network::Impl::challenge_lifetime(std::size_t index) const { return 3 * poll_with(index) + kChallengeMargin; }

/// The peer's process `boot_id` lived at `alive_at` or later.
void Network::Impl::spoke(std::size_t index, const wire::BootId& boot_id, MonoTime alive_at, Now now) {
    if (peers_[index].lives.came_back(boot_id, alive_at, now.mono))
        suspect_clone(index, "two processes prove life under its key in turns", now);
}

Network::Reply Network::Impl::answer(std::size_t index, const wire::Exchange& request, const Sealed& as, bool proven, Now now) {
    Peer& peer = peers_[index];
    wire::Exchange exchange = introduce(index, wire::ExchangeKind::answer, now);
    exchange.nonce = request.nonce;
    exchange.received_wall = now.wall;
    // Who repeats a recorded request, or speaks beside the peer under its key, must not push out the challenges of the peer.
    Challenges& challenges = peer.incoming.challenges;
    const Duration age_max = std::min(challenge_lifetime(index) / 2, peer.lives.spoken_for(now.mono));
    if (!proven) exchange.challenge = challenges.offered(now.mono, age_max);
    if (!exchange.challenge) {
        exchange.challenge = draw(crypto_);
        if (proven) challenges.issue(*exchange.challenge, now.mono);
        else challenges.offer(*exchange.challenge, now.mono);
    }
    exchange.accepted = proven;
    if (proven) {
        add_records(index, exchange, request.want, answer_budget(index, now));
        add_wants(index, exchange, now);
    } else {
        exchange.your_version_held.reset();
    }
    Reply reply{200, seal(as, exchange), true};
    counters_.bytes_sent += reply.body.size();
    return reply;
}

wire::Exchange Network::Impl::introduce(std::size_t index, wire::ExchangeKind kind, Now now) {
    wire::Exchange exchange;
    exchange.kind = kind;
    exchange.network = roster_.network;
    exchange.from = roster_.self;
    exchange.to = roster_.nodes[index].id;
    exchange.boot_id = boot_id_;
    exchange.sent_wall = now.wall;
    exchange.my_version = own_version();
    exchange.your_version_held = peers_[index].held.version();
    exchange.roster_hash = roster_hash_;
    exchange.config_revision = roster_.config_revision;
    exchange.software_version = options_.software_version;
    if (peers_[index].next) exchange.your_keys = {peers_[index].next->identity.key_tag, peers_[index].identity->key_tag};
    return exchange;
}

Bytes Network::Impl::seal(const Sealed& as, const wire::Exchange& exchange) {
    Bytes body = wire::encode_behind(wire::kEnvelopeOverhead + crypto::kBoxOverhead, exchange);
    crypto::BoxNonce nonce{};
    crypto_.random(nonce);
    wire::put_envelope(body, as.own_key, nonce);
    crypto_.seal_in_place(as.box, nonce, std::span(body).subspan(wire::kEnvelopeOverhead));
    return body;
}

/// Who asks again and again costs this node no more than this. What does not fit is asked for again.
std::size_t Network::Impl::answer_budget(std::size_t index, Now now) {
    Incoming& incoming = peers_[index].incoming;
    incoming.record_tokens = std::min(
        kAnswerBytesBurst, incoming.record_tokens + to_seconds(now.mono - incoming.record_tokens_at) * kAnswerBytesPerSecond);
    incoming.record_tokens_at = now.mono;
    return std::min(kMessageRecordsMax, static_cast<std::size_t>(incoming.record_tokens));
}

void Network::Impl::add_records(std::size_t index, wire::Exchange& exchange, const std::vector<wire::Version>& wants,
                                std::size_t budget) {
    Peer& peer = peers_[index];
    const std::size_t budget_before = budget;
    const auto push = [&](wire::SignedRecord part) {
        const std::size_t size = wire::encoded_size(part);
        if (size > budget || exchange.records.size() >= wire::kRecordsMax) return false;
        budget -= size;
        exchange.records.push_back(std::move(part));
        return true;
    };
    const RosterSlots* made_there = peer.introduction.roster_hash == roster_hash_ ? &roster_slots_ : nullptr;
    const auto add = [&](const std::shared_ptr<const Record>& record, const std::optional<wire::Version>& held) {
        if (!record || (held && held->key == record->version.key && !is_newer(record->version, *held))) return true;
        return push(delta(*record, held, made_there));
    };

    const auto& of_mine = peer.introduction.holds_of_mine;
    const bool is_older = of_mine && own_.current() && is_newer(own_.current()->version, *of_mine);
    // What changed since a head that another process signed, this one does not know: all travels.
    const bool all = (is_older && own_.is_of_another_process(*of_mine)) || made(Mistake::always_sends_own_record);
    if (own_.epoch() > 0 && knows_own_key(peer)) add(own_.current(), all ? std::nullopt : of_mine);
    if (auto forgotten = forgotten_head(peer)) push(std::move(*forgotten));
    std::set<std::size_t> left_over;
    for (const std::size_t owner : std::exchange(peer.outgoing.carry, {})) {
        if (owner != index && !add(peers_[owner].held.current(), std::nullopt)) left_over.insert(owner);
    }
    if (!left_over.empty()) passes(Probe::record_left_over);
    peer.outgoing.carry = std::move(left_over);
    for (const wire::Version& want : wants) {
        const auto owner = tags_.find(want.node);
        if (!owner || owner == self_ || made(Mistake::serves_nothing)) continue;
        const Peer& wanted = peers_[*owner];
        if (!wanted.identity || (want.key != wanted.identity->key_tag && want.key != wanted.former)) continue;
        const auto held = want.epoch == 0 || want.key == wanted.former ? std::nullopt : std::optional(want);
        const std::shared_ptr<const Record>& record = wanted.held.current();
        if (record) passes(Probe::record_of_another_wanted);
        if (record && held && is_other_truth(*held, record->version)) push(delta(*record, held, made_there));
        else add(record, held);
    }
    if (exchange.kind == wire::ExchangeKind::answer) peer.incoming.record_tokens -= static_cast<double>(budget_before - budget);
    counters_.records_sent += exchange.records.size();
}

/// What to show to an owner that goes on below what was signed under its key, as after the loss of its disk: its own newer head,
/// of which a floor is kept, or one that another process signed under the same version, and whose slots never came.
std::optional<wire::SignedRecord> Network::Impl::forgotten_head(const Peer& peer) {
    const std::optional<wire::Floor>& floor = peer.held.floor();
    const std::optional<wire::Version>& says = peer.introduction.version;
    if (made(Mistake::hides_forgotten_head)) return std::nullopt;
    if (says) {
        if (auto in_the_way = peer.held.in_the_way_of(*says)) return in_the_way;
    }
    if (peer.held.current() || !floor || floor->head.empty() || !says || says->key != floor->key) return std::nullopt;
    if (std::tie(says->epoch, says->seq) >= std::tie(floor->epoch, floor->seq)) return std::nullopt;
    passes(Probe::forgotten_head_shown);
    return wire::SignedRecord{floor->head, floor->signature, {}, floor->key};
}

void Network::Impl::add_wants(std::size_t index, wire::Exchange& exchange, Now now) {
    const Peer& peer = peers_[index];
    const bool asks = exchange.kind == wire::ExchangeKind::request && now.mono >= peer.relays_ignored_until;
    const auto want = [&](std::size_t owner) {
        Peer& other = peers_[owner];
        if (!other.identity || owner == index || owner == self_) return;
        if (other.wanted_at && now.mono - *other.wanted_at < kWantAgain) return;
        // An answer is asked for by the peer, at its pace: it must not keep this node from asking others.
        if (asks) other.wanted_at = now.mono;
        exchange.want.push_back(other.held.version().value_or(wire::Version{other.tag, other.identity->key_tag, 0, 0, 0}));
    };
    const auto& of_mine = peer.introduction.holds_of_mine;
    const auto mine = own_version();
    const bool is_above = of_mine && mine && of_mine->key == mine->key && is_newer(*of_mine, *mine);
    const bool is_held = of_mine && mine && *of_mine == *mine;
    if (mine && (is_above || (of_mine && !is_held && own_.is_of_another_process(*of_mine)))) {
        passes(Probe::asked_for_the_own_head);
        exchange.want.push_back({mine->node, mine->key, 0, 0, 0});  // a head of mine that I did not sign: I ask to be shown
    }
    const auto is_unreached = [&](std::size_t owner) {
        const Link& link = peers_[owner].link;
        const auto& exchanged = peers_[owner].life.exchange_at;
        const bool is_failing = link.last_failure() && (!exchanged || *link.last_failure() > *exchanged);
        // Who was not tried yet is not asked for: a whole network that starts would send everybody's record to everybody.
        return is_failing || now.mono - exchanged.value_or(peers_[owner].entered_at) > 3 * poll_with(owner) / 2;
    };
    const std::size_t candidates = not_reached_.size();
    const bool looks = candidates <= kWantCandidatesFew || !wants_looked_at_ || now.mono - *wants_looked_at_ >= kWantLookAgain;
    auto next = not_reached_.lower_bound(want_rotation_ % peers_.size());
    std::size_t turn = 0;
    for (; looks && turn < candidates && exchange.want.size() + kWantChecks < wire::kWantMax; ++turn, ++next) {
        if (next == not_reached_.end()) next = not_reached_.begin();
        if (is_unreached(*next)) want(*next);
    }
    if (looks && turn == candidates) wants_looked_at_ = now.mono;
    want_rotation_ += kWantChecks;
    if (exchange.kind != wire::ExchangeKind::request) return;
    for (std::size_t i = 0; i < std::min(kWantChecks, peers_.size()); ++i) want((want_rotation_ + i) % peers_.size());
}

void Network::Impl::take_in(std::size_t index, const wire::Exchange& exchange, Now now) {
    Introduction& said = peers_[index].introduction;
    std::optional<MonoTime>& told_at = peers_[index].config_told_at;
    const bool may_tell = !told_at || now.mono - *told_at >= kConfigTold;
    if (said.config_revision != exchange.config_revision && !said.config_revision.empty() && may_tell) {
        told_at = now.mono;
        tell(EventKind::peer_config, index, now, "runs config " + exchange.config_revision);
    }
    const bool same = said.roster_hash == exchange.roster_hash && said.config_revision == exchange.config_revision &&
                      said.software_version == exchange.software_version;
    if (!same) ++generation_;
    said.roster_hash = exchange.roster_hash;
    said.config_revision = exchange.config_revision;
    said.software_version = exchange.software_version;
    said.version = exchange.my_version;
    said.holds_of_mine = exchange.your_version_held;
    take_keys_of_mine(index, exchange.your_keys, now);
    if (exchange.kind == wire::ExchangeKind::answer) said.wants = exchange.want;
    take_records(index, exchange.records, now);
    Peer& peer = peers_[index];
    const auto held = peer.held.version();
    if (held && exchange.my_version == held) {
        peer.absence.caught_up();
        const bool was_fresh = is_fresh(index, now);
        peer.named_at = now.mono;
        agenda_.set_at_latest({Wake::freshness, index}, stale_at(index));
        if (!was_fresh) request_pass(now);
    }
}

// ---- requests that go ------------------------------------------------------------------------------------------------

void Network::Impl::start_exchange(std::size_t index, bool counts, Now now) {
    Outgoing& outgoing = peers_[index].outgoing;
    outgoing.due = false;
    Flight flight;
    flight.counts = counts && now.mono >= judge_from_;
    flight.deadline = now.mono + try_length(index);
    outgoing.flight = flight;
    if (made(Mistake::draws_from_an_address)) random_ = Random(reinterpret_cast<std::uintptr_t>(&outgoing));
    if (counts) set_next_poll(index, now);
    else agenda_.set_at_latest({Wake::exchange, index}, now.mono + roster_.nodes[index].poll_rate);
    ++counters_.exchanges_started;
    send_flight(index, now);
}

void Network::Impl::set_next_poll(std::size_t index, Now now) {
    const Duration poll = roster_.nodes[index].poll_rate;
    const Duration jitter(static_cast<std::int64_t>(random_.uniform() * 0.1 * static_cast<double>(poll.count())));
    agenda_.set({Wake::exchange, index}, now.mono + poll - jitter);
}

void Network::Impl::send_flight(std::size_t index, Now now) {
    Peer& peer = peers_[index];
    Flight& flight = *peer.outgoing.flight;
    flight.id = next_transmit_++;
    flight.nonce = draw(crypto_);
    flight.sent_at = now.mono;
    wire::Exchange exchange = introduce(index, wire::ExchangeKind::request, now);
    exchange.counter = ++counter_;
    exchange.nonce = flight.nonce;
    exchange.challenge_echo = peer.outgoing.challenge;  // kept until an answer brings another: this request may get lost
    flight.echoed = exchange.challenge_echo.has_value();
    add_records(index, exchange, std::exchange(peer.introduction.wants, {}), peer.outgoing.record_budget);
    add_wants(index, exchange, now);
    flight.under = peer.outgoing.under;
    flight.tried |= bit_of(flight.under);
    flight.box = *box_of(peer, flight.under);
    flight.peer_key = flight.under.next ? peer.next->id : peer.key_id;
    Bytes body = seal({flight.box, flight.under.other ? second_key_id_ : own_key_id_}, exchange);
    counters_.bytes_sent += body.size();
    early_bytes_ -= static_cast<double>(body.size());
    flights_.emplace_back(flight.id, index);
    transmits_.push_back({flight.id, roster_.nodes[index].id, roster_.nodes[index].url + "/mesh/v1/" + roster_.network.str(),
                          std::move(body), flight.deadline + paused_, flight.on_fresh_connection});
}

void Network::Impl::handle_answer(std::uint64_t transmit_id, const Answer& answer, Now now) {
    now = lived(now);
    const auto found = std::ranges::lower_bound(flights_, transmit_id, {}, &std::pair<std::uint64_t, std::size_t>::first);
    if (found == flights_.end() || found->first != transmit_id) return;
    const std::size_t index = found->second;
    flights_.erase(found);
    Peer& peer = peers_[index];
    if (!peer.outgoing.flight || peer.outgoing.flight->id != transmit_id) return;
    const Flight flight = *peer.outgoing.flight;
    if (answer.outcome == Answer::Outcome::reused_connection_lost && !flight.on_fresh_connection && now.mono < flight.deadline) {
        passes(Probe::reused_connection_lost);
        peer.outgoing.flight->on_fresh_connection = true;
        send_flight(index, now);
        return;
    }
    peer.outgoing.flight.reset();
    if (answer.outcome != Answer::Outcome::answered) {
        const Reason reason = answer.reason == Reason::none ? Reason::connect : answer.reason;
        finish_failure(index, flight, reason, answer.detail, false, now);
        return;
    }
    counters_.bytes_received += answer.body.size();
    if (answer.http_status != 200) {
        const Reason reason = reason_outside_box(answer.http_status, answer.body);
        const bool is_about_keys = reason == Reason::refused_by_peer || reason == Reason::key_mismatch;
        if (const auto under = next_keys_to_try(peer, flight); is_about_keys && under && now.mono < flight.deadline) {
            passes(Probe::other_keys_tried);
            peer.outgoing.under = *under;
            peer.outgoing.flight = flight;
            send_flight(index, now);
            return;
        }
        finish_failure(index, flight, reason, fmt::format("HTTP status {}", answer.http_status), true, now);
        return;
    }
    const Result<wire::Envelope> envelope = wire::decode_envelope(answer.body);
    if (!envelope) {
        finish_failure(index, flight, Reason::http, "an answer that is no exchange", true, now);
        return;
    }
    if (envelope->sender != flight.peer_key) {
        finish_failure(index, flight, Reason::key_mismatch, fmt::format("answered with key {:016x}", envelope->sender), true,
                       now);
        return;
    }
    const std::optional<wire::Exchange> exchange = open(peer, flight, *envelope);
    if (!exchange || (exchange->nonce != flight.nonce && !made(Mistake::takes_any_nonce))) {
        passes(Probe::answer_of_another_request);
        finish_failure(index, flight, Reason::key_mismatch, "an answer that does not belong to the request", true, now);
        return;
    }
    finish_success(index, flight, *exchange, now);
}

std::optional<wire::Exchange> Network::Impl::open(const Peer& peer, const Flight& flight, const wire::Envelope& envelope) {
    const std::optional<Bytes> plain = crypto_.open(flight.box, envelope.nonce, envelope.box);
    if (!plain) return std::nullopt;
    Result<wire::Exchange> exchange = wire::decode_exchange(*plain);
    const bool fits = exchange && exchange->kind == wire::ExchangeKind::answer && exchange->network == roster_.network &&
                      exchange->from == peer.identity->node && exchange->to == identity_.node;
    if (!fits) return std::nullopt;
    return std::move(*exchange);
}

void Network::Impl::finish_success(std::size_t index, const Flight& flight, const wire::Exchange& exchange, Now now) {
    ++counters_.exchanges_succeeded;
    Peer& peer = peers_[index];
    const Duration rtt = now.mono - flight.sent_at;
    const Status before = peer.link.status();
    const std::uint8_t flags_before = peer.link.flags();
    const bool changed = peer.link.succeeded(rtt, now) || flags_before != peer.link.flags();
    peer.outgoing.excused = 0;
    peer.exchanged_under(flight.under);
    if (peer.link.options().dials) not_reached_.erase(index);
    if (not_yet_reached_.erase(index) == 1 && not_yet_reached_.empty() && !published_at_) own_state_changed(now);
    spoke(index, exchange.boot_id, flight.sent_at, now);
    const auto half = rtt / 2;
    const auto offsets = (exchange.received_wall - now.wall) + (exchange.sent_wall - now.wall);  // in ms: cannot overflow
    peer.introduction.clock_offset = std::chrono::duration_cast<Duration>(offsets / 2) + half;
    peer.introduction.clock_error = half + std::chrono::milliseconds(1);
    peer.outgoing.challenge = exchange.challenge;
    peer.life.exchange_at = now.mono;
    peer.life.relay_primed = false;
    std::size_t& budget = peer.outgoing.record_budget;
    if (budget < kMessageRecordsMax) passes(Probe::budget_of_records_doubled);
    budget = budget == 0 ? kRecordBudgetStart : std::min(budget * 2, kMessageRecordsMax);
    if (changed) link_changed(index, before, now);
    const bool repeats = !exchange.accepted && exchange.challenge && peer.outgoing.repeats < kRepeatsMax;
    peer.outgoing.repeats = repeats ? peer.outgoing.repeats + 1 : 0;
    if (exchange.accepted) {
        take_in(index, exchange, now);
    } else if (repeats) {
        if (flight.echoed) passes(Probe::challenge_repeated);
        peer.outgoing.due_counts = flight.counts || (peer.outgoing.due && peer.outgoing.due_counts);
        peer.outgoing.due = true;
    }
    proof_of_life(index, now);
    after_flight(index, now);
}

void Network::Impl::finish_failure(std::size_t index, const Flight& flight, Reason reason, std::string detail, bool outside_box,
                                   Now now) {
    ++counters_.exchanges_failed[reason];
    Peer& peer = peers_[index];
    peer.outgoing.repeats = 0;
    const bool own_lag = is_own_lag(index, flight, reason);
    if (own_lag) {
        excuse(now);
        if (++peer.outgoing.excused < peer.link.options().retry) {
            if (flight.counts) agenda_.set({Wake::exchange, index}, std::max(now.mono, flight.deadline));
            return after_flight(index, now);
        }
    }
    if (reason == Reason::timeout) peer.outgoing.record_budget = 0;
    const Status before = peer.link.status();
    const Reason reason_before = peer.link.reason();
    const std::uint8_t flags_before = peer.link.flags();
    const bool was_seen = seen_directly(index, now);
    const bool counts = flight.counts && now.mono >= judge_from_ && !own_lag;  // no longer seen, and yet not accused
    const bool changed = peer.link.failed(reason, std::move(detail), outside_box, counts, now);
    not_reached_.insert(index);
    const bool reads_otherwise = reason_before != peer.link.reason() || flags_before != peer.link.flags();
    if (changed || reads_otherwise) link_changed(index, before, now);
    if (was_seen) request_pass(now);
    if (made(Mistake::forgets_the_down) && peer.link.status() == Status::down) agenda_.cancel({Wake::exchange, index});
    if (flight.counts && peer.link.status() != Status::down) {
        agenda_.set({Wake::exchange, index}, std::max(now.mono, flight.deadline));
    }
    after_flight(index, now);
}

void Network::Impl::after_flight(std::size_t index, Now now) {
    Outgoing& outgoing = peers_[index].outgoing;
    if (outgoing.due && leaving_ && may_dial(index)) start_exchange(index, true, now);  // the news that it leaves
    else if (outgoing.due) want_exchange(index, outgoing.due_counts, now);
    pump_early(now);
}

}  // namespace meshmon::mesh
