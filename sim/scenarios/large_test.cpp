// Stories of a hundred nodes and more: a program of their own, for optimised builds alone.
#include <gmock/gmock.h>

#include <numeric>

#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::Status;
using testing::IsEmpty;
using Nodes = std::vector<std::size_t>;

Nodes range(std::size_t first, std::size_t count) {
    Nodes nodes(count);
    std::iota(nodes.begin(), nodes.end(), first);
    return nodes;
}

WorldOptions hundred(std::uint64_t seed) { return {.nodes = 100, .seed = seed, .start_within = 2s, .check_every = Duration(5s)}; }

TEST(Hundred, StartAtOnceAndNobodyIsAccused) {
    Story story(hundred(191));
    EXPECT_TRUE(story.begins());
    EXPECT_THAT(story.accusations(), IsEmpty());
}

/// So many at once are known as fast as one.
class HundredLose : public testing::TestWithParam<std::size_t> {};

TEST_P(HundredLose, SomeAtOnceAndTheRestKnowsWithinTheBound) {
    const std::size_t lost = GetParam();
    Story story(hundred(192 + lost));
    ASSERT_TRUE(story.begins());
    for (std::size_t node = 0; node < lost; ++node) story.crash(node);
    const Nodes rest = range(lost, 100 - lost);
    EXPECT_TRUE(story.reaches(see(rest, range(0, lost), Status::down), detection_bound(story)));
    EXPECT_TRUE(see(rest, rest, Status::up)(story)) << story.describe();
    EXPECT_EQ(story.accusations().size(), lost * rest.size()) << "of the dead alone, once by each";
}

INSTANTIATE_TEST_SUITE_P(Crashed, HundredLose, testing::Values(1, 10, 49), testing::PrintToStringParamName());

TEST(Hundred, LoseFiftyOneAndTheRestAccusesNobody) {
    Story story(hundred(194));
    ASSERT_TRUE(story.begins());
    for (std::size_t node = 0; node < 51; ++node) story.crash(node);
    EXPECT_TRUE(story.reaches(see(range(51, 49), range(0, 51), Status::unknown), detection_bound(story)));
    EXPECT_TRUE(see(range(51, 49), range(51, 49), Status::up)(story)) << story.describe();
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Hundred, SplitSixtyToFortyIsJudgedByTheSixty) {
    Story story(hundred(195));
    ASSERT_TRUE(story.begins());
    story.partition({range(0, 60), range(60, 40)});
    EXPECT_TRUE(story.reaches(see(range(0, 60), range(60, 40), Status::down), detection_bound(story)));
    EXPECT_TRUE(story.reaches(see(range(60, 40), range(0, 60), Status::unknown), detection_bound(story)));
    story.heal();
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

}  // namespace
}  // namespace meshmon::sim
