#include "node/pause_detector.hpp"

#include <gtest/gtest.h>

namespace meshmon::node {
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

TEST(PauseDetector, ToleratesALagBelowTheLimit) {
    PauseDetector detector(kTick, MonoTime(0s), 0s);
    EXPECT_FALSE(detector.observe(MonoTime(kTick + kTolerance), 0s, kTolerance));
    EXPECT_TRUE(detector.observe(MonoTime(kTick + kTolerance + 1ms), 0s, kTolerance));
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

TEST(PauseDetector, ReadsASleepThatIsNotNegative) { EXPECT_GE(machine_slept(), -1ms); }

}  // namespace
}  // namespace meshmon::node
