#pragma once

#include <optional>

#include "base/time.hpp"

namespace meshmon::mesh {

/// Notices that this process did not run: stopped, starved, or asleep with its machine. Says what Network::handle_pause and
/// handle_lag are to be told.
///
/// Source: docs/verdicts.md, "This node's own health".
/// Place: owned by whoever drives networks, one for all of them.
/// Use: ticked() from a timer of `interval`; observe() at the head of whatever the loop calls, so that nothing that came
/// in during the pause is judged before the mesh knows of it.
class PauseDetector {
public:
    static constexpr Duration kTick = std::chrono::milliseconds(250);

    /// `slept` is how long the machine has been suspended since it started: what CLOCK_BOOTTIME is ahead of CLOCK_MONOTONIC.
    PauseDetector(Duration interval, MonoTime now, Duration slept) : interval_(interval), last_tick_(now), slept_(slept) {}

    struct Pause {
        Duration late{};      ///< how far the monotonic clock went on without us: what deadlines move by
        Duration slept{};     ///< how long the machine was suspended beside that; the monotonic clock stood still
        bool is_lag = false;  ///< below the tolerance: deadlines stay, but what failed meanwhile proves nothing

        [[nodiscard]] Duration total() const { return late + slept; }
    };

    /// A pause longer than `tolerance`, a suspension longer than a second, or a lag that may have cost an exchange its
    /// answer; each is told once.
    [[nodiscard]] std::optional<Pause> observe(MonoTime now, Duration slept, Duration tolerance);

    void ticked(MonoTime now) { last_tick_ = now; }

private:
    Duration interval_;
    MonoTime last_tick_;
    Duration slept_;
};

/// Above this lag of the loop pauses are told, where the shortest poll is `poll`.
[[nodiscard]] Duration pause_tolerance(Duration poll);

}  // namespace meshmon::mesh
