#include <gmock/gmock.h>

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

}  // namespace
}  // namespace meshmon::sim
