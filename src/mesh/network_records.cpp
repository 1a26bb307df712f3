// Records: taking those of others, publishing the own one, and keeping its epoch above whatever is shown.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"
#include "mesh/mistake.hpp"
#include "mesh/network_impl.hpp"
#include "mesh/probe.hpp"
#include "mesh/record_pool.hpp"
#include "wire/codec.hpp"

namespace meshmon::mesh {

namespace {

constexpr auto kRelaysIgnored = std::chrono::seconds(60);        // after a bad signature
constexpr auto kProbeSpacing = std::chrono::milliseconds(200);   // of one accused node
constexpr auto kProbeAgain = std::chrono::seconds(10);           // for one accuser
constexpr auto kFirstHeadWaits = std::chrono::seconds(1);        // for those that were not reached yet
constexpr auto kStatusSpacing = std::chrono::milliseconds(200);  // between heads with news
constexpr auto kNumbersSpacing = std::chrono::seconds(10);       // between heads with moved numbers alone
constexpr auto kSilenceMax = std::chrono::seconds(30);           // between any two heads
constexpr auto kAnswerSpacing = std::chrono::seconds(5);         // between answers while accused
constexpr auto kJumpSpacing = std::chrono::seconds(10);          // between epochs, from the third jump on
constexpr std::uint64_t kJumpsOfAClone = 2;                      // one jump is a wiped or restored disk
constexpr auto kMisbehaviourTold = std::chrono::minutes(1);
constexpr auto kRestartTold = std::chrono::seconds(1);
constexpr std::size_t kSlotsOfRoster = 1024;  // a peer's roster may be larger than mine: slots of this many are taken

}  // namespace

// ---- records that come -----------------------------------------------------------------------------------------------

void Network::Impl::take_records(std::size_t bringer, const std::vector<wire::SignedRecord>& records, Now now) {
    for (const wire::SignedRecord& record : records) {
        if (!take_record(bringer, record, now)) return;
    }
}

/// False where the rest of the message is not to be trusted.
bool Network::Impl::take_record(std::size_t bringer, const wire::SignedRecord& record, Now now) {
    Result<wire::Head> head = read_head(record.head);
    if (!head || head->network != roster_.network) {
        misbehaved(bringer, "malformed_record", now);
        return true;
    }
    if (head->owner == roster_.self) {
        return take_own_head(bringer, record, *head, now);
    }
    // Most heads come from their owners: a search among all is for the others.
    const bool is_of_bringer = head->owner == roster_.nodes[bringer].id;
    const auto owner = is_of_bringer ? std::optional(bringer) : index_of(head->owner);
    if (!owner || !peers_[*owner].identity) {
        ++counters_.refused["unlisted_owner"];
        return true;
    }
    if (*owner != bringer && now.mono < peers_[bringer].relays_ignored_until) {
        passes(Probe::relay_ignored);
        ++counters_.refused["relay_ignored"];
        return true;
    }
    if (head->slots.size() > wire::slots_max(std::max(kSlotsOfRoster, peers_.size()))) {
        misbehaved(bringer, "malformed_record", now);
        return true;
    }
    Peer& peer = peers_[*owner];
    const bool is_next = peer.next && record.key == peer.next->identity.key_tag;
    if (record.key.value != 0 && !is_next && record.key != peer.identity->key_tag) {
        ++counters_.refused["unlisted_key"];  // the bringer's roster may list what this one does not, or no longer
        return true;
    }
    OwnerIdentity identity = is_next ? peer.next->identity : *peer.identity;
    HeldRecord& held = is_next ? peer.next->held : peer.held;
    if (made(Mistake::verifies_under_bringer)) identity.key = peers_[bringer].identity->key;
    const std::shared_ptr<const Record> before = peer.held.current();
    switch (held.offer(record, std::move(*head), identity, crypto_, now.mono, counters_.heads_verified, options_.pool,
                       &roster_slots_)) {
        case HeldRecord::Outcome::accepted:
            if (is_next) use_next_key(*owner, now);
            accepted_record(*owner, bringer, before, now);
            return true;
        case HeldRecord::Outcome::pending:
        case HeldRecord::Outcome::known: return true;
        case HeldRecord::Outcome::equivocation:
            passes(Probe::equivocation);
            tell(EventKind::equivocation, *owner, now,
                 fmt::format("signed two heads of epoch {}: its opinions have no weight until the next",
                             held.equivocation()->epoch));
            request_pass(now);
            return true;
        case HeldRecord::Outcome::fork:
            passes(Probe::fork);
            suspect_clone(*owner, "signed one version under two boot ids", now);
            return true;
        case HeldRecord::Outcome::bad_signature: brought_bad_signature(bringer, now); return false;
        case HeldRecord::Outcome::malformed: misbehaved(*owner, "malformed_record", now); return true;
        case HeldRecord::Outcome::rate_limited:
            passes(Probe::owner_rate_limited);
            ++counters_.refused["owner_rate"];
            return true;
    }
    return true;
}

Result<wire::Head> Network::Impl::read_head(const Bytes& bytes) const {
    if (options_.pool != nullptr) {
        if (const auto known = options_.pool->find(crypto_.hash(bytes), bytes)) return known->head;
    }
    return wire::decode_head(bytes);
}

void Network::Impl::brought_bad_signature(std::size_t bringer, Now now) {
    passes(Probe::bad_signature);
    peers_[bringer].relays_ignored_until = now.mono + kRelaysIgnored;
    misbehaved(bringer, "bad_signature", now);
}

void Network::Impl::suspect_clone(std::size_t index, std::string detail, Now now) {
    if (made(Mistake::clones_go_unnamed)) return;
    passes(Probe::clone_suspected);
    std::optional<MonoTime>& told_at = peers_[index].clone_told_at;
    if (told_at && now.mono - *told_at < kMisbehaviourTold) return;
    told_at = now.mono;
    tell(EventKind::clone_suspected, index, now, std::move(detail));
}

void Network::Impl::misbehaved(std::size_t index, std::string_view what, Now now) {
    ++counters_.refused[what];
    tell_misbehaviour(index, what, now);
}

void Network::Impl::tell_misbehaviour(std::size_t index, std::string_view what, Now now) {
    Peer& peer = peers_[index];
    if (peer.misbehaviour_told_at && now.mono - *peer.misbehaviour_told_at < kMisbehaviourTold) return;
    peer.misbehaviour_told_at = now.mono;
    tell(EventKind::peer_misbehaved, index, now, std::string(what));
}

void Network::Impl::accepted_record(std::size_t owner, std::size_t bringer, const std::shared_ptr<const Record>& before,
                                    Now now) {
    ++counters_.heads_accepted;
    ++generation_;
    Peer& peer = peers_[owner];
    const Record& record = *peer.held.current();
    peer.record_at = now.mono;
    counters_.record_bytes += record.bytes() - (before ? before->bytes() : 0);
    if (peer.signers.came_back(record.head.boot_id, now.mono, now.mono))
        suspect_clone(owner, "two processes sign under its key in turns", now);
    const bool may_tell = !peer.restart_told_at || now.mono - *peer.restart_told_at >= kRestartTold;
    if (before && before->head.boot_id != record.head.boot_id && may_tell) {
        peer.restart_told_at = now.mono;
        tell(EventKind::node_restarted, owner, now, "speaks under a new boot id");
    }
    const std::shared_ptr<const Row> row_before = peer.row;
    const bool reads_the_same = row_before && before && same_row(*before, record);
    if (!reads_the_same) set_row(owner, read_row(record, row_before.get(), now));
    bool matters = !before || before->head.health != record.head.health;
    if (bringer != owner) {
        // The first head brought since the last exchange may be older than it; a second one, or an answer, cannot.
        const bool answers = answers_an_accusation(owner);
        if (peer.life.relay_primed || answers) {
            passes(peer.life.relay_primed ? Probe::relayed_proof_of_life : Probe::relayed_answer_to_an_accusation);
            peer.life.relayed_at = now.mono;
            if (answers) peer.life.answered_at = now.mono;
            peer.life.bringer = bringer;
            proof_of_life(owner, now);
        }
        peer.life.relay_primed = true;
    }
    if (!reads_the_same) {
        const bool was_plain = row_before && row_before->exceptions().empty();
        const bool is_plain = peer.row->exceptions().empty();
        matters = matters || !was_plain || !is_plain || row_before->observes() != peer.row->observes();
    }
    note_life_apart(owner, now);
    follow_accusations(owner, *peer.row, now);
    pass_answers_on(owner, bringer, now);
    if (matters) request_pass(now);
}

std::shared_ptr<const Row> Network::Impl::read_row(const Record& record, const Row* before, Now now) const {
    RecordPool* pool = options_.pool;
    if (pool == nullptr) return make_row(record, tags_, peers_.size(), before, now.mono);
    const RecordPool::RowKey key(crypto_.hash(record.head_bytes), roster_hash_);
    if (auto row = pool->find_row(key)) return row;
    auto row = make_row(record, tags_, peers_.size(), before, now.mono);
    if (row->opinions() == row->ups()) pool->keep_row(key, row);  // it accuses nobody
    return row;
}

/// Whether the owner's record answers an accusation that this node knows: then it was signed after it.
bool Network::Impl::answers_an_accusation(std::size_t owner) const {
    const Bytes* slot = peers_[owner].held.current()->slot(wire::SlotKind::answers, 0);
    if (slot == nullptr) return false;
    const Result<wire::Answers> answers = wire::decode_answers(*slot);
    if (!answers) return false;
    return std::ranges::any_of(answers->accusations, [&](const wire::Version& named) {
        const auto accuser = tags_.find(named.node);
        if (!accuser || !peers_[*accuser].row) return false;
        if (peers_[*accuser].identity->key_tag != named.key) return false;
        const Exception* exception = peers_[*accuser].row->exception(owner);
        return exception != nullptr && exception->is_answered_by(named);
    });
}

/// Tries at once whom the accuser does not reach and this node does, and shows it the accusation.
void Network::Impl::follow_accusations(std::size_t accuser, const Row& row, Now now) {
    for (const auto& [subject, exception] : row.exceptions()) {
        if (exception.opinion() != Opinion::accuses) continue;
        if (subject == self_) {
            if (exception.accused_at == now.mono) own_state_changed(now);
            continue;
        }
        Peer& accused = peers_[subject];
        if (!may_dial(subject) || accused.link.status() == Status::down) continue;
        const auto followed = accused.probed_for.find(accuser);
        if (followed != accused.probed_for.end() && now.mono - followed->second < kProbeAgain) continue;
        if (accused.probed_at && now.mono - *accused.probed_at < kProbeSpacing) continue;
        passes(Probe::tried_for_an_accuser);
        accused.probed_for.insert_or_assign(accuser, now.mono);
        accused.probed_at = now.mono;
        accused.outgoing.carry.insert(accuser);
        want_exchange(subject, false, now);
    }
}

/// Who was tried for one accuser is not tried for it again at once, whatever that says anew: so here, where the words suffice.
void Network::Impl::try_before_the_word(std::size_t subject, Now now) {
    Peer& peer = peers_[subject];
    if (!may_dial(subject) || peer.link.status() != Status::up || peer.outgoing.flight) return;
    if (peer.probed_at && now.mono - *peer.probed_at < kProbeSpacing)
        return agenda_.set_at_latest({Wake::exchange, subject}, *peer.probed_at + kProbeSpacing);
    peer.probed_at = now.mono;
    want_exchange(subject, false, now);
}

/// A record that answers its accusers goes to those of them that this node reaches.
void Network::Impl::pass_answers_on(std::size_t owner, std::size_t bringer, Now now) {
    const Bytes* slot = peers_[owner].held.current()->slot(wire::SlotKind::answers, 0);
    if (slot == nullptr) return;
    const Result<wire::Answers> answers = wire::decode_answers(*slot);
    if (!answers) return;
    for (const wire::Version& named : answers->accusations) {
        const auto accuser = tags_.find(named.node);
        if (!accuser || accuser == bringer || accuser == owner || accuser == self_) continue;
        if (!may_dial(*accuser) || !seen_directly(*accuser, now)) continue;
        passes(Probe::answer_passed_on);
        peers_[*accuser].outgoing.carry.insert(owner);
        want_early(*accuser, true, now);
    }
}

// ---- the own record --------------------------------------------------------------------------------------------------

/// Somebody shows a head that bears this node's signature. One above the own version lifts the epoch, and so does one of
/// this epoch that another process signed; a mere number cannot.
/// False where the rest of the message is not to be trusted.
bool Network::Impl::take_own_head(std::size_t bringer, const wire::SignedRecord& record, const wire::Head& head, Now now) {
    if (record.key.value != 0 && record.key != identity_.key_tag) return true;  // of a key before, or of the next one
    const wire::Version shown = version_of(head, crypto_.hash(record.head), identity_);
    const auto mine = own_version();
    const bool used_before = own_.is_of_another_process(shown);
    if (shown.epoch < epoch_saved_ || (mine && !used_before && (is_newer(*mine, shown) || *mine == shown))) return true;
    if (epochs_used_up_ || (epoch_wanted_ && shown.epoch <= *epoch_wanted_) || made(Mistake::never_jumps_epochs)) return true;
    if (now.mono < peers_[bringer].relays_ignored_until) {
        ++counters_.refused["relay_ignored"];
        return true;
    }
    if (!own_heads_.allows(now.mono)) {
        passes(Probe::owner_rate_limited);
        ++counters_.refused["owner_rate"];
        return true;
    }
    ++counters_.heads_verified;
    if (!crypto_.verify(identity_.key, wire::signing_input(record.head), record.signature)) {
        brought_bad_signature(bringer, now);
        return false;
    }
    own_heads_.spend();
    begin_next_epoch(shown.epoch, now);
    return true;
}

void Network::Impl::begin_next_epoch(std::uint64_t above, Now now) {
    if (above < epoch_saved_) return;
    if (above >= wire::kEpochMax) return epochs_are_used_up(now);
    const bool is_jump = epoch_saved_ > 0;
    if (is_jump && epoch_jumps_ >= 2 && epoch_jumped_at_ && now.mono - *epoch_jumped_at_ < kJumpSpacing) {
        passes(Probe::epoch_jump_delayed);
        epoch_wanted_ = above;
        agenda_.set_at_latest({Wake::publish, 0}, *epoch_jumped_at_ + kJumpSpacing);
        return;
    }
    epoch_wanted_.reset();
    epoch_saved_ = above + 1;
    ask_to_save();
    epoch_ticket_ = save_->ticket;
    if (made(Mistake::signs_before_durable)) handle_saved(epoch_ticket_, {now.mono + paused_, now.wall});
    if (!is_jump) return;
    passes(Probe::epoch_jumped);
    epoch_jumped_at_ = now.mono;
    if (++epoch_jumps_ == kJumpsOfAClone && self_) {
        tell(EventKind::clone_suspected, *self_, now, "another process signs under this node's key");
    }
    tell({EventKind::epoch_jumped, roster_.self, Status::unknown, Status::unknown, Reason::none, false, now.wall,
          fmt::format("a peer holds a newer record of this node: it goes on with epoch {}", epoch_saved_)});
}

/// A thief, or a mistake, used the highest epoch: there is none to jump to. Only another key ends that.
void Network::Impl::epochs_are_used_up(Now now) {
    if (std::exchange(epochs_used_up_, true)) return;
    passes(Probe::epochs_used_up);
    tell({EventKind::clone_suspected, roster_.self, Status::unknown, Status::unknown, Reason::none, false, now.wall,
          "the highest epoch is used up under this node's key, so that it can sign nothing newer: it needs another key"});
}

std::optional<wire::Version> Network::Impl::own_version() const {
    return own_.current() ? std::optional(own_.current()->version) : std::nullopt;
}

void Network::Impl::own_state_changed(Now now) {
    own_dirty_ = true;
    agenda_.set_at_latest({Wake::publish, 0}, published_at_ ? std::max(now.mono, *published_at_ + kStatusSpacing) : now.mono);
}

/// Of a mesh that starts as one each first head would say of everybody that it was not tried yet, and the next one the contrary.
bool Network::Impl::first_head_waits(Now now) const {
    return !not_yet_reached_.empty() && now.mono < started_at_ + kFirstHeadWaits;
}

/// Sooner where a jump to another epoch waits for its pace.
void Network::Impl::publish_next_at(MonoTime at) {
    const bool jump_waits = epoch_wanted_ && epoch_jumped_at_;
    agenda_.set({Wake::publish, 0}, jump_waits ? std::min(at, *epoch_jumped_at_ + kJumpSpacing) : at);
}

void Network::Impl::publish_if_due(Now now) {
    if (epoch_wanted_) begin_next_epoch(*std::exchange(epoch_wanted_, std::nullopt), now);
    if (epoch_ticket_ != 0 || leaving_) return;
    if (!published_at_ && first_head_waits(now)) return publish_next_at(started_at_ + kFirstHeadWaits);
    if (!published_at_) return publish(true, now);
    const Duration age = now.mono - *published_at_;
    if (own_dirty_ && age >= kStatusSpacing) return publish(true, now);
    const bool accused = !own_answers().accusations.empty();
    if (age >= kSilenceMax || (accused && age >= kAnswerSpacing) || (age >= kNumbersSpacing && numbers_moved())) {
        return publish(false, now);
    }
    MonoTime next = *published_at_ + (age >= kNumbersSpacing ? age + std::chrono::seconds(1) : Duration(kNumbersSpacing));
    if (accused) next = *published_at_ + kAnswerSpacing;
    if (own_dirty_) next = *published_at_ + kStatusSpacing;
    publish_next_at(std::min(next, *published_at_ + kSilenceMax));
}

void Network::Impl::publish(bool status_changed, Now now) {
    if (!is_listed() || epoch_ticket_ != 0 || own_.epoch() == 0) return;
    // What it found before a pause is old when it is heard.
    if (now.mono < judge_from_ && health_ == SelfHealth::healthy && accuses_unsaid()) set_health(SelfHealth::unhealthy, now);
    own_.publish(own_content(now), *signer_, now.wall);
    ++counters_.heads_signed;
    ++generation_;
    own_dirty_ = false;
    published_at_ = now.mono;
    const bool accused = own_.current()->slot(wire::SlotKind::answers, 0) != nullptr;
    if (accused) passes(Probe::answered_an_accusation);
    publish_next_at(now.mono + (accused ? kAnswerSpacing : kNumbersSpacing));
    if (!status_changed) return;
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        if (may_dial(i) && seen_directly(i, now)) want_early(i, false, now);
    }
    pump_early(now);
}

OwnRecord::Content Network::Impl::own_content(Now now) {
    OwnRecord::Content content;
    content.hello = {options_.software_version, {}, started_wall_};
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        const Link::Options& link = peers_[i].link.options();
        if (i == self_ || link.dials || link.dialed_by) content.peers.push_back(peers_[i].tag);
    }
    std::ranges::sort(content.peers);
    content.reach = own_reach();
    const Duration rtt_spacing = std::max<Duration>(std::chrono::seconds(10), peers_.size() * std::chrono::milliseconds(300));
    if (now.mono - rtt_published_at_ >= rtt_spacing) {
        content.rtt = own_rtt();
        rtt_published_at_ = now.mono;
        rtt_published_.clear();
        for (std::size_t i = 0; i < peers_.size(); ++i) {
            if (const auto rtt = peers_[i].link.rtt().smoothed()) rtt_published_[i] = *rtt;
        }
    }
    content.answers = own_answers();
    content.roster_hash = roster_hash_;
    content.config_revision = roster_.config_revision;
    switch (health_) {
        case SelfHealth::healthy: content.health = wire::SelfHealth::healthy; break;
        case SelfHealth::unhealthy: content.health = wire::SelfHealth::unhealthy; break;
        case SelfHealth::isolated: content.health = wire::SelfHealth::isolated; break;
        case SelfHealth::leaving: content.health = wire::SelfHealth::leaving; break;
    }
    return content;
}

std::vector<wire::ReachEntry> Network::Impl::own_reach() const {
    std::vector<wire::ReachEntry> entries;
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        const Link& link = peers_[i].link;
        if ((!link.options().dials && !link.options().dialed_by) || link.plainly_up()) continue;
        const auto since = std::chrono::floor<std::chrono::seconds>(link.since().time_since_epoch());
        entries.push_back(
            {peers_[i].tag, link.out(), link.in(), link.flags(), static_cast<std::uint8_t>(link.reason()), WallTime(since)});
    }
    std::ranges::sort(entries, {}, &wire::ReachEntry::node);
    return entries;
}

std::vector<wire::RttEntry> Network::Impl::own_rtt() const {
    std::vector<wire::RttEntry> entries;
    for (const Peer& peer : peers_) {
        const auto rtt = peer.link.rtt().smoothed();
        if (!rtt || peer.link.status() != Status::up) continue;
        const auto us = std::chrono::duration_cast<std::chrono::microseconds>(*rtt).count();
        const double loss = peer.link.loss().loss().value_or(0);
        entries.push_back({peer.tag, static_cast<std::uint32_t>(us), static_cast<std::uint32_t>(loss * 1000)});
    }
    std::ranges::sort(entries, {}, &wire::RttEntry::node);
    return entries;
}

wire::Answers Network::Impl::own_answers() const {
    wire::Answers answers;
    if (!self_) return answers;
    for (std::size_t i = 0; i < peers_.size() && answers.accusations.size() < wire::kAnswersMax; ++i) {
        const Peer& peer = peers_[i];
        if (i != *self_ && peer.row && peer.row->opinion(*self_) == Opinion::accuses)
            answers.accusations.push_back(*peer.held.version());
    }
    return answers;
}

bool Network::Impl::numbers_moved() const {
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        const auto rtt = peers_[i].link.rtt().smoothed();
        if (!rtt) continue;
        const auto before = rtt_published_.find(i);
        if (before == rtt_published_.end()) return true;
        const Duration moved = *rtt > before->second ? *rtt - before->second : before->second - *rtt;
        if (moved > before->second / 8) return true;
    }
    return false;
}

}  // namespace meshmon::mesh
