#include "mesh/verdict.hpp"

#include <algorithm>

#include "mesh/mistake.hpp"
#include "mesh/probe.hpp"

namespace meshmon::mesh {

namespace {

constexpr auto kDeadHold = std::chrono::seconds(1);        // between the first evidence and the word
constexpr auto kContestedHold = std::chrono::seconds(30);  // until two thirds suffice
constexpr std::size_t kFew = 3;                            // accusers; fewer may all have had bad luck with lost packets

bool is_within(const std::optional<MonoTime>& at, Duration lifetime, MonoTime now) {
    return at && (now - *at <= lifetime || made(Mistake::lives_for_ever));
}

}  // namespace

void Verdict::judge(const Ballot& ballot, MonoTime now) {
    review_at_.reset();
    const bool current = is_within(ballot.proof_at, ballot.proof_current, now);
    if (current) review_by(*ballot.proof_at + ballot.proof_current + Duration(1));
    const bool was_down_by_vote = status_ == Status::down && reason_ != Reason::left;
    const bool no_proof_since = ballot.proof_at == proof_at_down_ || made(Mistake::stays_down);
    if (was_down_by_vote && no_proof_since) return conclude(Status::down, reason_);

    const std::size_t accusers = ballot.accused_at.size();
    if (ballot.votes == 0) {
        passes(Probe::nobody_has_an_opinion);
        dead_since_.reset();
        if (ballot.reached && current) return conclude(Status::up, Reason::none);
        const Reason silence = ballot.proof_at ? Reason::silent : Reason::never_seen;
        return conclude(Status::unknown, ballot.unheard_reason == Reason::none ? silence : ballot.unheard_reason);
    }
    const bool long_contested = contested_since_ && now - *contested_since_ >= kContestedHold;
    const std::size_t numerator = long_contested ? 2 : 3;
    const std::size_t denominator = long_contested ? 3 : 4;

    if (is_proven_dead(ballot, numerator, denominator, now)) {
        proof_at_down_ = ballot.proof_at;
        return conclude(Status::down, ballot.accusers_reason);
    }
    const bool lived_after_accusation =
        accusers > 0 && ballot.proof_at && *ballot.proof_at > *std::ranges::min_element(ballot.accused_at);
    if (accusers * 4 > ballot.votes && lived_after_accusation) {
        passes(Probe::accused_but_alive);
        return conclude(Status::degraded, ballot.accusers_reason);
    }
    if (ballot.impaired * 4 > ballot.votes && current) {
        passes(Probe::impaired);
        return conclude(Status::degraded, Reason::none);
    }
    if (ballot.says_up * denominator >= ballot.votes * numerator && current) return conclude(Status::up, Reason::none);

    if (long_contested) passes(Probe::long_contested);
    if (long_contested && !current) {
        passes(accusers * 2 > ballot.votes ? Probe::contested_until_down : Probe::contested_until_unknown);
        if (accusers * 2 > ballot.votes) {
            proof_at_down_ = ballot.proof_at;
            return conclude(Status::down, ballot.accusers_reason);
        }
        return conclude(Status::unknown, Reason::silent);
    }
    passes(Probe::contested);
    if (!contested_since_) contested_since_ = now;
    if (!long_contested) review_by(*contested_since_ + kContestedHold);
}

bool Verdict::is_proven_dead(const Ballot& ballot, std::size_t numerator, std::size_t denominator, MonoTime now) {
    const std::size_t accusers = ballot.accused_at.size();
    const bool enough = accusers * denominator >= ballot.votes * numerator && accusers >= std::min<std::size_t>(2, ballot.votes);
    std::optional<MonoTime> first;
    if (enough) {
        const bool proof_counts = is_within(ballot.proof_at, ballot.proof_counts, now);
        if (proof_counts) review_by(*ballot.proof_at + ballot.proof_counts + Duration(1));
        for (const MonoTime at : ballot.accused_at) {
            if (proof_counts && at <= *ballot.proof_at) {
                passes(Probe::accused_before_its_life_was_proven);
                continue;
            }
            if (!first || at < *first) first = at;
        }
    }
    if (!first || ballot.witnesses_since(*first) < ballot.quorum) {
        if (first) passes(Probe::too_few_witnesses);
        dead_since_.reset();
        return false;
    }
    if (!dead_since_ || proof_at_dead_ != ballot.proof_at) {
        dead_since_ = now;
        proof_at_dead_ = ballot.proof_at;
    }
    MonoTime when = *dead_since_ + (made(Mistake::holds_back_ten_seconds) ? 10 * kDeadHold : kDeadHold);
    if (accusers < kFew && ballot.exchange_at) {
        passes(Probe::few_accusers_wait);
        when = std::max(when, *ballot.exchange_at + ballot.silence);
    }
    if (now >= when) return true;
    review_by(when);
    return false;
}

void Verdict::settle(Status status, Reason reason) {
    review_at_.reset();
    dead_since_.reset();
    proof_at_down_.reset();
    conclude(status, reason);
}

void Verdict::conclude(Status status, Reason reason) {
    status_ = status;
    reason_ = reason;
    contested_since_.reset();
}

void Verdict::review_by(MonoTime when) {
    if (!review_at_ || when < *review_at_) review_at_ = when;
}

}  // namespace meshmon::mesh
