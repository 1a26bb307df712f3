// Step 3 of a heartbeat: what happened is taken in, freshness, versions, records, observations and verdicts follow.
// Start here; network_impl.hpp says which file holds what.

#include "mesh/network.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "crypto/fingerprint.hpp"
#include "mesh/mistake.hpp"
#include "mesh/network_impl.hpp"
#include "wire/codec.hpp"

namespace meshmon::mesh {

namespace {

constexpr auto kSaveInterval = std::chrono::seconds(30);
constexpr auto kSilenceMargin = std::chrono::seconds(2);
constexpr std::size_t kStrangersMax = 1000;  // who left the roster, and is known should it come back
constexpr std::size_t kEventsMax = 10'000;   // undrained; a driver drains after every call

Duration length_of_try(const RosterNode& node) { return std::max<Duration>(std::chrono::seconds(1), node.poll_rate / 4); }

Duration length_of_tries(const RosterNode& node) { return node.poll_rate + node.retry * length_of_try(node); }

}  // namespace

Network::Impl::Impl(Roster roster, crypto::Crypto& crypto, Options options, Now now)
    : crypto_(crypto),
      signer_(&crypto),
      second_(options.second_key),
      options_(std::move(options)),
      random_(options_.seed),
      identity_(make_identity(roster.network, roster.self, crypto.public_key())),
      own_key_id_(crypto::fingerprint(crypto.public_key()).short_id()),
      second_key_id_(second_.crypto != nullptr ? crypto::fingerprint(second_.crypto->public_key()).short_id() : 0),
      started_at_(now.mono),
      started_wall_(now.wall),
      judge_from_(now.mono),
      own_(identity_, boot_id_),
      rtt_published_at_(now.mono) {
    crypto_.random(boot_id_);
    own_ = OwnRecord(identity_, boot_id_);
    std::optional<wire::SavedState>& saved = options_.saved;
    if (saved) {
        for (wire::Floor& floor : std::exchange(saved->floors, {})) floors_.insert_or_assign(floor.owner, std::move(floor));
    }
    adopt_roster(std::move(roster), now);
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        if (may_dial(i)) not_yet_reached_.insert(i);
    }
    const bool same_key = saved && saved->key == identity_.key_tag && saved->node == identity_.node;
    begin_next_epoch(same_key ? saved->epoch : 0, now);
    agenda_.set({Wake::save, 0}, now.mono + kSaveInterval);
}

std::optional<std::size_t> Network::Impl::index_of(const NodeId& id) const {
    const RosterNode* node = roster_.find(id);
    if (node == nullptr) return std::nullopt;
    return static_cast<std::size_t>(node - roster_.nodes.data());
}

void Network::Impl::adopt_roster(Roster roster, Now now) {
    keep_floors(roster);
    std::map<NodeId, Peer> kept;
    for (std::size_t i = 0; i < peers_.size(); ++i) kept.emplace(roster_.nodes[i].id, std::move(peers_[i]));
    const Roster before = std::exchange(roster_, std::move(roster));
    roster_hash_ = roster_hash(roster_);
    self_ = index_of(roster_.self);
    peers_.clear();
    agenda_.clear();
    early_.clear();
    accusers_.clear();
    lost_at_.clear();
    rtt_published_.clear();
    const std::set<std::size_t> were_not_reached = std::exchange(not_reached_, {});
    links_down_ = 0;

    std::vector<wire::NodeTag> tags;
    for (const RosterNode& node : roster_.nodes) tags.push_back(node_tag(node.id));
    tags_ = TagIndex(tags);
    roster_slots_ = roster_slots(std::move(tags), crypto_, options_.pool);
    std::map<std::size_t, std::size_t> moved;  // old roster index: new one
    std::vector<NumberIndex::Entry> key_ids;
    for (std::size_t i = 0; i < roster_.nodes.size(); ++i) {
        const RosterNode& node = roster_.nodes[i];
        const auto old = kept.find(node.id);
        const RosterNode* was = before.find(node.id);
        if (old != kept.end() && was != nullptr && is_kept(old->second, *was, node)) {
            moved.emplace(static_cast<std::size_t>(was - before.nodes.data()), i);
            peers_.push_back(std::move(old->second));
            set_next_key(peers_[i], node);
            peers_[i].link.configure(link_options(node, peers_[i].boxes.own.has_value()), was->url != node.url, now);
        } else {
            peers_.push_back(make_peer(node, now));
        }
        if (peers_[i].identity) key_ids.emplace_back(peers_[i].key_id, i);
        if (peers_[i].next) key_ids.emplace_back(peers_[i].next->id, i);
    }
    by_key_id_ = NumberIndex(std::move(key_ids), 64);
    std::vector<std::pair<std::uint64_t, std::size_t>> flights;
    for (const auto& [id, peer] : flights_) {
        if (moved.contains(peer)) flights.emplace_back(id, moved[peer]);
    }
    flights_ = std::move(flights);
    for (const std::size_t peer : were_not_reached) {
        if (moved.contains(peer)) not_reached_.insert(moved[peer]);
    }
    std::vector<std::shared_ptr<const Row>> rows(peers_.size());  // as they were, by the new order
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        Peer& peer = peers_[i];
        const std::set<std::size_t> carried = std::exchange(peer.outgoing.carry, {});
        for (const std::size_t owner : carried) {
            if (moved.contains(owner)) peer.outgoing.carry.insert(moved[owner]);
        }
        peer.outgoing.early = false;
        peer.probed_for.clear();
        if (!moved.contains(peer.life.bringer)) peer.life.relayed_at.reset();
        else peer.life.bringer = moved[peer.life.bringer];
        peer.counted.reset();
        if (peer.row) rows[i] = std::make_shared<const Row>(moved_row(*peer.row, moved, peers_.size()));
        peer.row.reset();
        peer.reached = {};
        if (!peers_[i].link.options().dials) not_reached_.insert(i);
        if (peers_[i].link.status() == Status::down) ++links_down_;
        schedule_silence(i);
        if (may_dial(i)) want_exchange(i, true, now);
    }
    longest_poll_ = std::chrono::seconds(1);
    detection_bound_ = {};
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        longest_poll_ = std::max(longest_poll_, roster_.nodes[i].poll_rate);
        detection_bound_ = std::max(detection_bound_, tries_length(i) + kSilenceMargin);
    }
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        const auto& record = peers_[i].held.current();
        if (record) set_row(i, make_row(*record, tags_, peers_.size(), rows[i].get(), now.mono));
        else if (rows[i] && i == self_) set_row(i, rows[i]);  // what rebuild_own_row goes on from
    }
    opinions_.assign(peers_.size(), 0);
    partition_ = {};
    partition_due_ = true;
    agenda_.set({Wake::save, 0}, now.mono + kSaveInterval);
    rebuild_own_row(now);
    request_pass(now);
    look_for_next_key(now);
}

/// Who leaves and comes back finds what was held of it, and its key that came into use, as after a restart.
void Network::Impl::keep_floors(const Roster& next) {
    const auto leaves = [&](const NodeId& node) { return next.find(node) == nullptr; };
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        if (!leaves(roster_.nodes[i].id)) continue;
        if (auto floor = floor_of(i)) floors_.insert_or_assign(floor->owner, *std::move(floor));
    }
    auto strangers =
        static_cast<std::size_t>(std::ranges::count_if(floors_, leaves, [](const auto& each) { return each.first; }));
    std::erase_if(floors_, [&](const auto& each) { return leaves(each.first) && strangers-- > kStrangersMax; });
}

/// What this node vouches never to take anything older than.
std::optional<wire::Floor> Network::Impl::floor_of(std::size_t index) const {
    const std::shared_ptr<const Record>& record = peers_[index].held.current();
    if (!record) return peers_[index].held.floor();
    const wire::Version& version = record->version;
    return wire::Floor{roster_.nodes[index].id, version.key, version.epoch, version.seq, record->head_bytes, record->signature};
}

Peer Network::Impl::make_peer(const RosterNode& node, Now now) const {
    Peer peer;
    peer.tag = node_tag(node.id);
    peer.entered_at = now.mono;
    peer.verdict_since = now.wall;
    peer.outgoing.record_budget = kMessageRecordsMax;
    peer.incoming.record_tokens = kMessageRecordsMax;
    peer.incoming.record_tokens_at = now.mono;
    if (const auto key = key_in_use(node)) set_key(peer, node.id, *key);
    peer.link = Link(link_options(node, peer.boxes.own.has_value()), now);
    set_next_key(peer, node);
    return peer;
}

Link::Options Network::Impl::link_options(const RosterNode& node, bool has_key) const {
    Link::Options options;
    options.retry = node.retry;
    const RosterNode* self = roster_.find(roster_.self);
    if (self == nullptr) {
        options.obstacle = Reason::not_listed;
        return options;
    }
    if (node.id == self->id) return options;
    if (!has_key) {
        options.obstacle = Reason::key_missing;
        return options;
    }
    options.dials = Roster::dials(self->id, node);
    options.dialed_by = Roster::dials(node.id, *self);
    options.silent_after = self->retry * self->poll_rate + kSilenceMargin;
    options.heard_for = length_of_tries(*self);
    if (node.url_state == UrlState::placeholder) options.obstacle = Reason::placeholder_url;
    return options;
}

void Network::Impl::handle_roster(Roster roster, Now now) {
    now = lived(now);
    not_yet_reached_.clear();
    MM_CHECK(roster.self == roster_.self && roster.network == roster_.network, "a roster of another network or node");
    adopt_roster(std::move(roster), now);
    own_state_changed(now);
    tell({EventKind::roster_changed,
          {},
          Status::unknown,
          Status::unknown,
          Reason::none,
          false,
          now.wall,
          std::to_string(roster_.nodes.size()) + (roster_.nodes.size() == 1 ? " node" : " nodes") + ", config " +
              roster_.config_revision});
}

void Network::Impl::handle_pause(Duration pause, Now now) {
    if (made(Mistake::blames_its_own_pause)) return;
    paused_ += pause;
    now = lived(now);
    judge_from_ = now.mono + longest_poll_;
    ++pauses_unjudged_;
    lagged(std::max(pause, longest_poll_), now);  // of a suspension the monotonic clock shows nothing: whole tries are lost
    request_pass(now);
}

void Network::Impl::handle_lag(Duration lag, Now now) { lagged(lag, lived(now)); }

void Network::Impl::lagged(Duration lag, Now now) {
    lagged_at_ = now.mono;
    for (const auto& [id, peer] : flights_) {
        std::optional<Flight>& flight = peers_[peer].outgoing.flight;
        if (flight && flight->id == id) flight->lagged += lag;
    }
}

void Network::Impl::handle_timeout(Now now) {
    now = lived(now);
    while (const auto due = agenda_.pop_due(now.mono)) {
        switch (due->wake) {
            case Wake::exchange: want_exchange(due->subject, true, now); break;
            case Wake::silence: check_silence(due->subject, now); break;
            case Wake::freshness: check_freshness(due->subject, now); break;
            case Wake::review: request_pass(now); break;
            case Wake::publish: publish_if_due(now); break;
            case Wake::verdicts: pass(now); break;
            case Wake::pace: pump_early(now); break;
            case Wake::save:
                ask_to_save();
                agenda_.set({Wake::save, 0}, now.mono + kSaveInterval);
                break;
        }
    }
}

std::optional<Network::Timeout> Network::Impl::poll_timeout() const {
    const auto next = agenda_.next();
    if (!next) return std::nullopt;
    return Timeout{next->first + paused_, to_string(next->second.wake)};
}

void Network::Impl::ask_to_save() {
    wire::SavedState state{roster_.network, roster_.self, identity_.key_tag, epoch_saved_, {}};
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        if (auto floor = floor_of(i)) state.floors.push_back(*std::move(floor));
    }
    for (const auto& [owner, floor] : floors_) {
        if (roster_.find(owner) == nullptr) state.floors.push_back(floor);
    }
    save_ = Save{next_ticket_++, wire::encode(state)};
}

void Network::Impl::handle_saved(std::uint64_t ticket, Now now) {
    now = lived(now);
    saved_ticket_ = std::max(saved_ticket_, ticket);
    if (epoch_ticket_ == 0 || ticket < epoch_ticket_) return;
    epoch_ticket_ = 0;
    own_.begin_epoch(epoch_saved_);
    published_at_.reset();
    if (leaving_) publish(true, now);  // it could not say so when it began to
    else publish_if_due(now);
}

void Network::Impl::leave(Now now) {
    now = lived(now);
    if (leaving_) return;
    leaving_ = true;
    health_ = SelfHealth::leaving;
    std::erase_if(flights_, [this, now](const auto& flight) {  // who does not answer anyway is not waited for
        const std::size_t peer = flight.second;
        if (!seen_directly(peer, now)) peers_[peer].outgoing.flight.reset();
        return !seen_directly(peer, now);
    });
    if (own_.epoch() > 0 && epoch_ticket_ == 0 && is_listed()) publish(true, now);
    ask_to_save();
    final_ticket_ = save_->ticket;
}

bool Network::Impl::left() const {
    const bool heard_by_all = flights_.empty() && early_.empty();
    return leaving_ && heard_by_all && saved_ticket_ >= final_ticket_;
}

void Network::Impl::tell(EventKind kind, std::size_t node, Now now, std::string detail) {
    tell({kind, roster_.nodes[node].id, Status::unknown, Status::unknown, Reason::none, false, now.wall, std::move(detail)});
}

void Network::Impl::tell(Event event) {
    ++generation_;
    if (events_.size() >= kEventsMax) events_.pop_front();
    events_.push_back(std::move(event));
}

std::size_t Network::Impl::quorum() const {
    const std::size_t half = roster_.nodes.size() / 2;
    return roster_.nodes.size() <= 2 ? 1 : made(Mistake::quorum_is_half) ? half : half + 1;
}

Duration Network::Impl::poll_between(std::size_t a, std::size_t b) const {
    return std::max(roster_.nodes[a].poll_rate, roster_.nodes[b].poll_rate);
}

Duration Network::Impl::poll_with(std::size_t peer) const {
    return self_ ? poll_between(*self_, peer) : roster_.nodes[peer].poll_rate;
}

Duration Network::Impl::try_length(std::size_t peer) const { return length_of_try(roster_.nodes[peer]); }

Duration Network::Impl::tries_length(std::size_t peer) const { return length_of_tries(roster_.nodes[peer]); }

// ---- the public class ------------------------------------------------------------------------------------------------

template <typename T>
std::optional<T> Network::Impl::take_front(std::deque<T>& queue) {
    if (queue.empty()) return std::nullopt;
    T front = std::move(queue.front());
    queue.pop_front();
    return front;
}

Network::Network(Roster roster, crypto::Crypto& crypto, Options options, Now now)
    : impl_(std::make_unique<Impl>(std::move(roster), crypto, std::move(options), now)) {}
Network::~Network() = default;

std::size_t Network::body_limit(std::string_view address, ByteView first_bytes, Now now) const {
    return impl_->body_limit(address, first_bytes, now);
}
Network::Reply Network::handle_exchange(std::string_view address, ByteView body, Now now) {
    return impl_->handle_exchange(address, body, now);
}
void Network::handle_answer(std::uint64_t transmit_id, const Answer& answer, Now now) {
    impl_->handle_answer(transmit_id, answer, now);
}
void Network::handle_timeout(Now now) { impl_->handle_timeout(now); }
void Network::handle_roster(Roster roster, Now now) { impl_->handle_roster(std::move(roster), now); }
void Network::handle_keys(crypto::Crypto& signing, SecondKey second, Now now) { impl_->handle_keys(signing, second, now); }
void Network::handle_pause(Duration pause, Now now) { impl_->handle_pause(pause, now); }
void Network::handle_lag(Duration lag, Now now) { impl_->handle_lag(lag, now); }
void Network::handle_saved(std::uint64_t ticket, Now now) { impl_->handle_saved(ticket, now); }
void Network::leave(Now now) { impl_->leave(now); }
bool Network::left() const { return impl_->left(); }
bool Network::next_key_is_due() const { return impl_->next_key_is_due(); }

std::optional<Network::Transmit> Network::poll_transmit() { return Impl::take_front(impl_->transmits_); }
std::optional<Network::Timeout> Network::poll_timeout() const { return impl_->poll_timeout(); }
std::optional<Event> Network::poll_event() { return Impl::take_front(impl_->events_); }
std::optional<Network::Save> Network::poll_save() { return std::exchange(impl_->save_, std::nullopt); }

const Roster& Network::roster() const { return impl_->roster_; }
const wire::BootId& Network::boot_id() const { return impl_->boot_id_; }
NetworkView Network::view(Now now) const { return impl_->view(impl_->lived(now)); }
std::vector<NodeView> Network::nodes(Now now) const { return impl_->nodes(impl_->lived(now)); }
std::optional<NodeView> Network::node(const NodeId& id, Now now) const { return impl_->node(id, impl_->lived(now)); }
LinkMatrix Network::links(Now now) const { return impl_->links(impl_->lived(now)); }
std::shared_ptr<const Record> Network::record(const NodeId& id) const { return impl_->record(id); }
const Counters& Network::counters() const { return impl_->counters_; }
Holdings Network::holdings() const { return impl_->holdings(); }
std::uint64_t Network::generation() const { return impl_->generation_; }

}  // namespace meshmon::mesh
