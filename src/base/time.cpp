#include "base/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace meshmon {

std::string to_rfc3339(WallTime time) {
    using namespace std::chrono;
    const auto first = sys_time<milliseconds>(sys_days(year(0) / January / 1)).time_since_epoch();
    const auto last = sys_time<milliseconds>(sys_days(year(10000) / January / 1)).time_since_epoch() - 1ms;
    const sys_time<milliseconds> shown(std::clamp(time.time_since_epoch(), first, last));
    const auto day = floor<days>(shown);
    const year_month_day date(day);
    const hh_mm_ss clock(shown - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::string to_short_text(Duration duration) {
    const double seconds = to_seconds(duration);
    if (seconds < 1) return fmt::format("{:.0f} ms", seconds * 1e3);
    if (seconds < 10) return fmt::format("{:.1f} s", seconds);
    if (seconds < 120) return fmt::format("{:.0f} s", seconds);
    if (seconds < 2 * 3600) return fmt::format("{:.0f} m", std::floor(seconds / 60));
    if (seconds < 2 * 86400) return fmt::format("{:.0f} h", std::floor(seconds / 3600));
    return fmt::format("{:.0f} d", std::floor(seconds / 86400));
}

double to_ms(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

Duration from_seconds(double seconds) { return Duration(std::llround(seconds * 1e9)); }

double to_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace meshmon
