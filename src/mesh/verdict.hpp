#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "mesh/vocabulary.hpp"

namespace meshmon::mesh {

/// What a viewer that has quorum knows about one subject at one instant, all times its own.
struct Ballot {
    std::size_t votes = 0;  ///< F: fresh observers with an opinion, the viewer included, the subject not
    std::size_t says_up = 0;
    std::size_t impaired = 0;               ///< of F, those that see a one-way, lossy or slow link
    std::vector<MonoTime> accused_at;       ///< of F, when each accusation reached the viewer
    std::optional<MonoTime> proof_at;       ///< the last proof of life of the subject
    Duration proof_current{};               ///< for how long a proof is current
    Duration proof_counts{};                ///< for how long a proof counts against accusations
    std::optional<MonoTime> exchange_at;    ///< of these, the last own exchange: no relay brought it late
    Duration silence{};                     ///< what must have passed since that exchange where only one or two accuse
    std::size_t quorum = 1;                 ///< Q
    Reason accusers_reason = Reason::none;  ///< why it is down, if it is
    Reason unheard_reason = Reason::none;   ///< why nobody has an opinion, where this node knows
    bool reached = false;                   ///< by the viewer itself, as its tries last found

    /// How many nodes, the viewer included and the subject not, gave proof of life at `since` or later.
    std::function<std::size_t(MonoTime since)> witnesses_since;
};

/// What this node concludes about one subject. "Alive" can be proven, "dead" is only opinion.
///
/// Source: docs/verdicts.md, "The verdict".
/// Place: one per node of the roster, owned by its Peer.
class Verdict {
public:
    [[nodiscard]] Status status() const { return status_; }
    [[nodiscard]] Reason reason() const { return reason_; }
    [[nodiscard]] bool contested() const { return contested_since_.has_value(); }

    /// Judges by the rules; the verdict stands, contested, where none fits.
    void judge(const Ballot& ballot, MonoTime now);

    /// Sets what needs no vote: no key, no quorum, a clean stop and the like.
    void settle(Status status, Reason reason);

    /// Since when all that `down` takes holds without a break, but the time for which it must.
    [[nodiscard]] std::optional<MonoTime> dead_since() const { return dead_since_; }

    /// When time alone may change the verdict, had nothing else happened.
    [[nodiscard]] std::optional<MonoTime> review_at() const { return review_at_; }

private:
    [[nodiscard]] bool is_proven_dead(const Ballot& ballot, std::size_t numerator, std::size_t denominator, MonoTime now);
    void conclude(Status status, Reason reason);
    void review_by(MonoTime when);

    Status status_ = Status::unknown;
    Reason reason_ = Reason::never_seen;
    std::optional<MonoTime> contested_since_;
    std::optional<MonoTime> dead_since_;
    std::optional<MonoTime> proof_at_dead_;  ///< the last proof when they began to hold
    std::optional<MonoTime> proof_at_down_;  ///< the last proof when `down` was concluded; only a newer one lifts it
    std::optional<MonoTime> review_at_;
};

}  // namespace meshmon::mesh
