#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace meshmon::sim {

/// What a node's two clocks show at an instant of the world. The monotonic clocks of two nodes have nothing in common,
/// as on real machines, so that comparing them is found out.
class HostClock {
public:
    HostClock() = default;
    HostClock(Duration mono_offset, Duration wall_offset, double drift_ppm)
        : local_(MonoTime(mono_offset)), wall_offset_(wall_offset), drift_ppm_(drift_ppm) {}

    [[nodiscard]] Now at(MonoTime world) const {
        const auto since_start = world.time_since_epoch();
        const Duration drift = share(since_start, drift_ppm_);
        return {mono_at(world), kWallStart + std::chrono::duration_cast<WallClock::duration>(since_start + wall_offset_ + drift)};
    }

    /// The first instant of the world at which the monotonic clock shows `local` or more, if it goes on as it goes now.
    /// Precondition: it does not stand still.
    [[nodiscard]] MonoTime to_world(MonoTime local) const {
        if (mono_ppm_ == 0) return anchor_ + (local - local_);
        const double rate = 1 + mono_ppm_ / 1e6;
        MonoTime world = anchor_ + Duration(static_cast<Duration::rep>(static_cast<double>((local - local_).count()) / rate));
        while (mono_at(world) < local) world += Duration(1);  // a few at most: what the division rounds off
        return world;
    }

    /// The wall clock jumps; the monotonic one does not notice.
    void step_wall(Duration by) { wall_offset_ += by; }
    /// The wall clock goes so much faster, as if it always had.
    void set_drift(double ppm) { drift_ppm_ = ppm; }
    /// The monotonic clock goes so much faster from `world` on; negative: slower.
    void set_mono_drift(double ppm, MonoTime world) {
        rebase(world);
        mono_ppm_ = ppm;
    }
    /// The machine is suspended: the monotonic clock stands still.
    void stop_mono(MonoTime world) {
        rebase(world);
        stopped_ = true;
    }
    void go_on_mono(MonoTime world) {
        slept_ += world - anchor_;
        anchor_ = world;
        stopped_ = false;
    }
    /// For how long the monotonic clock has stood still: what CLOCK_BOOTTIME is ahead of CLOCK_MONOTONIC.
    [[nodiscard]] Duration slept() const { return slept_; }

private:
    /// 2026-01-01T00:00:00Z: where every world's right time begins.
    static constexpr WallTime kWallStart{std::chrono::milliseconds(1'767'225'600'000)};

    static Duration share(Duration span, double ppm) {
        return Duration(static_cast<Duration::rep>(static_cast<double>(span.count()) * ppm / 1e6));
    }
    [[nodiscard]] MonoTime mono_at(MonoTime world) const {
        if (stopped_) return local_;
        return local_ + (world - anchor_) + share(world - anchor_, mono_ppm_);
    }
    void rebase(MonoTime world) {
        local_ = mono_at(world);
        anchor_ = world;
    }

    MonoTime anchor_;  ///< the instant of the world at which the monotonic clock showed local_
    MonoTime local_;
    double mono_ppm_ = 0;
    bool stopped_ = false;
    Duration slept_{};
    Duration wall_offset_{};
    double drift_ppm_ = 0;
};

}  // namespace meshmon::sim
