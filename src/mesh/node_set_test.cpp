#include "mesh/node_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshmon::mesh {
namespace {

using testing::ElementsAre;
using testing::Pair;

NodeSet set_of(std::size_t roster_size, const std::vector<std::size_t>& nodes) {
    NodeSet set(roster_size);
    for (const std::size_t node : nodes) set.insert(node);
    return set;
}

std::vector<std::size_t> members(const NodeSet& set) {
    std::vector<std::size_t> found;
    set.for_each([&found](std::size_t node) { found.push_back(node); });
    return found;
}

TEST(NodeSet, HoldsWhatWasPutInAcrossWords) {
    NodeSet set = set_of(130, {0, 63, 64, 129});
    EXPECT_TRUE(set.contains(129));
    EXPECT_FALSE(set.contains(128));
    EXPECT_FALSE(set.contains(100'000)) << "past the roster";
    set.erase(63);
    EXPECT_THAT(members(set), ElementsAre(0, 64, 129));
}

TEST(NodeSet, CombinesAsSetsDo) {
    const NodeSet a = set_of(70, {1, 2, 69});
    const NodeSet b = set_of(70, {2, 3, 69});
    EXPECT_THAT(members(NodeSet(a) |= b), ElementsAre(1, 2, 3, 69));
    EXPECT_THAT(members(NodeSet(a) &= b), ElementsAre(2, 69));
    EXPECT_THAT(members(NodeSet(a) -= b), ElementsAre(1));
}

TEST(NodeSet, ContainsAllOfWhatIsNoMoreThanItself) {
    EXPECT_TRUE(set_of(70, {1, 2, 69}).contains_all(set_of(70, {1, 69})));
    EXPECT_TRUE(set_of(70, {1}).contains_all(set_of(70, {1})));
    EXPECT_FALSE(set_of(70, {1, 2}).contains_all(set_of(70, {1, 69})));
}

TEST(NodeSet, TellsWhatWasAddedAndWhatWentAlsoBetweenSizes) {
    std::vector<std::pair<std::size_t, bool>> found;
    const auto note = [&found](std::size_t node, bool is_added) { found.emplace_back(node, is_added); };
    NodeSet::differences(set_of(70, {1, 2}), set_of(70, {2, 69}), note);
    EXPECT_THAT(found, ElementsAre(Pair(1, false), Pair(69, true)));
    found.clear();
    NodeSet::differences(NodeSet(), set_of(70, {69}), note);
    NodeSet::differences(set_of(70, {69}), NodeSet(), note);
    EXPECT_THAT(found, ElementsAre(Pair(69, true), Pair(69, false)));
}

}  // namespace
}  // namespace meshmon::mesh
