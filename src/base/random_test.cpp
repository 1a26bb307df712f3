#include "base/random.hpp"

#include <gtest/gtest.h>

namespace meshmon {
namespace {

TEST(Random, FollowsThePublishedSequence) {
    Random random(1234567);
    EXPECT_EQ(random.next(), 6457827717110365317ULL);
    EXPECT_EQ(random.next(), 3203168211198807973ULL);
}

TEST(Random, BelowStaysInsideAndReachesEveryValue) {
    Random random(1);
    bool seen[7] = {};
    for (int i = 0; i < 1000; ++i) seen[random.below(7)] = true;
    for (const bool value : seen) EXPECT_TRUE(value);
}

}  // namespace
}  // namespace meshmon
