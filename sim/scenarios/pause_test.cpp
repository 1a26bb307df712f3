#include <gmock/gmock.h>

#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::EventKind;
using mesh::Status;
using testing::IsEmpty;

/// Whom `node` ever told that it does not reach, or that it calls down.
std::vector<std::string> blamed(const World& world, std::size_t node) {
    std::vector<std::string> found;
    for (const Told& told : world.events(node)) {
        const bool judges = told.event.kind == EventKind::link_status || told.event.kind == EventKind::node_status;
        if (!judges || told.event.to != Status::down) continue;
        found.push_back(std::string(to_string(told.event.kind)) + " " + told.event.node.str());
    }
    return found;
}

class Pause : public testing::TestWithParam<std::size_t> {};

TEST_P(Pause, OfThirtySecondsIsDownAtOthersAndBlamesNobodyAfterwards) {
    Story story({.nodes = GetParam(), .seed = 61});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    const MonoTime resumes = story.now() + 30s;
    story.pause(1, 30s);
    const Condition others_see_it_down = [](const World& world) {
        for (std::size_t viewer = 0; viewer < world.size(); ++viewer) {
            if (viewer != 1 && world.status(viewer, 1) != Status::down) return false;
        }
        return true;
    };
    EXPECT_TRUE(story.reaches(others_see_it_down, detection_bound(story)));
    story.run_for(resumes - story.now());
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 10s));
    EXPECT_THAT(blamed(story, 1), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Nodes, Pause, testing::Values(3, 10), testing::PrintToStringParamName());

TEST(Pause, ShorterThanAPollIsNotNoticed) {
    Story story({.nodes = 5, .seed = 62});
    ASSERT_TRUE(story.begins());
    for (int i = 0; i < 10; ++i) {
        story.pause(static_cast<std::size_t>(i) % 5, 700ms);
        story.run_for(3s);
    }
    EXPECT_THAT(story.accusations(), IsEmpty());
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

TEST(Pause, OfAllAtOnceBlamesNobody) {
    Story story({.nodes = 5, .seed = 63});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    for (std::size_t node = 0; node < story.size(); ++node) story.pause(node, 30s);
    story.run_for(30s);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story) + story.options().poll_rate));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Clocks, StepsOfAnHourChangeNoVerdict) {
    Story story({.nodes = 5, .seed = 64});
    ASSERT_TRUE(story.begins());
    story.step_wall_clock(1, 1h);
    EXPECT_TRUE(story.keeps(all_up(), 20s));
    story.step_wall_clock(2, -1h);
    EXPECT_TRUE(story.keeps(all_up(), 20s));
    story.step_wall_clock(1, -24h * 3650);
    EXPECT_TRUE(story.keeps(all_up(), 40s));
    story.crash(1);
    EXPECT_TRUE(story.reaches(everyone_sees(1, Status::down), detection_bound(story)));
    story.restart(1);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

TEST(Clocks, TheOffsetIsMeasured) {
    Story story({.nodes = 3, .seed = 65});
    ASSERT_TRUE(story.begins());
    story.step_wall_clock(1, 90s);
    story.run_for(5s);
    const auto link = story.node(0, 1).link;
    ASSERT_TRUE(link && link->clock_offset && link->clock_error);
    EXPECT_NEAR(to_seconds(*link->clock_offset), 90.0, 0.3);
}

}  // namespace
}  // namespace meshmon::sim
