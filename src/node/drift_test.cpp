#include "node/drift.hpp"

#include <gtest/gtest.h>

namespace meshmon::node {
namespace {

using api::Drift;

NodeId id(std::string_view text) { return *NodeId::parse(text); }
WallTime at(int second) { return WallTime(std::chrono::seconds(second)); }
wire::RosterHash roster(std::uint8_t byte) {
    wire::RosterHash hash{};
    hash[0] = byte;
    return hash;
}
mesh::RevisionView says(std::string_view node, std::string text, std::uint8_t keys = 1) {
    return {id(node), std::move(text), roster(keys)};
}

TEST(Drift, TellsTheSameFromOthersAndTheOlderFromTheNewer) {
    EXPECT_EQ(compare(says("a", "c1"), says("b", "c1")), Drift::same);
    EXPECT_EQ(compare(says("a", "c1"), says("b", "c1 !pull-timeout")), Drift::same);
    EXPECT_EQ(compare(says("a", "c1 git:11@5"), says("b", "c1 git:12@6")), Drift::same) << "a commit of other files";
    EXPECT_EQ(compare(says("a", "c1"), says("b", "c1", 2)), Drift::other) << "other keys";
    EXPECT_EQ(compare(says("a", "c1"), says("b", "c2 git:12@6")), Drift::other);
    EXPECT_EQ(compare(says("a", "c1 git:11@7"), says("b", "c2 git:12@6")), Drift::behind);
    EXPECT_EQ(compare(says("a", "c1 git:11@5"), says("b", "c2 git:12@6")), Drift::ahead);
    EXPECT_EQ(compare(says("a", "c1 git:11@6"), says("b", "c2 git:12@6")), Drift::other);
}

TEST(DriftTracker, RemembersSinceWhen) {
    DriftTracker tracker;
    mesh::NetworkView view;
    view.self = id("a");
    view.revisions = {says("a", "c1"), says("b", "c1")};
    auto found = tracker.look(view, at(10));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[1].since, at(10));
    EXPECT_FALSE(found[1].differs_since);

    view.revisions = {says("a", "c2"), says("b", "c1")};
    found = tracker.look(view, at(20));
    EXPECT_EQ(found[0].since, at(20));
    EXPECT_EQ(found[1].since, at(10)) << "it runs the old one since long";
    EXPECT_EQ(found[1].differs_since, at(20)) << "which is another one since now";
    EXPECT_EQ(tracker.look(view, at(30))[1].differs_since, at(20));

    view.revisions = {says("a", "c2"), says("b", "c3")};
    found = tracker.look(view, at(40));
    EXPECT_EQ(found[1].since, at(40));
    EXPECT_EQ(found[1].differs_since, at(20)) << "still another one";
    view.revisions = {says("a", "c2"), says("b", "c2 !rejected")};
    found = tracker.look(view, at(50));
    EXPECT_FALSE(found[1].differs_since);
    EXPECT_EQ(found[1].revision.trouble, "rejected");
}

}  // namespace
}  // namespace meshmon::node
