#pragma once

#include <algorithm>
#include <cstddef>

#include "base/time.hpp"

namespace meshmon::sim {

/// The times that the protocol promises for liveness, for stories and checkers alike: L1 to L6 of docs/verdicts.md.
///
/// Polls are the longest of the roster.
class Bounds {
public:
    Bounds(std::size_t nodes, Duration poll, int retry) : nodes_(nodes), poll_(poll), retry_(retry) {}

    [[nodiscard]] Duration poll() const { return poll_; }

    /// The length of one try: g.
    [[nodiscard]] Duration one_try() const { return std::max<Duration>(std::chrono::seconds(1), poll_ / 4); }

    /// A crash is `down` everywhere: L1, where nodes dial each other and reach a quorum directly.
    [[nodiscard]] Duration detection() const { return poll_ + retry_ * one_try() + news(); }

    /// The same where nobody dials the node that crashed: its silence is what is noticed.
    [[nodiscard]] Duration detection_by_silence() const { return std::max(silence() + news(), detection()) + poll_; }

    /// Of whom nothing is heard is silent after it.
    [[nodiscard]] Duration silence() const { return retry_ * poll_ + std::chrono::seconds(2); }

    /// More for L1 where fewer than a quorum is reached directly.
    [[nodiscard]] Duration few_reached() const { return std::chrono::seconds(30) + 3 * poll_; }

    /// More for L1 where the last head of the dead came round after the accusations.
    [[nodiscard]] Duration late_head() const { return std::chrono::seconds(10) + 3 * poll_; }

    /// A node that is back is `up` everywhere: L2. An identity that was lost speaks again: L6.
    [[nodiscard]] Duration recovery() const { return 2 * poll_ + std::chrono::seconds(2); }

    /// More for L2 where it is reached over relays alone.
    [[nodiscard]] Duration over_relays() const { return std::chrono::seconds(30); }

    /// So old is what everybody holds at least, over two hops: L3.
    [[nodiscard]] Duration convergence() const { return 5 * poll_; }

    /// Sides, groups and bridges are named: L4, which begins where L1 ends.
    [[nodiscard]] Duration partition() const { return detection() + recovery(); }

    /// For so long a relayed proof of life is current: who has company may take itself for more than it is.
    [[nodiscard]] Duration relayed_life() const { return std::chrono::seconds(35) + 3 * poll_; }

    /// An isolated node says so: L5.
    [[nodiscard]] Duration self_diagnosis() const { return poll_ + retry_ * one_try() + std::chrono::seconds(2); }

    /// Nobody is judged sooner after a pause of the viewer: more for each of the above.
    [[nodiscard]] Duration after_own_pause() const { return poll_; }

    /// For so long after it starved a node may find itself unhealthy, and has no vote.
    [[nodiscard]] Duration after_starving() const { return 2 * poll_ + one_try() + news(); }

    /// More than half of `nodes`; one of at most two.
    [[nodiscard]] static std::size_t quorum(std::size_t nodes) { return nodes <= 2 ? 1 : nodes / 2 + 1; }

private:
    /// For the accusations to come round: 2 s up to 200 nodes, 10 s for 1000.
    [[nodiscard]] Duration news() const {
        const std::size_t more = nodes_ > 200 ? nodes_ - 200 : 0;
        return std::chrono::seconds(2) + more * std::chrono::milliseconds(10);
    }

    std::size_t nodes_;
    Duration poll_;
    int retry_;
};

}  // namespace meshmon::sim
