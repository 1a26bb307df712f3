#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::SelfHealth;
using mesh::Status;
using testing::IsEmpty;
using testing::IsSubsetOf;

constexpr Duration kLossForgotten = 3min;  // of the tries that loss is counted over, at a poll of a second

/// Of whom the node ever found by its own tries that it does not reach them.
std::vector<std::string> accused(const World& world, std::size_t node) {
    std::vector<std::string> found;
    for (const Told& told : world.events(node)) {
        const auto& [kind, subject, from, to, reason, contested, at, detail] = told.event;
        if (kind == mesh::EventKind::link_status && to == Status::down) found.push_back(subject.str());
    }
    return found;
}

/// Whom the node ever called down.
std::set<std::string> called_down(const World& world, std::size_t node) {
    std::set<std::string> found;
    for (const Told& told : world.events(node)) {
        if (told.event.kind == mesh::EventKind::node_status && told.event.to == Status::down) found.insert(told.event.node.str());
    }
    return found;
}

/// No longer down or unknown: of the tries that it cost the links stay lossy for a while.
Condition nobody_missing() {
    return [](const World& world) {
        for (std::size_t viewer = 0; viewer < world.size(); ++viewer) {
            const auto by_status = world.view(viewer).by_status;
            if (by_status.at(Status::down) + by_status.at(Status::unknown) > 0) return false;
        }
        return true;
    };
}

struct Hunger {
    std::string name;
    std::size_t nodes, starved;
    Starvation starvation;
    std::uint64_t seed;
};
void PrintTo(const Hunger& hunger, std::ostream* out) { *out << hunger.name; }

class Starved : public testing::TestWithParam<Hunger> {};

TEST_P(Starved, NodesAccuseNobodyAndNobodyHealthyIsDown) {
    const auto& [name, nodes, starved, starvation, seed] = GetParam();
    Story story({.nodes = nodes, .seed = seed});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    for (std::size_t node = 0; node < starved; ++node) story.starve(node, starvation);
    story.run_for(2min);
    std::set<std::string> hungry;
    for (std::size_t node = 0; node < starved; ++node) {
        EXPECT_THAT(accused(story, node), IsEmpty()) << story.id(node).str();
        hungry.insert(story.id(node).str());
        story.feed(node);
    }
    EXPECT_TRUE(story.reaches(nobody_missing(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(nobody_missing(), 20s));
    EXPECT_TRUE(story.reaches(all_up(), kLossForgotten));
    for (std::size_t viewer = 0; viewer < nodes; ++viewer) EXPECT_THAT(called_down(story, viewer), IsSubsetOf(hungry)) << viewer;
}

constexpr Starvation kHiccups{.stall_least = 200ms, .stall_most = 900ms, .burst_most = 300ms};
constexpr Starvation kLittle{.stall_least = 500ms, .stall_most = 1400ms, .burst_most = 100ms};
constexpr Starvation kNothing{.stall_least = 1s, .stall_most = 8s, .burst_most = 50ms};

INSTANTIATE_TEST_SUITE_P(
    Nodes, Starved,
    testing::Values(Hunger{"OneOfFourWithHiccups", 4, 1, kHiccups, 171}, Hunger{"TwoOfEightWithHiccups", 8, 2, kHiccups, 172},
                    Hunger{"OneOfFourWithLittle", 4, 1, kLittle, 173}, Hunger{"TwoOfEightWithLittle", 8, 2, kLittle, 174},
                    Hunger{"OneOfThreeWithNothing", 3, 1, kNothing, 175}, Hunger{"TwoOfEightWithNothing", 8, 2, kNothing, 176}),
    [](const auto& info) { return info.param.name; });

TEST(Starved, NodeSaysThatItIsUnhealthy) {
    Story story({.nodes = 5, .seed = 178});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.starve(1, kNothing);
    const Condition is_unhealthy = [](const World& world) { return world.view(1).self_health == SelfHealth::unhealthy; };
    EXPECT_TRUE(story.reaches(is_unhealthy, 30s));
    story.feed(1);
    const Condition is_healthy = [](const World& world) { return world.view(1).self_health == SelfHealth::healthy; };
    EXPECT_TRUE(story.reaches(is_healthy, recovery_bound(story)));
    EXPECT_TRUE(story.reaches(all_up(), kLossForgotten));
}

TEST(Starved, QuarterDoesNotHideTheDeathOfAnother) {
    for (const Starvation& starvation : {kLittle, kNothing}) {
        Story story({.nodes = 8, .seed = 179});
        ASSERT_TRUE(story.begins());
        story.run_for(5s);
        story.starve(0, starvation);
        story.starve(1, starvation);
        story.run_for(20s);
        story.power_off(7);
        EXPECT_TRUE(story.reaches(see({2, 3, 4, 5, 6}, {7}, Status::down), detection_bound(story)));
    }
}

/// Stalls that come again and again, each too short for a pause, until the condition holds or `limit` is over.
bool hiccups_until(World& world, std::size_t node, Duration stall, Duration every, const Condition& condition, Duration limit) {
    const MonoTime end = world.now() + limit;
    while (world.now() < end) {
        world.pause(node, stall);
        if (world.run_until(condition, every)) return true;
    }
    return false;
}

const Condition kNever = [](const World&) { return false; };

Condition found_down(std::size_t node, std::size_t subject) {
    return [=](const World& world) { return std::ranges::count(accused(world, node), world.id(subject).str()) > 0; };
}

class Hiccups : public testing::TestWithParam<Duration> {};

TEST_P(Hiccups, DoNotHideThatTheCableIsPulled) {
    const Duration stall = GetParam();
    Story story({.nodes = 5, .seed = 181});
    ASSERT_TRUE(story.begins());
    hiccups_until(story, 0, stall, 1s, kNever, 20s);
    story.isolate(0);
    const Condition says_so = [](const World& world) {
        return world.view(0).self_health == SelfHealth::isolated && see({0}, {1, 2, 3, 4}, Status::unknown)(world);
    };
    // Each of the tries in a row may end, and so the next one begin, a stall late.
    const Duration late = (story.options().retry + 1) * stall;
    EXPECT_TRUE(hiccups_until(story, 0, stall, 1s, says_so, bounds_of(story).self_diagnosis() + late)) << story.describe();
    EXPECT_THAT(accused(story, 0), IsSubsetOf({"n01", "n02", "n03", "n04"}));
    story.heal();
    story.run_for(1s);
    EXPECT_TRUE(story.reaches(nobody_missing(), recovery_bound(story)));
}

INSTANTIATE_TEST_SUITE_P(OncePerSecond, Hiccups, testing::Values(300ms, 500ms, 700ms, 900ms),
                         [](const auto& info) { return "For" + std::to_string(info.param / 1ms) + "Milliseconds"; });

TEST(Hiccups, OfASmallPartOfATryExcuseNothing) {
    Story story({.nodes = 5, .seed = 182, .poll_rate = 30s});
    ASSERT_TRUE(story.begins());
    story.power_off(4);
    EXPECT_TRUE(hiccups_until(story, 0, 700ms, 5s, found_down(0, 4), detection_bound(story) + 5s)) << story.describe();
}

TEST(Hiccups, PutOffTheWordThatOneIsSilentOnce) {
    Story story({.nodes = 4, .seed = 183, .edit_roster = [](std::size_t, mesh::Roster& roster) {
                     roster.nodes[2].url.clear();
                     roster.nodes[2].url_state = mesh::UrlState::none;
                 }});
    ASSERT_TRUE(story.begins());
    hiccups_until(story, 0, 600ms, 900ms, kNever, 10s);
    story.crash(2);
    const Bounds bounds = bounds_of(story);
    const Duration late = bounds.one_try() + 2 * 900ms;
    EXPECT_TRUE(hiccups_until(story, 0, 600ms, 900ms, found_down(0, 2), bounds.silence() + late)) << story.describe();
}

}  // namespace
}  // namespace meshmon::sim
