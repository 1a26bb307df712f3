#include "mesh/lives.hpp"

#include <gtest/gtest.h>

namespace meshmon::mesh {
namespace {

using namespace std::chrono_literals;

constexpr wire::BootId kFirst{1};
constexpr wire::BootId kSecond{2};
constexpr MonoTime kStart(1h);

/// As proven by an answer that comes at once.
bool heard(Lives& lives, const wire::BootId& boot_id, Duration when) {
    return lives.came_back(boot_id, kStart + when, kStart + when);
}

TEST(Lives, ARestartReplacesABootIdForGood) {
    Lives lives;
    for (std::uint8_t boot = 1; boot < 100; ++boot) {
        EXPECT_FALSE(heard(lives, {boot}, boot * 2s));
        EXPECT_FALSE(heard(lives, {boot}, boot * 2s + 1s));
    }
}

TEST(Lives, TwoThatSpeakInTurnsAreTwoProcesses) {
    Lives lives;
    EXPECT_FALSE(heard(lives, kFirst, 1s));
    EXPECT_FALSE(heard(lives, kSecond, 2s));
    EXPECT_FALSE(heard(lives, kFirst, 3s)) << "once may be chance";
    EXPECT_TRUE(heard(lives, kSecond, 4s));
    EXPECT_FALSE(heard(lives, kSecond, 5s));
    EXPECT_TRUE(heard(lives, kFirst, 6s));
}

TEST(Lives, AProofIsOvertakenByTheYoungerWordOfAnotherProcess) {
    Lives lives;
    EXPECT_FALSE(lives.is_overtaken(kFirst, kStart)) << "nobody was heard";
    EXPECT_FALSE(heard(lives, kFirst, 1s));
    EXPECT_FALSE(heard(lives, kSecond, 3s));
    EXPECT_TRUE(lives.is_overtaken(kFirst, kStart + 2s));
    EXPECT_FALSE(lives.is_overtaken(kFirst, kStart + 4s));
    EXPECT_FALSE(lives.is_overtaken(kSecond, kStart + 2s)) << "its own";
}

TEST(Lives, OnlyWhoIsHeardAfterwardsWentOn) {
    Lives lives;
    EXPECT_FALSE(lives.went_on_after(kSecond, kStart));
    EXPECT_FALSE(heard(lives, kFirst, 1s));
    EXPECT_FALSE(lives.went_on_after(kSecond, kStart + 5s)) << "it was heard before the second one said that it leaves";
    EXPECT_FALSE(lives.came_back(kFirst, kStart + 4s, kStart + 6s));
    EXPECT_FALSE(lives.went_on_after(kSecond, kStart + 5s)) << "what it said before came late";
    EXPECT_FALSE(lives.went_on_after(kFirst, kStart));
    EXPECT_FALSE(heard(lives, kSecond, 6s));
    EXPECT_TRUE(lives.went_on_after(kFirst, kStart + 5s));
}

TEST(Lives, WhoWasHeardBeforeGoesOnWhereItIsHeardAgain) {
    Lives lives;
    EXPECT_FALSE(heard(lives, kFirst, 1s));
    EXPECT_FALSE(heard(lives, kFirst, 6s));
    EXPECT_TRUE(lives.went_on_after(kSecond, kStart + 5s));
}

TEST(Lives, WhatTheOldProcessSaidBeforeTheNewOneWasHeardProvesNothing) {
    Lives lives;
    EXPECT_FALSE(heard(lives, kFirst, 1s));
    EXPECT_FALSE(heard(lives, kSecond, 2s));
    for (int i = 0; i < 5; ++i) {
        EXPECT_FALSE(lives.came_back(kFirst, kStart + 1900ms, kStart + 3s)) << "late on its way";
        EXPECT_FALSE(heard(lives, kSecond, 4s));
    }
}

}  // namespace
}  // namespace meshmon::mesh
