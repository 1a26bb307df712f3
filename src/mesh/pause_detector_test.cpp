#include "mesh/pause_detector.hpp"

#include <gtest/gtest.h>

namespace meshmon::mesh {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTick = 250ms;
constexpr Duration kTolerance = 1s;

TEST(PauseDetector, IsQuietWhileTicksComeInTime) {
    PauseDetector detector(kTick, MonoTime(0s), 0s);
    for (int i = 1; i < 100; ++i) {
        EXPECT_FALSE(detector.observe(MonoTime(i * kTick), 0s, kTolerance));
        detector.ticked(MonoTime(i * kTick));
    }
}

TEST(PauseDetector, TellsAPauseOnceAndHowLongItWas) {
    PauseDetector detector(kTick, MonoTime(0s), 0s);
    const auto pause = detector.observe(MonoTime(10s), 0s, kTolerance);
    ASSERT_TRUE(pause);
    EXPECT_EQ(pause->late, 10s - kTick);
    EXPECT_EQ(pause->slept, 0s);
    EXPECT_FALSE(detector.observe(MonoTime(10s), 0s, kTolerance)) << "what comes after it is no second pause";
}

TEST(PauseDetector, CallsWhatIsBelowTheToleranceALag) {
    PauseDetector detector(kTick, MonoTime(0s), 0s);
    EXPECT_FALSE(detector.observe(MonoTime(kTick + 250ms), 0s, kTolerance)) << "an exchange has time for that";
    const auto lag = detector.observe(MonoTime(kTick + 251ms), 0s, kTolerance);
    ASSERT_TRUE(lag);
    EXPECT_TRUE(lag->is_lag);
    EXPECT_FALSE(detector.observe(MonoTime(kTick + 300ms), 0s, kTolerance)) << "it is told once";
    detector.ticked(MonoTime(10s));
    const auto longest = detector.observe(MonoTime(10s + kTick + kTolerance), 0s, kTolerance);
    ASSERT_TRUE(longest);
    EXPECT_TRUE(longest->is_lag);
    detector.ticked(MonoTime(20s));
    const auto pause = detector.observe(MonoTime(20s + kTick + kTolerance + 1ms), 0s, kTolerance);
    ASSERT_TRUE(pause);
    EXPECT_FALSE(pause->is_lag);
}

TEST(PauseDetector, ToleratesASecondOrHalfTheShortestPoll) {
    EXPECT_EQ(pause_tolerance(1s), 1s);
    EXPECT_EQ(pause_tolerance(30s), 15s);
}

TEST(PauseDetector, SeesASuspensionThatTheMonotonicClockDoesNot) {
    PauseDetector detector(kTick, MonoTime(0s), 5s);
    EXPECT_FALSE(detector.observe(MonoTime(100ms), 5s, kTolerance));
    const auto pause = detector.observe(MonoTime(200ms), 5s + 8h, kTolerance);
    ASSERT_TRUE(pause);
    EXPECT_EQ(pause->late, 0s);
    EXPECT_EQ(pause->total(), 8h);
    EXPECT_FALSE(detector.observe(MonoTime(300ms), 5s + 8h, kTolerance));
}

}  // namespace
}  // namespace meshmon::mesh
