#include "node/look_delay.hpp"

#include <gtest/gtest.h>

namespace meshmon::node {
namespace {

using namespace std::chrono_literals;

TEST(LookDelay, IsTheIntervalVariedByATenthEitherWay) {
    EXPECT_EQ(look_delay(60s, 5s, 0, 0.5), 60s);
    EXPECT_EQ(look_delay(60s, 5s, 0, 0.0), 54s);
    EXPECT_EQ(look_delay(60s, 5s, 0, 0.75), 63s);
    EXPECT_LT(look_delay(60s, 5s, 0, 0.999), 66s);
}

TEST(LookDelay, AfterAFailureIsShorterAndDoublesUpToTheInterval) {
    EXPECT_EQ(look_delay(60s, 5s, 1, 0.5), 5s);
    EXPECT_EQ(look_delay(60s, 5s, 3, 0.5), 20s);
    EXPECT_EQ(look_delay(60s, 5s, 5, 0.5), 60s);
    EXPECT_EQ(look_delay(60s, 5s, 1'000'000, 0.5), 60s);
    EXPECT_EQ(look_delay(60s, 5s, 3, 0.0), 18s) << "varied as well";
}

}  // namespace
}  // namespace meshmon::node
