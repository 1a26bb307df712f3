#include <gmock/gmock.h>

#include <algorithm>

#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::Reason;
using mesh::Roster;
using mesh::Status;
using testing::IsEmpty;

std::function<void(std::size_t, Roster&)> without(std::size_t node) {
    return [node](std::size_t, Roster& roster) { roster.nodes.erase(roster.nodes.begin() + static_cast<std::ptrdiff_t>(node)); };
}

TEST(MissingKey, OfOneNodeMakesItUnknownAndTheRestWorks) {
    Story story({.nodes = 4, .seed = 81, .edit_roster = [](std::size_t viewer, Roster& roster) {
                     if (viewer != 2) roster.nodes[2].key.reset();
                 }});
    EXPECT_TRUE(story.reaches(see({0, 1, 3}, {0, 1, 3}, Status::up), 4s));
    EXPECT_TRUE(story.keeps(see({0, 1, 3}, {0, 1, 3}, Status::up), 20s));
    EXPECT_EQ(story.status(0, 2), Status::unknown);
    EXPECT_EQ(story.node(0, 2).reason, Reason::key_missing);
    EXPECT_TRUE(story.keeps(nobody_down(), 20s));
    EXPECT_EQ(story.node(2, 0).link->reason, Reason::refused_by_peer) << "it learns why nobody listens";
    EXPECT_EQ(story.status(2, 0), Status::unknown);
}

TEST(MissingKey, AtOneViewerHidesTheNodeThereAlone) {
    Story story({.nodes = 4, .seed = 82, .edit_roster = [](std::size_t viewer, Roster& roster) {
                     if (viewer == 0) roster.nodes[2].key.reset();
                 }});
    EXPECT_TRUE(story.reaches(see({1, 3}, {0, 1, 2, 3}, Status::up), 5s));
    EXPECT_TRUE(story.keeps(nobody_down(), 30s));
    EXPECT_EQ(story.status(0, 2), Status::unknown);
    EXPECT_EQ(story.node(0, 2).reason, Reason::key_missing);
    story.edit_roster({});
    story.reload(0);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(PlaceholderUrl, IsUnknownAndTheRestWorks) {
    Story story({.nodes = 4, .seed = 83, .started = 3, .edit_roster = [](std::size_t, Roster& roster) {
                     roster.nodes[3].url.clear();
                     roster.nodes[3].url_state = mesh::UrlState::placeholder;
                 }});
    EXPECT_TRUE(story.reaches(see({0, 1, 2}, {0, 1, 2}, Status::up), 4s));
    EXPECT_TRUE(story.keeps(see({0, 1, 2}, {3}, Status::unknown), 2min));
    EXPECT_EQ(story.node(0, 3).reason, Reason::placeholder_url);
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(NeverStarted, NodeIsUnknownFirstAndDownInTheEnd) {
    Story story({.nodes = 4, .seed = 84, .started = 3});
    EXPECT_TRUE(story.reaches(see({0, 1, 2}, {0, 1, 2}, Status::up), 4s));
    EXPECT_TRUE(story.keeps(see({0, 1, 2}, {3}, Status::unknown), 50s));
    EXPECT_EQ(story.node(0, 3).reason, Reason::never_seen);
    EXPECT_TRUE(story.reaches(see({0, 1, 2}, {3}, Status::down), 30s));
    story.restart(3);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

TEST(WrongUrl, AnsweredByAnotherNodeIsNeverTakenForThisOne) {
    Story story({.nodes = 4, .seed = 85, .edit_roster = [](std::size_t viewer, Roster& roster) {
                     if (viewer == 0) roster.nodes[2].url = roster.nodes[1].url;
                 }});
    EXPECT_TRUE(story.reaches(see({1, 2, 3}, {1, 3}, Status::up), 4s));
    EXPECT_TRUE(story.keeps(nobody_down(), 30s));
    EXPECT_EQ(story.node(0, 2).link->status, Status::unknown) << story.describe();
    EXPECT_EQ(story.node(0, 1).link->status, Status::up);
    EXPECT_EQ(story.node(0, 3).link->status, Status::up);
}

TEST(UnknownHost, IsDownByDns) {
    Story story({.nodes = 4, .seed = 86, .started = 3, .edit_roster = [](std::size_t, Roster& roster) {
                     roster.nodes[3].url = "http://nowhere.sim:8000";
                 }});
    EXPECT_TRUE(story.reaches(see({0, 1, 2}, {0, 1, 2}, Status::up), 4s));
    story.run_for(10s);
    EXPECT_EQ(story.node(0, 3).link->reason, Reason::dns);
}

TEST(RosterChange, ANodeThatIsAddedIsUpSoon) {
    Story story({.nodes = 5, .seed = 87, .started = 4, .edit_roster = without(4)});
    EXPECT_TRUE(story.reaches(see({0, 1, 2, 3}, {0, 1, 2, 3}, Status::up), 4s));
    EXPECT_EQ(story.view(0).nodes, 4U);
    story.run_for(90s);
    story.edit_roster({});
    for (std::size_t node = 0; node < 4; ++node) {
        story.reload(node);
        story.run_for(2s);
    }
    story.restart(4);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story) + story.options().poll_rate));
    EXPECT_EQ(story.view(0).nodes, 5U);
    EXPECT_TRUE(story.keeps(all_up(), 10s));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(RosterChange, ANodeThatIsRemovedIsGoneAndNotListenedTo) {
    Story story({.nodes = 5, .seed = 88});
    ASSERT_TRUE(story.begins());
    story.edit_roster(without(4));
    for (std::size_t node = 0; node < 4; ++node) story.reload(node);
    EXPECT_TRUE(story.keeps(see({0, 1, 2, 3}, {0, 1, 2, 3}, Status::up), 20s));
    EXPECT_EQ(story.view(0).nodes, 4U);
    EXPECT_FALSE(story.network(0).node(story.id(4), story.local_now(0)));
    EXPECT_THAT(story.accusations(), testing::Each(testing::HasSubstr("n04 calls")));
    story.edit_roster({});
    for (std::size_t node = 0; node < 4; ++node) story.reload(node);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

TEST(RosterChange, HalfTheNodesOnTheNextRosterIsShownAsDriftAlone) {
    Story story({.nodes = 6, .seed = 89});
    ASSERT_TRUE(story.begins());
    story.edit_roster([](std::size_t viewer, Roster& roster) {
        if (viewer < 3) roster.config_revision = "rev2";
    });
    for (std::size_t node = 0; node < 3; ++node) story.reload(node);
    EXPECT_TRUE(story.keeps(all_up(), 15s));
    const auto revisions = story.view(5).revisions;
    const auto changed = std::ranges::count(revisions, "rev2", &mesh::RevisionView::config_revision);
    EXPECT_EQ(changed, 3) << story.describe();
}

}  // namespace
}  // namespace meshmon::sim
