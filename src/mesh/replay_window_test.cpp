#include "mesh/replay_window.hpp"

#include <gtest/gtest.h>

namespace meshmon::mesh {
namespace {

using namespace std::chrono_literals;

TEST(ReplayWindow, EachCounterIsGoodOnce) {
    ReplayWindow window;
    for (const std::uint64_t counter : {1U, 5U, 3U, 4U, 2U, 700U, 699U}) {
        EXPECT_TRUE(window.use(counter)) << counter;
        EXPECT_FALSE(window.use(counter)) << counter;
    }
}

TEST(ReplayWindow, ZeroIsNeverGood) { EXPECT_FALSE(ReplayWindow().use(0)); }

TEST(ReplayWindow, WhatIsOlderThanTheWindowIsRefused) {
    ReplayWindow window;
    EXPECT_TRUE(window.use(5000));
    EXPECT_FALSE(window.use(5000 - ReplayWindow::kSize));
    EXPECT_TRUE(window.use(5000 - ReplayWindow::kSize + 1));
}

TEST(ReplayWindow, AJumpForgetsNothingThatIsStillInside) {
    ReplayWindow window;
    EXPECT_TRUE(window.use(100));
    EXPECT_TRUE(window.use(100 + ReplayWindow::kSize - 1));
    EXPECT_FALSE(window.use(100));
    EXPECT_TRUE(window.use(101));
    EXPECT_TRUE(window.use(~std::uint64_t{0}));
    EXPECT_FALSE(window.use(101));
}

TEST(ReplayWindow, CountersUpToTheHighestNumberAreGoodOnce) {
    constexpr std::uint64_t kHighest = ~std::uint64_t{0};
    for (const std::uint64_t before : {1U, 2U, 63U, 64U, 65U, 1023U}) {
        ReplayWindow window;
        EXPECT_TRUE(window.use(kHighest - before));
        EXPECT_TRUE(window.use(kHighest)) << before;
        EXPECT_FALSE(window.use(kHighest));
        EXPECT_FALSE(window.use(kHighest - before));
    }
}

TEST(Challenges, AChallengeIsGoodOnceAndNotForEver) {
    Challenges challenges;
    const MonoTime start(1h);
    challenges.issue(7, start);
    EXPECT_FALSE(challenges.redeem(8, start, 5s));
    EXPECT_TRUE(challenges.redeem(7, start + 5s, 5s));
    EXPECT_FALSE(challenges.redeem(7, start + 5s, 5s));
    challenges.issue(9, start);
    EXPECT_FALSE(challenges.redeem(9, start + 5s + 1ns, 5s));
}

TEST(Challenges, OneLostAnswerDoesNotInvalidateTheChallengeBefore) {
    Challenges challenges;
    const MonoTime start(1h);
    challenges.issue(1, start);
    challenges.issue(2, start);
    EXPECT_TRUE(challenges.redeem(1, start, 5s));
    challenges.issue(3, start);
    EXPECT_TRUE(challenges.redeem(2, start, 5s));
    challenges.issue(4, start);
    challenges.issue(5, start);
    EXPECT_FALSE(challenges.redeem(3, start, 5s));
}

TEST(Challenges, WhoHasProvenNothingIsOfferedTheSameOneUntilItIsRedeemedOrOld) {
    Challenges challenges;
    const MonoTime start(1h);
    challenges.issue(1, start);
    EXPECT_FALSE(challenges.offered(start, 1s));
    challenges.offer(2, start);
    EXPECT_EQ(challenges.offered(start + 1s, 1s), 2U);
    EXPECT_FALSE(challenges.offered(start + 2s, 1s));
    EXPECT_TRUE(challenges.redeem(2, start, 5s));
    EXPECT_FALSE(challenges.offered(start, 1s));
}

TEST(Challenges, OffersTakeNoneOfThoseOfThePeerItself) {
    Challenges challenges;
    const MonoTime start(1h);
    challenges.issue(1, start);
    challenges.issue(2, start);
    for (std::uint64_t offered = 3; offered < 9; ++offered) challenges.offer(offered, start);
    EXPECT_FALSE(challenges.redeem(7, start, 5s));
    EXPECT_TRUE(challenges.redeem(8, start, 5s));
    EXPECT_TRUE(challenges.redeem(1, start, 5s));
    EXPECT_TRUE(challenges.redeem(2, start, 5s));
}

TEST(Challenges, ZeroIsNotValidByDefault) { EXPECT_FALSE(Challenges().redeem(0, MonoTime(), 5s)); }

}  // namespace
}  // namespace meshmon::mesh
