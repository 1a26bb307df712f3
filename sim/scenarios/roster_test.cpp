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

/// How often a node told that anything about a node or about its quorum changed.
std::size_t changes(const Story& story, std::size_t viewer) {
    return static_cast<std::size_t>(std::ranges::count_if(story.events(viewer), [](const Told& told) {
        switch (told.event.kind) {
            case mesh::EventKind::node_status:
            case mesh::EventKind::link_status:
            case mesh::EventKind::quorum_lost:
            case mesh::EventKind::quorum_regained:
            case mesh::EventKind::self_health: return true;
            case mesh::EventKind::node_contested:
            case mesh::EventKind::partition_changed:
            case mesh::EventKind::was_partition:
            case mesh::EventKind::node_restarted:
            case mesh::EventKind::equivocation:
            case mesh::EventKind::clone_suspected:
            case mesh::EventKind::key_changed:
            case mesh::EventKind::epoch_jumped:
            case mesh::EventKind::roster_changed:
            case mesh::EventKind::peer_config:
            case mesh::EventKind::peer_misbehaved: return false;
        }
        return false;
    }));
}

TEST(WrongUrl, AtTheEdgeOfQuorumFlapsNobody) {
    Story story({.nodes = 4, .seed = 94, .edit_roster = [](std::size_t, Roster& roster) {
                     roster.nodes[3].url = roster.nodes[1].url;  // it dials; who dials it gets another
                 }});
    EXPECT_TRUE(story.reaches(see({0, 1, 2}, {0, 1, 2}, Status::up), 4s));
    story.run_for(5s);
    story.crash(2);
    EXPECT_TRUE(story.reaches(see({0, 1, 3}, {2}, Status::down), detection_bound(story)));
    story.run_for(recovery_bound(story));
    std::vector<std::size_t> before;
    for (const std::size_t viewer : {0U, 1U, 3U}) before.push_back(changes(story, viewer));
    const auto has_quorum = [](const World& world) {
        return world.view(0).has_quorum && world.view(1).has_quorum && world.view(3).has_quorum;
    };
    EXPECT_TRUE(story.keeps(has_quorum, 3min)) << "three of four: two that it dials or is, and one that dials it";
    EXPECT_THAT((std::vector{changes(story, 0), changes(story, 1), changes(story, 3)}), testing::ElementsAreArray(before));
    EXPECT_TRUE(story.keeps(see({0, 1}, {3}, Status::unknown), 1s));
}

TEST(WrongUrl, OfANodeThatWasUpIsNeverADeath) {
    Story story({.nodes = 4, .seed = 95});
    ASSERT_TRUE(story.begins());
    story.lead(3, 1);
    EXPECT_TRUE(story.keeps(never_down(3), 20s));
    EXPECT_TRUE(story.keeps(see({0, 2}, {3}, Status::degraded), 1min)) << "nobody reaches it, and all hear it";
    EXPECT_THAT(story.accusations(), IsEmpty());
    story.lead(3, 3);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
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

TEST(RosterChange, ANodeThatHalfOfThemKnowIsUpThereAndDisturbsNobody) {
    Story story({.nodes = 7, .seed = 96, .started = 6, .edit_roster = without(6)});
    EXPECT_TRUE(story.reaches(see({0, 1, 2, 3, 4, 5}, {0, 1, 2, 3, 4, 5}, Status::up), 4s));
    story.edit_roster([](std::size_t viewer, Roster& roster) {
        if (viewer >= 3 && viewer < 6) without(6)(viewer, roster);
    });
    for (const std::size_t node : {0U, 1U, 2U}) story.reload(node);
    story.restart(6);
    EXPECT_TRUE(story.reaches(see({0, 1, 2}, {6}, Status::up), recovery_bound(story)));
    EXPECT_TRUE(story.reaches(see({6}, {0, 1, 2}, Status::up), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(see({0, 1, 2, 3, 4, 5}, {0, 1, 2, 3, 4, 5}, Status::up), 90s));
    story.edit_roster({});
    for (const std::size_t node : {3U, 4U, 5U}) story.reload(node);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

class Growth : public testing::TestWithParam<std::size_t> {};

TEST_P(Growth, FromTenInOneChangeIsUpSoonAndAccusesNobody) {
    const auto first_ten = [](std::size_t, Roster& roster) { roster.nodes.resize(10); };
    Story story({.nodes = GetParam(), .seed = 97, .poll_rate = 3s, .started = 10, .edit_roster = first_ten});
    story.run_for(9s);
    EXPECT_EQ(story.view(0).by_status[Status::up], 10U);
    story.edit_roster({});
    for (std::size_t node = 0; node < 10; ++node) story.reload(node);
    for (std::size_t node = 10; node < story.size(); ++node) story.restart(node);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story) + story.options().poll_rate));
    EXPECT_TRUE(story.keeps(all_up(), 6s));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Nodes, Growth, testing::Values(100), testing::PrintToStringParamName());

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
