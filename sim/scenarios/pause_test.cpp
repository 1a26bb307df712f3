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

struct Paused {
    std::size_t nodes;
    Duration span;
};
void PrintTo(const Paused& paused, std::ostream* out) { *out << paused.nodes << " nodes"; }

class Pause : public testing::TestWithParam<Paused> {
protected:
    static Condition others_see(std::size_t paused, Status status) {
        return [paused, status](const World& world) {
            for (std::size_t viewer = 0; viewer < world.size(); ++viewer) {
                if (viewer != paused && world.status(viewer, paused) != status) return false;
            }
            return true;
        };
    }
};

TEST_P(Pause, BlamesNobodyAfterwardsAndIsDownAtOthersIfItIsLong) {
    const auto& [nodes, span] = GetParam();
    Story story({.nodes = nodes, .seed = 61});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    const MonoTime resumes = story.now() + span;
    story.pause(1, span);
    if (span > detection_bound(story)) {
        EXPECT_TRUE(story.reaches(others_see(1, Status::down), detection_bound(story)));
    }
    story.run_for(resumes - story.now());
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 10s));
    EXPECT_THAT(blamed(story, 1), IsEmpty());
}

TEST_P(Pause, OfTheWholeMachineIsNoDifferent) {
    const auto& [nodes, span] = GetParam();
    Story story({.nodes = nodes, .seed = 66});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    const Now before = story.local_now(1);
    const MonoTime wakes = story.now() + span;
    story.suspend(1, span);
    if (span > detection_bound(story)) {
        EXPECT_TRUE(story.reaches(others_see(1, Status::down), detection_bound(story)));
        EXPECT_EQ(story.node(0, 1).link->reason, mesh::Reason::timeout);
    }
    story.run_for(wakes - story.now());
    EXPECT_EQ(story.local_now(1).mono, before.mono) << "as CLOCK_MONOTONIC";
    EXPECT_GE(story.local_now(1).wall - before.wall, span - 100ms);
    story.run_for(recovery_bound(story));  // a try that began before it woke may still fail
    EXPECT_TRUE(story.keeps(all_up(), 10s));
    EXPECT_THAT(blamed(story, 1), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(NodesAndSpan, Pause,
                         testing::Values(Paused{3, 1s}, Paused{3, 30s}, Paused{5, 2s}, Paused{5, 3s}, Paused{5, 5s},
                                         Paused{10, 8s}, Paused{10, 30s}, Paused{5, 120s}),
                         [](const auto& info) {
                             return std::to_string(info.param.nodes) + "For" + std::to_string(info.param.span / 1s) + "Seconds";
                         });

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

TEST(Pause, TwiceBeforeTheFirstJudgementIsSurvived) {
    Story story({.nodes = 5, .seed = 69, .poll_rate = 10s});
    ASSERT_TRUE(story.begins());
    for (std::size_t node = 0; node < story.size(); ++node) story.crash(node);
    story.restart(1);
    story.run_for(100ms);
    for (int i = 0; i < 2; ++i) {
        story.pause(1, 6s);
        story.run_for(6s + 10ms);
    }
    for (const std::size_t node : {0UL, 2UL, 3UL, 4UL}) story.restart(node);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story) + story.options().poll_rate));
    EXPECT_THAT(blamed(story, 1), IsEmpty());
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

TEST(Clocks, StepsOfAnHourAndOfTenYearsChangeNoVerdict) {
    constexpr Duration kTenYears = 24h * 3652;
    Story story({.nodes = 5, .seed = 64});
    ASSERT_TRUE(story.begins());
    for (const Duration step : {Duration(1h), Duration(-1h), kTenYears, -kTenYears}) {
        story.step_wall_clock(1, step);
        EXPECT_TRUE(story.keeps(all_up(), 20s)) << to_short_text(step);
        story.step_wall_clock(2, -step);
        EXPECT_TRUE(story.keeps(all_up(), 20s)) << to_short_text(step);
    }
    story.step_wall_clock(1, -kTenYears);
    story.crash(1);
    EXPECT_TRUE(story.reaches(everyone_sees(1, Status::down), detection_bound(story)));
    story.step_wall_clock(1, kTenYears);
    story.step_wall_clock(0, kTenYears);
    story.restart(1);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_EQ(story.accusations().size(), 4U) << "of the crash, once by each";
}

TEST(Clocks, OfAllSteppingAtOnceChangeNoVerdict) {
    Story story({.nodes = 5, .seed = 67});
    ASSERT_TRUE(story.begins());
    for (std::size_t node = 0; node < story.size(); ++node) story.step_wall_clock(node, node % 2 == 0 ? 3h : -24h * 3652);
    EXPECT_TRUE(story.keeps(all_up(), 1min));
    story.crash(4);
    EXPECT_TRUE(story.reaches(everyone_sees(4, Status::down), detection_bound(story)));
}

/// No oscillator is off by more than 200 ppm; one in a hundred is what a broken virtual machine has.
TEST(Pause, OfWhoOnlyListensAccusesNobody) {
    Story story({.nodes = 3, .seed = 113, .edit_roster = [](std::size_t, mesh::Roster& roster) {
                     for (const std::size_t node : {1U, 2U}) {
                         roster.nodes[node].url.clear();
                         roster.nodes[node].url_state = mesh::UrlState::none;
                     }
                 }});
    story.run_for(10s);
    story.pause(0, 30s);
    story.run_for(30s + story.options().poll_rate);
    for (const std::string& blame : blamed(story, 0)) story.broken("S9: after its own pause: " + blame);
    EXPECT_TRUE(story.reaches(see({0}, {1, 2}, Status::up), recovery_bound(story)));
}

class Drift : public testing::TestWithParam<double> {};

TEST_P(Drift, OfTheMonotonicClocksAgainstEachOtherChangesNoVerdict) {
    Story story({.nodes = 5, .seed = 68});
    for (std::size_t node = 0; node < story.size(); ++node) {
        story.set_mono_drift(node, GetParam() * (static_cast<double>(node) - 2) / 2);
    }
    ASSERT_TRUE(story.begins());
    EXPECT_TRUE(story.keeps(all_up(), 10min));
    story.crash(3);
    EXPECT_TRUE(story.reaches(everyone_sees(3, Status::down), detection_bound(story)));
    story.restart(3);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

INSTANTIATE_TEST_SUITE_P(Ppm, Drift, testing::Values(200, 10'000),
                         [](const auto& info) { return std::to_string(static_cast<int>(info.param)); });

TEST(Clocks, TheOffsetIsMeasured) {
    Story story({.nodes = 3, .seed = 65});
    ASSERT_TRUE(story.begins());
    story.step_wall_clock(1, 90s);
    story.run_for(5s);
    const auto link = story.node(0, 1).link;
    ASSERT_TRUE(link && link->clock_offset && link->clock_error);
    EXPECT_NEAR(to_seconds(*link->clock_offset), 90.0, 0.3);
}

TEST(Pause, ThatEndsForAMomentAgainAndAgainLeavesTheLastOneAloneAndWell) {
    Story story({.nodes = 3, .seed = 161});
    ASSERT_TRUE(story.begins());
    story.crash(1);
    story.run_for(10s);
    for (int i = 0; i < 100; ++i) {
        story.pause(2, 10s);
        story.run_for(10s + 5ms);  // too short for a fresh challenge and its proof
    }
    EXPECT_EQ(story.view(0).self_health, mesh::SelfHealth::isolated) << "and what it said between, L5 and S9 watch";
}

}  // namespace
}  // namespace meshmon::sim
