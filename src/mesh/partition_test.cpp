#include "mesh/partition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace meshmon::mesh {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using Pairs = std::set<std::pair<std::size_t, std::size_t>>;

constexpr std::size_t kNodes = 5;

std::vector<NodeSet> linked_where(const std::function<bool(std::size_t, std::size_t)>& is_linked) {
    std::vector<NodeSet> linked(kNodes, NodeSet(kNodes));
    for (std::size_t a = 0; a < kNodes; ++a) {
        for (std::size_t b = 0; b < kNodes; ++b) {
            if (is_linked(a, b)) linked[a].insert(b);
        }
    }
    return linked;
}

Sides sides_without(const std::vector<std::size_t>& placed, const Pairs& broken) {
    const auto always = [](std::size_t, std::size_t) { return true; };
    const auto is_linked = [&broken](std::size_t a, std::size_t b) { return !broken.contains(std::minmax(a, b)); };
    return find_sides(placed, always, linked_where(is_linked));
}

TEST(FindSides, AWholeNetworkIsOneSide) {
    const Sides sides = sides_without({0, 1, 2, 3}, {});
    EXPECT_THAT(sides.sides, ElementsAre(ElementsAre(0, 1, 2, 3)));
    EXPECT_THAT(sides.groups, IsEmpty());
    EXPECT_THAT(sides.broken_links, IsEmpty());
}

TEST(FindSides, NamesTheSidesOfASplitLargestFirst) {
    const Sides sides = sides_without({0, 1, 2, 3, 4}, {{0, 2}, {0, 3}, {0, 4}, {1, 2}, {1, 3}, {1, 4}});
    EXPECT_THAT(sides.sides, ElementsAre(ElementsAre(2, 3, 4), ElementsAre(0, 1)));
    EXPECT_THAT(sides.groups, IsEmpty()) << "two sides are no partial partition";
    EXPECT_THAT(sides.broken_links, IsEmpty());
}

TEST(FindSides, NamesGroupsAndTheBridgeBetweenThem) {
    const Sides sides = sides_without({0, 1, 2, 3, 4}, {{0, 3}, {0, 4}, {1, 3}, {1, 4}});
    EXPECT_THAT(sides.sides, ElementsAre(ElementsAre(0, 1, 2, 3, 4)));
    EXPECT_THAT(sides.groups, ElementsAre(ElementsAre(0, 1), ElementsAre(3, 4)));
    EXPECT_THAT(sides.bridges, ElementsAre(2));
    EXPECT_THAT(sides.broken_links, IsEmpty());
}

TEST(FindSides, ListsOneBrokenLinkAsWhatItIs) {
    const Sides sides = sides_without({0, 1, 2, 3}, {{1, 3}});
    EXPECT_THAT(sides.groups, IsEmpty());
    EXPECT_THAT(sides.broken_links, ElementsAre(Pair(1, 3)));
}

TEST(FindSides, DoesNotMissLinksThatAreNotForeseen) {
    const auto foreseen = [](std::size_t a, std::size_t b) { return a == 0 || b == 0; };
    const Sides sides = find_sides({0, 1, 2}, foreseen, linked_where(foreseen));
    EXPECT_THAT(sides.sides, ElementsAre(ElementsAre(0, 1, 2)));
    EXPECT_THAT(sides.broken_links, IsEmpty());
}

TEST(FindSides, NobodyPlacedIsNoSide) { EXPECT_THAT(sides_without({}, {}).sides, IsEmpty()); }

}  // namespace
}  // namespace meshmon::mesh
