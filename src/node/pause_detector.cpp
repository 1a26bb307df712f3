#include "node/pause_detector.hpp"

#include <time.h>

#include <algorithm>

namespace meshmon::node {
namespace {

Duration read(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

std::optional<PauseDetector::Pause> PauseDetector::observe(MonoTime now, Duration slept, Duration tolerance) {
    const Pause pause{std::max(Duration::zero(), now - last_tick_ - interval_), std::max(Duration::zero(), slept - slept_)};
    if (pause.late <= tolerance && pause.slept <= std::chrono::seconds(1)) return std::nullopt;
    last_tick_ = now;
    slept_ = slept;
    return pause;
}

Duration machine_slept() { return read(CLOCK_BOOTTIME) - read(CLOCK_MONOTONIC); }

}  // namespace meshmon::node
