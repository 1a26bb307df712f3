#include "base/time.hpp"

#include <gtest/gtest.h>

namespace meshmon {
namespace {

using namespace std::chrono_literals;

TEST(Time, IsShownInRfc3339WithMilliseconds) {
    EXPECT_EQ(to_rfc3339(WallTime(0ms)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(WallTime(1795331671123ms)), "2026-11-22T07:14:31.123Z");
    EXPECT_EQ(to_rfc3339(WallTime(-1ms)), "1969-12-31T23:59:59.999Z");
}

TEST(Time, ClaimsOutsideTheCalendarAreClamped) {
    EXPECT_EQ(to_rfc3339(WallTime::max()), "9999-12-31T23:59:59.999Z");
    EXPECT_EQ(to_rfc3339(WallTime::min()), "0000-01-01T00:00:00.000Z");
}

TEST(Time, ShortTextTakesTheUnitAPersonWould) {
    EXPECT_EQ(to_short_text(420ms), "420 ms");
    EXPECT_EQ(to_short_text(4200ms), "4.2 s");
    EXPECT_EQ(to_short_text(119s), "119 s");
    EXPECT_EQ(to_short_text(4min), "4 m");
    EXPECT_EQ(to_short_text(50h), "2 d");
}

}  // namespace
}  // namespace meshmon
