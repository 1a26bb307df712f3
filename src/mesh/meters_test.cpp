#include "mesh/meters.hpp"

#include <gtest/gtest.h>

namespace meshmon::mesh {
namespace {

using namespace std::chrono_literals;

MonoTime at(Duration time) { return MonoTime(1h) + time; }

TEST(RttMeter, QuantilesAreExactToSixPercent) {
    RttMeter meter;
    for (int i = 1; i <= 100; ++i) meter.add(i * 1ms, at(i * 1s));
    EXPECT_NEAR(to_ms(*meter.quantile(0.5)), 50, 4);
    EXPECT_NEAR(to_ms(*meter.quantile(0.95)), 95, 6.5);
    EXPECT_EQ(meter.last(), 100ms);
}

TEST(RttMeter, TheFirstTryThatOpensTheConnectionDoesNotStayInTheMean) {
    RttMeter meter;
    meter.add(300ms, at(0s));
    EXPECT_EQ(meter.smoothed(), 300ms);
    meter.add(1ms, at(1s));
    EXPECT_EQ(meter.smoothed(), 1ms);
    for (int i = 2; i < 10; ++i) meter.add(1ms, at(i * 1s));
    EXPECT_EQ(meter.smoothed(), 1ms);
}

TEST(RttMeter, TinyAndHugeTimesStayInside) {
    RttMeter meter;
    meter.add(0ns, at(0s));
    meter.add(2h, at(1s));
    EXPECT_LT(*meter.quantile(0), 2us);
    EXPECT_GT(*meter.quantile(1), 1min);
}

TEST(RttMeter, ForgetsAfterAboutAnHour) {
    RttMeter meter;
    meter.add(500ms, at(0s));
    meter.add(1ms, at(2h));
    EXPECT_LT(*meter.quantile(1), 2ms);
}

TEST(RttMeter, TheFirstAnswerAfterAnOutageMakesNothingSlow) {
    RttMeter meter;
    for (int i = 0; i < 60; ++i) meter.add(3ms, at(i * 1s));
    meter.resume(900ms, at(90s));
    EXPECT_EQ(meter.last(), 900ms);
    EXPECT_FALSE(meter.slow()) << "it waited for the peer to wake";
    meter.add(3ms, at(91s));
    EXPECT_LT(*meter.smoothed(), 4ms);
}

TEST(RttMeter, IsSlowOnlyAgainstItsOwnMedian) {
    RttMeter steady;
    for (int i = 0; i < 600; ++i) steady.add(200ms, at(i * 1s));
    EXPECT_FALSE(steady.slow()) << "far away is not slow";
    RttMeter worse;
    for (int i = 0; i < 600; ++i) worse.add(20ms, at(i * 1s));
    for (int i = 600; i < 720; ++i) worse.add(200ms, at(i * 1s));
    EXPECT_TRUE(worse.slow());
    RttMeter once;
    for (int i = 0; i < 600; ++i) once.add(3ms, at(i * 1s));
    once.add(900ms, at(640s));
    EXPECT_FALSE(once.slow()) << "one late answer is no trend";
    RttMeter tiny;
    for (int i = 0; i < 600; ++i) tiny.add(1ms, at(i * 1s));
    for (int i = 600; i < 720; ++i) tiny.add(20ms, at(i * 1s));
    EXPECT_FALSE(tiny.slow()) << "20 ms instead of 1 hurt nobody";
}

TEST(LossMeter, IsLossyFromFivePercentOfFortyTries) {
    LossMeter meter;
    EXPECT_FALSE(meter.loss());
    for (int i = 0; i < 39; ++i) meter.add(i % 4 != 0);
    EXPECT_FALSE(meter.lossy());
    meter.add(true);
    EXPECT_TRUE(meter.lossy());
    EXPECT_DOUBLE_EQ(*meter.loss(), 0.25);
    for (std::size_t i = 0; i < LossMeter::kTriesMax; ++i) meter.add(true);
    EXPECT_FALSE(meter.lossy());
    EXPECT_DOUBLE_EQ(*meter.loss(), 0);
}

}  // namespace
}  // namespace meshmon::mesh
