// Verdicts: who has a vote, and what the votes say.

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mesh/mistake.hpp"
#include "mesh/network_impl.hpp"
#include "mesh/probe.hpp"

namespace meshmon::mesh {

namespace {

constexpr auto kProofCurrent = std::chrono::seconds(35);     // plus three polls
constexpr auto kProofCounts = std::chrono::seconds(10);      // plus three polls: against accusations
constexpr auto kAnswerComesRound = std::chrono::seconds(1);  // after an accusation, where the accused lives
constexpr auto kFreshMargin = std::chrono::seconds(2);       // on top of three polls
constexpr auto kFewMargin = std::chrono::seconds(1);         // on top of the tries that find a death, where few accuse
constexpr auto kColdStart = std::chrono::seconds(60);        // whom nothing is held of is not judged earlier
constexpr auto kPassSpacingMax = std::chrono::milliseconds(100);

void count(std::size_t& tally, bool is_added) { is_added ? ++tally : --tally; }

}  // namespace

// ---- what leads to a pass --------------------------------------------------------------------------------------------

void Network::Impl::link_changed(std::size_t index, Status from, Now now) {
    const Link& link = peers_[index].link;
    if (from == Status::down) --links_down_;
    if (link.status() == Status::down) ++links_down_;
    if (from == Status::up && link.status() == Status::down) lost_at_.insert_or_assign(index, now.mono);
    if (link.status() == Status::up) lost_at_.erase(index);
    Peer& peer = peers_[index];
    if (from != link.status() || peer.link_reason_told != link.reason()) {
        tell({EventKind::link_status, roster_.nodes[index].id, from, link.status(), link.reason(), false, now.wall,
              link.detail()});
    } else if (peer.one_way_told != link.one_way() && (link.one_way() || link.status() == Status::up)) {
        const char* detail = link.one_way() ? "works in one direction only" : "works in both directions again";
        tell({EventKind::link_status, roster_.nodes[index].id, from, from, Reason::none, false, now.wall, detail});
    }
    peer.link_reason_told = link.reason();
    peer.one_way_told = link.one_way();
    if (!has_quorum_) check_own_health(now);  // before the next head: without a quorum it accuses under no healthy one
    update_own_row(index, now);
    own_state_changed(now);
    request_pass(now);
}

void Network::Impl::rebuild_own_row(Now now) {
    if (!self_) return;
    NodeSet observes(peers_.size());
    Row::Exceptions exceptions;
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        if (!is_foreseen(i)) continue;
        observes.insert(i);
        if (const auto exception = own_exception(i, now)) exceptions.emplace_back(i, *exception);
    }
    set_row(*self_, std::make_shared<const Row>(std::move(observes), std::move(exceptions)));
}

/// Brings the own row up to what one link shows: at a thousand nodes reading all of them anew costs more than the exchange.
void Network::Impl::update_own_row(std::size_t index, Now now) {
    if (!self_ || !is_foreseen(index)) return;
    set_row(*self_, std::make_shared<const Row>(peers_[*self_].row->with(index, own_exception(index, now))));
}

bool Network::Impl::is_foreseen(std::size_t index) const {
    const Link::Options& link = peers_[index].link.options();
    return link.dials || link.dialed_by;
}

/// What the own row says about a peer, if it is not plainly up. Goes on from what the row said.
std::optional<Exception> Network::Impl::own_exception(std::size_t index, Now now) const {
    const Link& link = peers_[index].link;
    if (link.plainly_up()) return std::nullopt;
    // The next head will be the first to say so.
    const bool goes_on = own_.current() && own_.current()->head.epoch == own_.epoch();
    const std::uint64_t next_seq = goes_on ? own_.current()->head.seq + 1 : 1;
    Exception exception{link.out(), link.in(), link.flags(), link.reason(), link.since(), now.mono, own_.epoch(), next_seq};
    const std::shared_ptr<const Row>& before = peers_[*self_].row;
    const Exception* was = before ? before->exception(index) : nullptr;
    if (was != nullptr && was->opinion() == exception.opinion()) {
        exception.accused_at = was->accused_at;
        exception.accused_epoch = was->accused_epoch;
        exception.accused_seq = was->accused_seq;
    }
    return exception;
}

void Network::Impl::set_row(std::size_t observer, std::shared_ptr<const Row> row) {
    Peer& witness = peers_[observer];
    const std::shared_ptr<const Row> before = std::exchange(witness.row, std::move(row));
    partition_due_ = true;
    static const Row kNothingSaid;
    const Row& was = before ? *before : kNothingSaid;
    NodeSet::differences(was.opinions(), witness.row->opinions(), [&](std::size_t subject, bool is_added) {
        if (subject == observer) return;
        count(peers_[subject].reached.in_total, is_added);
        count(witness.reached.out_total, is_added);
    });
    NodeSet::differences(was.ups(), witness.row->ups(), [&](std::size_t subject, bool is_added) {
        if (subject == observer) return;
        count(peers_[subject].reached.in_up, is_added);
        count(witness.reached.out_up, is_added);
    });
}

void Network::Impl::proof_of_life(std::size_t index, Now now) {
    const Peer& peer = peers_[index];
    const bool settled = peer.verdict.status() == Status::up && !peer.verdict.contested() && peer.seen_in_pass;
    if (!settled || unsettled_ > 0) request_pass(now);
}

void Network::Impl::request_pass(Now now) {
    const auto spacing = std::min<Duration>(kPassSpacingMax, peers_.size() * std::chrono::milliseconds(1));
    agenda_.set_at_latest({Wake::verdicts, 0}, passed_at_ ? std::max(now.mono, *passed_at_ + spacing) : now.mono);
}

void Network::Impl::pass(Now now) {
    if (now.mono < judge_from_) {
        passes(Probe::verdicts_later_after_a_pause);
        if (is_starved(now) && !leaving_) set_health(SelfHealth::unhealthy, now);
        agenda_.set({Wake::verdicts, 0}, judge_from_);
        return;
    }
    pauses_unjudged_ = 0;
    passed_at_ = now.mono;
    seen_ = count_seen(now);
    const bool had = std::exchange(has_quorum_, is_listed() && seen_ >= quorum());
    if (had != has_quorum_ && had_quorum_) {
        const std::string detail =
            fmt::format("sees {} of {} nodes, itself included; {} are needed", seen_, peers_.size(), quorum());
        tell({has_quorum_ ? EventKind::quorum_regained : EventKind::quorum_lost,
              {},
              Status::unknown,
              Status::unknown,
              Reason::none,
              false,
              now.wall,
              detail});
    }
    had_quorum_ = had_quorum_ || has_quorum_;
    check_own_health(now);
    choose_voters(now);
    unsettled_ = 0;
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        const Verdict& verdict = peers_[i].verdict;
        const Status from = verdict.status();
        const bool was_contested = verdict.contested();
        const Reason was_reason = verdict.reason();
        if (i == self_) judge_self();
        else judge(i, now);
        if (verdict.dead_since() == now.mono) try_before_the_word(i, now);
        tell_verdict(i, from, was_contested, was_reason, now);
        if (verdict.contested() || (!accusers_[i].empty() && verdict.status() != Status::down)) ++unsettled_;
    }
    find_partition(now);
}

// ---- who is seen, fresh, and has a vote ------------------------------------------------------------------------------

Duration Network::Impl::proof_current(std::size_t index) const { return kProofCurrent + 3 * poll_with(index); }
Duration Network::Impl::proof_counts(std::size_t index) const { return kProofCounts + 3 * poll_with(index); }

bool Network::Impl::relayed_is_current(std::size_t index, Now now) const {
    const auto& at = peers_[index].life.relayed_at;
    return at && now.mono - *at <= proof_current(index);
}

/// Whether the node was alive at some time after `since`. What it said before may come round for a poll and a try.
bool Network::Impl::lived_after(std::size_t index, MonoTime since) const {
    const Life& life = peers_[index].life;
    const MonoTime came_round = since + poll_with(index) + try_length(index);
    return (life.exchange_at && *life.exchange_at >= since) || (life.relayed_at && *life.relayed_at >= came_round);
}

bool Network::Impl::seen_directly(std::size_t index, Now now) const {
    return index == self_ || peers_[index].link.seen_directly(now.mono);
}

bool Network::Impl::is_seen(std::size_t index, Now now) const {
    if (seen_directly(index, now)) return true;
    const Peer& peer = peers_[index];
    // Not the last one: behind a bridge a try fails in each poll, and news come round more seldom.
    const auto failed = peer.link.first_failure();
    const bool came_round = relayed_is_current(index, now) && (!failed || *peer.life.relayed_at > *failed);
    const auto until = silent_to_me_at(index);
    const bool is_seen_there = came_round && (!until || now.mono <= *until) && seen_directly(peer.life.bringer, now);
    if (is_seen_there) passes(Probe::seen_over_a_relay);
    return is_seen_there;
}

/// Whom this node accuses it sees no longer than the accused goes on to answer: what others bring of the dead is older.
std::optional<MonoTime> Network::Impl::silent_to_me_at(std::size_t index) const {
    const Exception* own = self_ && peers_[*self_].row ? peers_[*self_].row->exception(index) : nullptr;
    if (own == nullptr || own->opinion() != Opinion::accuses) return std::nullopt;
    const MonoTime first_answer = own->accused_at + kAnswerComesRound;
    const auto& answered = peers_[index].life.answered_at;
    return answered ? std::max(first_answer, *answered + proof_counts(index)) : first_answer;
}

std::size_t Network::Impl::count_seen(Now now) const {
    std::size_t seen = 0;
    for (std::size_t i = 0; i < peers_.size(); ++i) seen += is_seen(i, now) ? 1 : 0;
    return seen;
}

bool Network::Impl::is_fresh(std::size_t index, Now now) const {
    if (index == self_ || made(Mistake::counts_stale_opinions)) return true;
    return (peers_[index].named_at && now.mono < stale_at(index)) || relayed_is_current(index, now);
}

/// When what the peer named last will be too old for a vote. Precondition: it named a version.
MonoTime Network::Impl::stale_at(std::size_t index) const {
    return *peers_[index].named_at + 3 * poll_with(index) + kFreshMargin + Duration(1);
}

void Network::Impl::check_freshness(std::size_t index, Now now) {
    const bool named_since = peers_[index].named_at && now.mono < stale_at(index);
    if (named_since) agenda_.set({Wake::freshness, index}, stale_at(index));
    else request_pass(now);
}

std::string_view Network::Impl::why_no_vote(std::size_t index, Now now) const {
    const Peer& peer = peers_[index];
    if (!peer.row || !is_fresh(index, now)) return "stale";
    if (peer.held.equivocation()) return "equivocated";
    if (index == self_) return health_ == SelfHealth::healthy ? "" : to_string(health_);
    switch (peer.held.current()->head.health) {
        case wire::SelfHealth::healthy: return "";
        case wire::SelfHealth::unhealthy: return "unhealthy";
        case wire::SelfHealth::isolated: return "isolated";
        case wire::SelfHealth::leaving: return "leaving";
    }
    return "";
}

void Network::Impl::choose_voters(Now now) {
    std::vector<bool> may_vote(peers_.size());
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        peers_[i].seen_in_pass = is_seen(i, now);
        peers_[i].why_no_vote = why_no_vote(i, now);
        may_vote[i] = peers_[i].why_no_vote.empty();
    }
    // The dead do not vouch for each other: whom two accuse and this viewer does not reach has no vote.
    std::vector<std::vector<MonoTime>> accused_at(peers_.size());
    for (std::size_t observer = 0; observer < peers_.size(); ++observer) {
        if (!may_vote[observer]) continue;
        const Row& row = *peers_[observer].row;
        for (const std::size_t complaint : row.complaints()) {
            const auto& [subject, exception] = row.exceptions()[complaint];
            if (exception.opinion() == Opinion::accuses && subject != observer)
                accused_at[subject].push_back(exception.accused_at);
        }
    }
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        if (!may_vote[i] || seen_directly(i, now) || accused_at[i].size() < 2) continue;
        std::ranges::nth_element(accused_at[i], accused_at[i].begin() + 1);
        const auto proof = peers_[i].life.last();
        if ((proof && *proof >= accused_at[i][1]) || made(Mistake::counts_stale_opinions)) continue;
        passes(Probe::accused_lost_its_vote);
        peers_[i].why_no_vote = "accused";
    }
    accusers_.assign(peers_.size(), {});
    impaired_by_.assign(peers_.size(), {});
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        const bool votes = peers_[i].why_no_vote.empty();
        count_row(i, votes ? peers_[i].row : nullptr);
        if (!votes) continue;
        const Row& row = *peers_[i].row;
        for (const std::size_t complaint : row.complaints()) {
            const auto& [subject, exception] = row.exceptions()[complaint];
            if (subject == i || !row.observes().contains(subject)) continue;
            if (exception.opinion() == Opinion::accuses) accusers_[subject].push_back(i);
            if (exception.impaired()) impaired_by_[subject].push_back(i);
        }
    }
}

/// Keeps the tallies by the difference between what an observer said and what it says now.
void Network::Impl::count_row(std::size_t observer, std::shared_ptr<const Row> row) {
    std::shared_ptr<const Row>& counted = peers_[observer].counted;
    if (counted == row) return;
    static const NodeSet kNobody;
    NodeSet::differences(counted ? counted->opinions() : kNobody, row ? row->opinions() : kNobody,
                         [&](std::size_t subject, bool is_added) {
                             if (subject != observer) count(opinions_[subject], is_added);
                         });
    counted = std::move(row);
}

// ---- judging ---------------------------------------------------------------------------------------------------------

/// Whether its newest head says that it leaves, and no other process of it is there. The next one lives before it can sign, for
/// long where its disk is full or lost; and what the last one said may come round only then.
bool Network::Impl::has_left(std::size_t subject, Now now) const {
    const Peer& peer = peers_[subject];
    const auto& record = peer.held.current();
    if (!record || record->head.health != wire::SelfHealth::leaving) return false;
    const wire::BootId& leaver = record->head.boot_id;
    if (peer.lives.went_on_after(leaver, *peer.record_at)) return false;
    return !peer.lives.another_spoke_last(leaver) || !seen_directly(subject, now);
}

void Network::Impl::judge(std::size_t subject, Now now) {
    Peer& peer = peers_[subject];
    agenda_.cancel({Wake::review, subject});
    for (const auto at : {silent_to_me_at(subject), peer.link.heard_until()}) {
        if (at && *at >= now.mono) agenda_.set_at_latest({Wake::review, subject}, *at + Duration(1));
    }
    if (!is_listed()) return peer.verdict.settle(Status::unknown, Reason::not_listed);
    if (!peer.identity) return peer.verdict.settle(Status::unknown, Reason::key_missing);
    const auto& record = peer.held.current();
    if (has_left(subject, now)) {
        passes(Probe::left);
        return peer.verdict.settle(Status::down, Reason::left);
    }
    const Reason obstacle = peer.link.status() == Status::unknown ? peer.link.reason() : Reason::none;
    const Reason own_reason = obstacle == Reason::never_seen ? Reason::none : obstacle;
    if (!has_quorum_ && !made(Mistake::accuses_below_quorum)) {
        if (seen_directly(subject, now)) return peer.verdict.settle(Status::up, Reason::none);
        passes(Probe::not_seen_below_quorum);
        const Reason silence = peer.life.last() ? Reason::silent : Reason::never_seen;
        return peer.verdict.settle(Status::unknown, own_reason == Reason::none ? silence : own_reason);
    }
    if (!record && now.mono - peer.entered_at < kColdStart) {
        passes(Probe::cold_start_waits);
        // It may be long without a record, where its disk is full, and is plainly there.
        if (peer.link.status() == Status::up && seen_directly(subject, now)) return peer.verdict.settle(Status::up, Reason::none);
        agenda_.set_at_latest({Wake::review, subject}, peer.entered_at + kColdStart);
        return peer.verdict.settle(Status::unknown, own_reason == Reason::none ? Reason::never_seen : own_reason);
    }
    const std::vector<std::size_t>& accusers = accusers_[subject];
    Ballot ballot;
    ballot.votes = opinions_[subject];
    ballot.says_up = ballot.votes - accusers.size();
    ballot.impaired = impaired_by_[subject].size();
    for (const std::size_t accuser : accusers) ballot.accused_at.push_back(peers_[accuser].row->exception(subject)->accused_at);
    ballot.proof_at = peer.life.last();
    ballot.proof_current = proof_current(subject);
    ballot.proof_counts = proof_counts(subject);
    ballot.exchange_at = peer.life.exchange_at;
    ballot.silence = tries_length(subject) + kFewMargin;
    ballot.quorum = quorum();
    ballot.accusers_reason = reason_of_accusers(subject, accusers);
    ballot.unheard_reason = own_reason;
    ballot.reached = peer.link.status() == Status::up;
    ballot.witnesses_since = [this, subject](MonoTime since) {
        std::size_t witnesses = 1;
        for (std::size_t i = 0; i < peers_.size(); ++i) {
            if (i != subject && i != self_ && lived_after(i, since)) ++witnesses;
        }
        return witnesses;
    };
    peer.verdict.judge(ballot, now.mono);
    if (const auto at = peer.verdict.review_at()) agenda_.set_at_latest({Wake::review, subject}, *at);
}

void Network::Impl::judge_self() {
    const std::size_t self = *self_;
    Verdict& verdict = peers_[self].verdict;
    const bool accused = accusers_[self].size() * 4 > opinions_[self];
    const bool impaired = impaired_by_[self].size() * 4 > opinions_[self];
    const bool unwell = health_ == SelfHealth::unhealthy;
    const Reason reason = accused ? reason_of_accusers(self, accusers_[self]) : Reason::none;
    verdict.settle(accused || impaired || unwell ? Status::degraded : Status::up, reason);
}

Reason Network::Impl::reason_of_accusers(std::size_t subject, const std::vector<std::size_t>& accusers) const {
    std::map<Reason, std::size_t> counts;
    for (const std::size_t accuser : accusers) {
        const Reason reason = peers_[accuser].row->exception(subject)->reason;
        if (accuser == self_) return reason;
        ++counts[reason];
    }
    const auto most = std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
    return most == counts.end() ? Reason::none : most->first;
}

void Network::Impl::tell_verdict(std::size_t subject, Status from, bool was_contested, Reason was_reason, Now now) {
    Peer& peer = peers_[subject];
    const Verdict& verdict = peer.verdict;
    const NodeId& id = roster_.nodes[subject].id;
    if (verdict.status() != from) {
        peer.verdict_since = now.wall;
        const auto named = [this](const std::vector<std::size_t>& indices) {
            std::vector<std::string> names;
            for (const std::size_t index : indices) names.push_back(roster_.nodes[index].id.str());
            return fmt::format("{}", fmt::join(names, ", "));
        };
        std::string detail;
        if (!accusers_[subject].empty()) detail = fmt::format("said by {}", named(accusers_[subject]));
        if (verdict.status() == Status::degraded && !impaired_by_[subject].empty()) {
            detail += fmt::format("{}one-way, lossy or slow for {}", detail.empty() ? "" : "; ", named(impaired_by_[subject]));
        }
        tell({EventKind::node_status, id, from, verdict.status(), verdict.reason(), verdict.contested(), now.wall,
              std::move(detail)});
        note_absence(subject, from, now);
    } else if (verdict.contested() != was_contested) {
        tell({EventKind::node_contested, id, from, from, verdict.reason(), verdict.contested(), now.wall, {}});
    } else if (verdict.reason() != was_reason) {
        ++generation_;
    }
}

}  // namespace meshmon::mesh
