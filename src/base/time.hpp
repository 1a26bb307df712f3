#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meshmon {

using Duration = std::chrono::nanoseconds;

/// The clock that every decision is made by: it never goes back. It has no now(): whoever owns a real or a virtual
/// clock passes the time in.
struct MonoClock {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<MonoClock>;
    static constexpr bool is_steady = true;
};
using MonoTime = MonoClock::time_point;

/// The clock that people read, UTC since 1970. For display and for what others are told; it may jump.
struct WallClock {
    using duration = std::chrono::milliseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<WallClock>;
    static constexpr bool is_steady = false;
};
using WallTime = WallClock::time_point;

/// One instant on both clocks, read together.
struct Now {
    MonoTime mono;
    WallTime wall;
};

/// "2026-11-22T07:14:31.123Z". Years outside 0..9999 are shown as the nearest one inside.
[[nodiscard]] std::string to_rfc3339(WallTime time);

/// "420 ms", "4.2 s", "4 m", "3 h", "2 d": for people.
[[nodiscard]] std::string to_short_text(Duration duration);

/// Milliseconds with fraction, for JSON fields that end in _ms.
[[nodiscard]] double to_ms(Duration duration);

/// Seconds (may be fractional) to a Duration, rounded to the nanosecond; |seconds| must be below 10^9.
[[nodiscard]] Duration from_seconds(double seconds);

[[nodiscard]] double to_seconds(Duration duration);

}  // namespace meshmon
