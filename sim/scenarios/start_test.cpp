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

}  // namespace
}  // namespace meshmon::sim
