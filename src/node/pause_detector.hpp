#pragma once

#include <optional>

#include "base/time.hpp"

namespace meshmon::node {

/// Notices that this process did not run: stopped, starved, or asleep with its machine. Pure.
///
/// Source: docs/verdicts.md, "This node's own health".
/// Use: ticked() from a timer of `interval`; observe() at the head of whatever the loop calls, so that nothing that came
/// in during the pause is judged before the mesh knows of it.
class PauseDetector {
public:
    /// `slept` is how long the machine has been suspended since it started: what CLOCK_BOOTTIME is ahead of CLOCK_MONOTONIC.
    PauseDetector(Duration interval, MonoTime now, Duration slept) : interval_(interval), last_tick_(now), slept_(slept) {}

    struct Pause {
        Duration late{};   ///< how far the monotonic clock went on without us: what deadlines move by
        Duration slept{};  ///< how long the machine was suspended beside that; the monotonic clock stood still

        [[nodiscard]] Duration total() const { return late + slept; }
    };

    /// A pause longer than `tolerance`, or a suspension longer than a second; each is told once.
    [[nodiscard]] std::optional<Pause> observe(MonoTime now, Duration slept, Duration tolerance);

    void ticked(MonoTime now) { last_tick_ = now; }

private:
    Duration interval_;
    MonoTime last_tick_;
    Duration slept_;
};

/// What PauseDetector calls `slept`, read now.
[[nodiscard]] Duration machine_slept();

}  // namespace meshmon::node
