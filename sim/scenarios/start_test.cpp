#include <gmock/gmock.h>

#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::Status;
using testing::IsEmpty;

class ColdStart : public testing::TestWithParam<std::size_t> {};

TEST_P(ColdStart, EverybodyIsUpWithinThreePollsAndNobodyIsAccused) {
    Story story({.nodes = GetParam(), .seed = 11});
    EXPECT_TRUE(story.begins());
    EXPECT_TRUE(story.keeps(all_up(), GetParam() <= 10 ? 10s : 3s));
    EXPECT_THAT(story.accusations(), IsEmpty());
    EXPECT_EQ(story.messages_shown() > 0, GetParam() > 1) << "the checkers see what is said";
}

INSTANTIATE_TEST_SUITE_P(Nodes, ColdStart, testing::Values(1, 2, 3, 10, 50), testing::PrintToStringParamName());

TEST(Start, NodesThatComeMinutesApartAccuseNobodyAndMeet) {
    Story story({.nodes = 3, .seed = 12, .started = 1});
    story.run_for(100ms);
    EXPECT_TRUE(story.keeps(nobody_down(), 2min));
    story.restart(1);
    EXPECT_TRUE(story.reaches(see({0}, {1}, Status::up), recovery_bound(story)));
    story.run_for(2min);
    story.restart(2);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

TEST(Start, ASlowPollMeetsAsFast) {
    Story story({.nodes = 5, .seed = 13, .poll_rate = 30s, .check_every = 1s});
    EXPECT_TRUE(story.begins());
    EXPECT_TRUE(story.keeps(all_up(), 10min));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Start, OfManyAtOnceSignsOneHeadThatSaysAll) {
    Story story({.nodes = 20, .seed = 14, .poll_rate = 10s});
    ASSERT_TRUE(story.begins());
    story.run_for(900ms);
    for (std::size_t node = 0; node < 20; ++node) EXPECT_LE(story.counters(node).heads_signed, 2U) << node;
    story.run_for(2s);
    for (std::size_t node = 0; node < 20; ++node) {
        ASSERT_TRUE(story.network(node).record(story.id(node)));
        EXPECT_EQ(story.network(node).record(story.id(node))->slot(wire::SlotKind::reach, 0), nullptr) << "nobody is not up";
    }
}

TEST(Start, WhoFindsNobodySpeaksAfterASecond) {
    Story story({.nodes = 3, .seed = 15, .started = 1});
    story.run_for(900ms);
    EXPECT_EQ(story.counters(0).heads_signed, 0U);
    story.run_for(300ms);
    EXPECT_EQ(story.counters(0).heads_signed, 1U);
}

TEST(Start, WhoComesLaterIsTriedAsSoonAsItIsHeard) {
    Story story({.nodes = 3, .seed = 16, .poll_rate = 60s, .started = 2});
    ASSERT_TRUE(story.reaches(see({0}, {1}, Status::up), recovery_bound(story)));
    story.run_for(10min);
    ASSERT_NE(story.status(0, 2), Status::up);
    story.restart(2);
    story.run_for(2s);
    EXPECT_EQ(story.node(0, 2).link->status, Status::up) << "not only at the next poll";
}

}  // namespace
}  // namespace meshmon::sim
