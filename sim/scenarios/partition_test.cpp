#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::SelfHealth;
using mesh::Status;
using testing::IsEmpty;
using Nodes = std::vector<std::size_t>;
using Sides = std::vector<std::vector<NodeId>>;

Nodes range(std::size_t first, std::size_t count) {
    Nodes nodes(count);
    std::iota(nodes.begin(), nodes.end(), first);
    return nodes;
}

/// Whom the nodes of `viewers` called down, by name.
std::set<std::string> accused_by(const World& world, const Nodes& viewers) {
    std::set<std::string> found;
    for (const std::size_t viewer : viewers) {
        for (const Told& told : world.events(viewer)) {
            if (told.event.kind == mesh::EventKind::node_status && told.event.to == Status::down)
                found.insert(told.event.node.str());
        }
    }
    return found;
}

std::set<std::string> names(const World& world, const Nodes& nodes) {
    std::set<std::string> found;
    for (const std::size_t node : nodes) found.insert(world.id(node).str());
    return found;
}

std::vector<NodeId> ids(const World& world, const Nodes& nodes) {
    std::vector<NodeId> found;
    for (const std::size_t node : nodes) found.push_back(world.id(node));
    return found;
}

/// Each of `side` names it as the one side that it hears, and stands on it.
Condition names_its_side(Nodes side) {
    return [side = std::move(side)](const World& world) {
        return std::ranges::all_of(side, [&](std::size_t viewer) {
            const mesh::Partition partition = world.view(viewer).partition;
            return partition.sides == Sides{ids(world, side)} && partition.own_side == 0 &&
                   partition.silent.size() == world.size() - side.size();
        });
    };
}

// ---- splits ----------------------------------------------------------------------------------------------------------

/// The larger side has quorum: it calls the smaller one down, which accuses nobody.
void tell_of_majority_and_minority(std::size_t larger, std::size_t smaller, std::uint64_t seed) {
    Story story({.nodes = larger + smaller, .seed = seed});
    const Nodes majority = range(0, larger);
    const Nodes minority = range(larger, smaller);
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.partition({majority, minority});
    EXPECT_TRUE(story.reaches(see(majority, minority, Status::down), detection_bound(story)));
    EXPECT_TRUE(story.reaches(see(minority, majority, Status::unknown), detection_bound(story)));
    EXPECT_TRUE(story.keeps(see(majority, majority, Status::up), 30s));
    EXPECT_TRUE(story.keeps(see(minority, minority, Status::up), 5s));
    for (const std::size_t viewer : minority) EXPECT_EQ(story.view(viewer).self_health, SelfHealth::isolated) << viewer;
    EXPECT_TRUE(names_its_side(majority)(story)) << story.describe();
    story.heal();
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 10s));
    EXPECT_EQ(accused_by(story, majority), names(story, minority));
    EXPECT_THAT(accused_by(story, minority), IsEmpty());
}

TEST(Split, OfSixtyToFortyIsDownForTheMajorityAndUnknownForTheMinority) { tell_of_majority_and_minority(6, 4, 141); }

TEST(Split, OfFiftyOneToFortyNineIsJudgedByTheFiftyOne) { tell_of_majority_and_minority(11, 10, 142); }

/// No side has quorum: nobody is called down by anybody.
void tell_of_minorities(const std::vector<Nodes>& sides, std::uint64_t seed) {
    std::size_t nodes = 0;
    for (const Nodes& side : sides) nodes += side.size();
    Story story({.nodes = nodes, .seed = seed});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.partition(sides);
    for (const Nodes& side : sides) {
        for (const Nodes& other : sides) {
            if (&side == &other) continue;
            EXPECT_TRUE(story.reaches(see(side, other, Status::unknown), detection_bound(story)));
        }
        EXPECT_TRUE(story.reaches(see(side, side, Status::up), recovery_bound(story)));
    }
    EXPECT_TRUE(story.keeps(nobody_down(), 1min));
    for (std::size_t viewer = 0; viewer < nodes; ++viewer) {
        EXPECT_EQ(story.view(viewer).self_health, SelfHealth::isolated) << viewer;
        EXPECT_FALSE(story.view(viewer).has_quorum) << viewer;
    }
    story.heal();
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 10s));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Split, OfFiftyToFiftyIsUnknownOnBothSides) { tell_of_minorities({range(0, 5), range(5, 5)}, 143); }

TEST(Split, OfFortyToThirtyToThirtyIsUnknownOnAllSides) { tell_of_minorities({range(0, 4), range(4, 3), range(7, 3)}, 144); }

// ---- partial partitions ----------------------------------------------------------------------------------------------

struct Bridged {
    std::string name;
    std::size_t left, bridges, right;
    std::uint64_t seed;
};
void PrintTo(const Bridged& bridged, std::ostream* out) { *out << bridged.name; }

class Bridge : public testing::TestWithParam<Bridged> {};

TEST_P(Bridge, BetweenTwoGroupsIsNamedWithThemAndNobodyIsDown) {
    const auto& [name, left_size, bridge_size, right_size, seed] = GetParam();
    Story story({.nodes = left_size + bridge_size + right_size, .seed = seed});
    const Nodes left = range(0, left_size);
    const Nodes bridges = range(left_size, bridge_size);
    const Nodes right = range(left_size + bridge_size, right_size);
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.partition({left, right});
    const Condition named = [&](const World& world) {
        for (std::size_t viewer = 0; viewer < world.size(); ++viewer) {
            const mesh::Partition partition = world.view(viewer).partition;
            if (partition.sides.size() != 1 || partition.groups != Sides{ids(world, left), ids(world, right)}) return false;
            if (partition.bridges != ids(world, bridges) || !partition.broken_links.empty()) return false;
        }
        return true;
    };
    EXPECT_TRUE(story.reaches(named, partition_bound(story)));
    EXPECT_TRUE(story.keeps(named, 2min));
    EXPECT_THAT(story.accusations(), IsEmpty());
    story.heal();
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.reaches([](const World& world) { return world.view(0).partition.whole(); }, recovery_bound(story)));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Sizes, Bridge,
                         testing::Values(Bridged{"ThreeOneThree", 3, 1, 3, 151}, Bridged{"FourTwoFour", 4, 2, 4, 153},
                                         Bridged{"TwoOneTwo", 2, 1, 2, 155}),
                         [](const auto& info) { return info.param.name; });

/// It lost most of its peers, and the only other that it hears finds nothing wrong with them: the trouble is its own.
TEST(Bridge, ToASingleNodeKeepsItAliveAndTheNodeSaysThatItIsUnhealthy) {
    Story story({.nodes = 7, .seed = 156});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.partition({{0}, {2, 3, 4, 5, 6}});
    EXPECT_TRUE(story.reaches(everyone_sees(0, Status::degraded), partition_bound(story)));
    const Condition is_unhealthy = [](const World& world) { return world.view(0).self_health == SelfHealth::unhealthy; };
    EXPECT_TRUE(story.reaches(is_unhealthy, recovery_bound(story)));
    // The news that come round its bridge keep it from being isolated, though every try of its own fails.
    EXPECT_TRUE(story.keeps(is_unhealthy, 2min));
    EXPECT_THAT(story.accusations(), IsEmpty());
    EXPECT_EQ(story.view(1).partition.silent, ids(story, {0})) << "without a vote it stands on no side";
    story.heal();
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_EQ(story.view(0).self_health, SelfHealth::healthy);
}

/// Every node reaches a majority, and no two of them the same one.
class Ring : public testing::TestWithParam<std::pair<std::size_t, std::size_t>> {};

TEST_P(Ring, OfOverlappingMajoritiesListsItsBrokenLinksAndNobodyIsDown) {
    const auto& [nodes, reach] = GetParam();
    Story story({.nodes = nodes, .seed = 160 + nodes});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    std::vector<std::pair<NodeId, NodeId>> broken;
    for (std::size_t a = 0; a < nodes; ++a) {
        for (std::size_t b = a + 1; b < nodes; ++b) {
            if (std::min(b - a, nodes - (b - a)) <= reach) continue;
            story.sever(a, b);
            broken.emplace_back(story.id(a), story.id(b));
        }
    }
    const Condition named = [&](const World& world) {
        for (std::size_t viewer = 0; viewer < world.size(); ++viewer) {
            const mesh::Partition partition = world.view(viewer).partition;
            if (partition.sides.size() != 1 || !partition.groups.empty() || partition.broken_links != broken) return false;
        }
        return true;
    };
    EXPECT_TRUE(story.reaches(named, partition_bound(story)));
    EXPECT_TRUE(story.keeps(named, 2min));
    for (std::size_t viewer = 0; viewer < nodes; ++viewer) EXPECT_TRUE(story.view(viewer).has_quorum) << viewer;
    story.heal();
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(NodesAndReach, Ring,
                         testing::Values(std::pair(5, 1), std::pair(7, 2), std::pair(9, 2), std::pair(10, 3)),
                         [](const auto& info) {
                             return "Of" + std::to_string(info.param.first) + "Reaching" + std::to_string(info.param.second);
                         });

}  // namespace
}  // namespace meshmon::sim
