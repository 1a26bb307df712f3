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
        : mono_offset_(mono_offset), wall_offset_(wall_offset), drift_ppm_(drift_ppm) {}

    [[nodiscard]] Now at(MonoTime world) const {
        const auto since_start = world.time_since_epoch();
        const auto drift = Duration(static_cast<Duration::rep>(static_cast<double>(since_start.count()) * drift_ppm_ / 1e6));
        return {world + mono_offset_,
                kWallStart + std::chrono::duration_cast<WallClock::duration>(since_start + wall_offset_ + drift)};
    }

    [[nodiscard]] MonoTime to_world(MonoTime local) const { return local - mono_offset_; }

    /// The wall clock jumps; the monotonic one does not notice.
    void step_wall(Duration by) { wall_offset_ += by; }
    void set_drift(double ppm) { drift_ppm_ = ppm; }

private:
    /// 2026-01-01T00:00:00Z: where every world's right time begins.
    static constexpr WallTime kWallStart{std::chrono::milliseconds(1'767'225'600'000)};

    Duration mono_offset_{};
    Duration wall_offset_{};
    double drift_ppm_ = 0;
};

}  // namespace meshmon::sim
