#include "mesh/pause_detector.hpp"

#include <algorithm>

namespace meshmon::mesh {

namespace {

constexpr auto kLag = std::chrono::milliseconds(250);  // a quarter of the shortest deadline of an exchange
constexpr auto kSleep = std::chrono::seconds(1);

}  // namespace

std::optional<PauseDetector::Pause> PauseDetector::observe(MonoTime now, Duration slept, Duration tolerance) {
    Pause pause{std::max(Duration::zero(), now - last_tick_ - interval_), std::max(Duration::zero(), slept - slept_)};
    pause.is_lag = pause.late <= tolerance && pause.slept <= kSleep;
    if (pause.is_lag && pause.late <= kLag) return std::nullopt;
    last_tick_ = now;
    slept_ = slept;
    return pause;
}

Duration pause_tolerance(Duration poll) { return std::max<Duration>(std::chrono::seconds(1), poll / 2); }

}  // namespace meshmon::mesh
