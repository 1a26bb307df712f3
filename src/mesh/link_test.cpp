#include "mesh/link.hpp"

#include <gtest/gtest.h>

namespace meshmon::mesh {
namespace {

using namespace std::chrono_literals;

Now at(Duration time) { return {MonoTime(1h) + time, WallTime(std::chrono::duration_cast<std::chrono::milliseconds>(time))}; }

MonoTime when(Duration time) { return at(time).mono; }

Link::Options both_ways() { return {.dials = true, .dialed_by = true, .retry = 3, .silent_after = 5s, .heard_for = 4s}; }

void fail_times(Link& link, int times, Reason reason, bool outside_box = false) {
    for (int i = 0; i < times; ++i) link.failed(reason, "why", outside_box, true, at(i * 1s));
}

TEST(Link, IsDownAfterRetryFailuresAndUpAfterOneSuccess) {
    Link link(both_ways(), at(0s));
    EXPECT_EQ(link.status(), Status::unknown);
    EXPECT_EQ(link.reason(), Reason::never_seen);
    link.succeeded(1ms, at(0s));
    EXPECT_EQ(link.status(), Status::up);
    fail_times(link, 2, Reason::timeout);
    EXPECT_EQ(link.status(), Status::up);
    EXPECT_FALSE(link.seen_directly(when(2s))) << "a try failed since";
    EXPECT_TRUE(link.failed(Reason::timeout, "why", false, true, at(2s)));
    EXPECT_EQ(link.status(), Status::down);
    EXPECT_EQ(link.reason(), Reason::timeout);
    link.succeeded(1ms, at(3s));
    EXPECT_EQ(link.status(), Status::up);
    EXPECT_TRUE(link.seen_directly(when(3s)));
}

TEST(Link, AFailureThatDoesNotCountBringsNobodyDown) {
    Link link(both_ways(), at(0s));
    for (int i = 0; i < 9; ++i) link.failed(Reason::timeout, "why", false, false, at(i * 1s));
    EXPECT_EQ(link.status(), Status::unknown);
}

TEST(Link, WhatComesOutsideABoxProvesNothingUntilTheLinkWasUp) {
    Link link(both_ways(), at(0s));
    fail_times(link, 9, Reason::refused_by_peer, true);
    EXPECT_EQ(link.status(), Status::unknown);
    EXPECT_EQ(link.reason(), Reason::refused_by_peer);
    EXPECT_EQ(link.out(), wire::OutState::unknown);
    link.succeeded(1ms, at(10s));
    fail_times(link, 3, Reason::http, true);
    EXPECT_EQ(link.status(), Status::down) << "a proxy whose backend died must not hide the death";
}

TEST(Link, WhoIsNotDialedIsUpByOneProvenRequestAndDownBySilence) {
    Link link({.dials = false, .dialed_by = true, .retry = 3, .silent_after = 5s}, at(0s));
    EXPECT_EQ(link.status(), Status::unknown);
    link.heard(at(1s));
    EXPECT_EQ(link.status(), Status::up);
    EXPECT_FALSE(link.check_silence(at(5s)));
    EXPECT_TRUE(link.check_silence(at(6s)));
    EXPECT_EQ(link.status(), Status::down);
    EXPECT_EQ(link.reason(), Reason::silent);
    EXPECT_FALSE(link.seen_directly(when(6s)));
    link.heard(at(7s));
    EXPECT_EQ(link.status(), Status::up);
}

TEST(Link, IsOneWayOnlyWhereBothDirectionsAreForeseen) {
    Link link(both_ways(), at(0s));
    link.succeeded(1ms, at(0s));
    link.heard(at(0s));
    EXPECT_TRUE(link.check_silence(at(5s)));
    EXPECT_TRUE(link.one_way());
    EXPECT_EQ(link.status(), Status::up);
    EXPECT_FALSE(link.plainly_up());
    Link behind_nat({.dials = false, .dialed_by = true, .retry = 3, .silent_after = 5s}, at(0s));
    behind_nat.heard(at(0s));
    EXPECT_FALSE(behind_nat.one_way());
    EXPECT_TRUE(behind_nat.plainly_up());
}

TEST(Link, WhoIsHeardWhileTriesFailIsSeenSteadily) {
    Link link(both_ways(), at(0s));
    fail_times(link, 4, Reason::connect);
    link.heard(at(4s));
    EXPECT_TRUE(link.seen_directly(when(4s)));
    link.failed(Reason::connect, "why", false, true, at(5s));
    EXPECT_TRUE(link.seen_directly(when(8s))) << "a failed try says nothing about the direction that works";
    EXPECT_FALSE(link.seen_directly(when(9s))) << "long unheard, and the tries fail";
}

TEST(Link, WhatWasHeardBeforeTriesBeganToFailDoesNotCount) {
    Link link(both_ways(), at(0s));
    link.succeeded(1ms, at(0s));
    link.heard(at(1s));
    link.failed(Reason::timeout, "why", false, true, at(2s));
    EXPECT_FALSE(link.seen_directly(when(2s)));
}

TEST(Link, WhoWasNeverHeardIsNoOneWayLink) {
    Link link(both_ways(), at(0s));
    link.succeeded(1ms, at(0s));
    link.check_silence(at(5s));
    EXPECT_FALSE(link.one_way());
    EXPECT_TRUE(link.plainly_up());
}

TEST(Link, WhatThisNodeKnowsItselfIsUnknownAndNeverDown) {
    Link link({.dials = false, .dialed_by = true, .obstacle = Reason::key_missing, .retry = 3, .silent_after = 5s}, at(0s));
    link.check_silence(at(60s));
    EXPECT_EQ(link.status(), Status::unknown);
    EXPECT_EQ(link.reason(), Reason::key_missing);
    EXPECT_EQ(link.in(), wire::InState::not_foreseen);
}

TEST(Link, APlaceholderUrlDoesNotHideAPeerThatDialsItself) {
    Link link({.dials = false, .dialed_by = true, .obstacle = Reason::placeholder_url, .retry = 3, .silent_after = 5s}, at(0s));
    EXPECT_EQ(link.reason(), Reason::placeholder_url);
    link.heard(at(1s));
    EXPECT_EQ(link.status(), Status::up);
}

TEST(Link, AnotherUrlOrKeyBeginsAfresh) {
    Link link(both_ways(), at(0s));
    link.succeeded(1ms, at(0s));
    link.configure(both_ways(), false, at(1s));
    EXPECT_EQ(link.status(), Status::up);
    link.configure(both_ways(), true, at(1s));
    EXPECT_EQ(link.status(), Status::unknown);
}

}  // namespace
}  // namespace meshmon::mesh
