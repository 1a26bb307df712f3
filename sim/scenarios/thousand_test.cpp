// The story of a thousand nodes: a program of its own, for it takes minutes and 5 GiB. Checkers do not watch it: they would
// double both.
#include <gmock/gmock.h>

#include <numeric>

#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::Roster;
using mesh::Status;
using testing::IsEmpty;

constexpr std::size_t kNodes = 1000;
constexpr std::size_t kFirst = 10;
constexpr std::size_t kCrashed = 1;

TEST(Thousand, GrowFromTenInOneChangeAndThenKnowWithinTheBoundWhoCrashed) {
    const auto first_ones = [](std::size_t, Roster& roster) { roster.nodes.resize(kFirst); };
    Story story({.nodes = kNodes,
                 .seed = 1000,
                 .poll_rate = 10s,  // as the configuration has it by default
                 .started = kFirst,
                 .check_every = Duration(0),
                 .edit_roster = first_ones});
    story.run_for(30s);
    ASSERT_EQ(story.view(0).by_status[Status::up], kFirst);
    story.edit_roster({});
    for (std::size_t node = 0; node < kFirst; ++node) story.reload(node);
    for (std::size_t node = kFirst; node < kNodes; ++node) story.restart(node);
    ASSERT_TRUE(story.reaches(all_up(), recovery_bound(story) + story.options().poll_rate));
    EXPECT_THAT(story.accusations(), IsEmpty());

    story.crash(kCrashed);
    std::vector<std::size_t> rest(kNodes - 1);
    std::iota(rest.begin(), rest.end(), kCrashed + 1);
    rest.back() = 0;
    ASSERT_TRUE(story.reaches(see(rest, {kCrashed}, Status::down), detection_bound(story)));
    for (const std::size_t viewer : rest) EXPECT_EQ(story.view(viewer).by_status[Status::up], rest.size());
    EXPECT_EQ(story.accusations().size(), rest.size()) << "of the dead alone, once by each";
}

}  // namespace
}  // namespace meshmon::sim
