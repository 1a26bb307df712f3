#include <gmock/gmock.h>

#include "crypto/fingerprint.hpp"
#include "sim/liar.hpp"
#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::EventKind;
using mesh::Status;
using testing::ElementsAre;
using testing::IsEmpty;

/// What everybody holds of `node` is signed under its newest key.
Condition is_known_by_its_new_key(std::size_t node) {
    return [=](const World& world) {
        if (!world.has_rotated(node)) return false;
        const auto head = world.view(node).head;
        for (std::size_t viewer = 0; viewer < world.size(); ++viewer) {
            if (!head || !world.running(viewer)) return false;
            const auto held = world.node(viewer, node).head;
            if (!held || held->key != head->key) return false;
        }
        return true;
    };
}

Condition all_are_known_by_their_new_keys() {
    return [](const World& world) {
        for (std::size_t node = 0; node < world.size(); ++node) {
            if (!is_known_by_its_new_key(node)(world)) return false;
        }
        return true;
    };
}

/// Nobody was lost out of sight, not even for a moment, nor any link; and no record.
void expect_nothing_lost(const Story& story, MonoTime since) {
    EXPECT_THAT(story.accusations(), IsEmpty());
    for (std::size_t viewer = 0; viewer < story.size(); ++viewer) {
        for (std::size_t subject = 0; subject < story.size(); ++subject) {
            for (const EventKind kind :
                 {EventKind::node_restarted, EventKind::clone_suspected, EventKind::equivocation, EventKind::peer_misbehaved}) {
                EXPECT_EQ(story.told(viewer, kind, subject), 0U) << viewer << " of " << subject << ": " << to_string(kind);
            }
        }
        for (const Told& told : story.events(viewer)) {
            if (told.at < since) continue;
            if (told.event.kind != EventKind::link_status && told.event.kind != EventKind::node_status) continue;
            EXPECT_EQ(told.event.to, Status::up) << told.event.node.str() << " as seen by " << viewer;
        }
    }
}

void reload_all(Story& story) {
    for (std::size_t node = 0; node < story.size(); ++node) {
        story.reload(node);
        story.run_for(500ms);
    }
}

TEST(Rotation, OfOneKeyInARunningMeshLosesNothing) {
    Story story({.nodes = 5, .seed = 601});
    ASSERT_TRUE(story.begins());
    const MonoTime begun = story.now();
    story.run_for(5s);
    const auto before = story.node(0, 2).fingerprint;
    story.rotate(2);
    EXPECT_TRUE(story.keeps(all_up(), 5s)) << "nobody else has heard of it";
    EXPECT_FALSE(story.has_rotated(2));
    EXPECT_EQ(story.view(2).rotation->lacking.size(), 4U);
    story.reload(0);
    story.reload(1);
    EXPECT_TRUE(story.keeps(all_up(), 5s));
    EXPECT_FALSE(story.has_rotated(2)) << "half is not most";
    EXPECT_THAT(story.view(2).rotation->lacking, ElementsAre(story.id(3), story.id(4)));
    EXPECT_FALSE(story.node(0, 2).next_fingerprint.empty());
    for (const std::size_t node : {2U, 3U, 4U}) story.reload(node);
    EXPECT_TRUE(story.reaches(is_known_by_its_new_key(2), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 40s));
    EXPECT_NE(story.node(0, 2).fingerprint, before);
    EXPECT_EQ(story.told(0, EventKind::key_changed, 2), 1U);
    story.end_rotation(2);
    reload_all(story);
    EXPECT_TRUE(story.keeps(all_up(), 40s));
    expect_nothing_lost(story, begun);
}

TEST(Rotation, OfEveryKeyAtOnceLosesNothing) {
    for (const std::size_t nodes : {1U, 2U, 3U, 7U}) {
        Story story({.nodes = nodes, .seed = 610 + nodes});
        ASSERT_TRUE(story.begins());
        const MonoTime begun = story.now();
        story.run_for(5s);
        for (std::size_t node = 0; node < nodes; ++node) story.rotate(node);
        reload_all(story);
        EXPECT_TRUE(story.reaches(all_are_known_by_their_new_keys(), 2 * recovery_bound(story))) << nodes << " nodes";
        EXPECT_TRUE(story.keeps(all_up(), 40s));
        for (std::size_t node = 0; node < nodes; ++node) story.end_rotation(node);
        reload_all(story);
        EXPECT_TRUE(story.keeps(all_up(), 40s));
        expect_nothing_lost(story, begun);
    }
}

TEST(Rotation, TwiceInARowLosesNothing) {
    Story story({.nodes = 4, .seed = 620});
    ASSERT_TRUE(story.begins());
    const MonoTime begun = story.now();
    for (int i = 0; i < 3; ++i) {
        story.rotate(1);
        reload_all(story);
        EXPECT_TRUE(story.reaches(is_known_by_its_new_key(1), recovery_bound(story)));
        story.end_rotation(1);
        reload_all(story);
        EXPECT_TRUE(story.keeps(all_up(), 5s));
    }
    expect_nothing_lost(story, begun);
}

/// The rest goes over after five minutes; who lacks the new key goes on under the old one, and is told in the end.
TEST(Rotation, WaitsForALaggardAndThenGoesOnWithoutIt) {
    Story story({.nodes = 5, .seed = 621});
    ASSERT_TRUE(story.begins());
    story.rotate(2);
    for (const std::size_t node : {0U, 1U, 2U, 3U}) story.reload(node);
    EXPECT_TRUE(story.keeps(all_up(), 4min));
    EXPECT_FALSE(story.has_rotated(2));
    EXPECT_THAT(story.view(2).rotation->lacking, ElementsAre(story.id(4)));
    story.run_for(70s);
    EXPECT_TRUE(story.has_rotated(2));
    EXPECT_TRUE(story.keeps(never_down(2), 1min));
    EXPECT_EQ(story.node(4, 2).link->status, Status::up) << "exchanges go on under the old key";
    EXPECT_EQ(story.told(4, EventKind::peer_misbehaved, 0) + story.told(4, EventKind::peer_misbehaved, 2), 0U);
    story.reload(4);
    EXPECT_TRUE(story.reaches(is_known_by_its_new_key(2), recovery_bound(story)));
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Rotation, GoesOnWithoutThoseThatAreDead) {
    Story story({.nodes = 5, .seed = 622});
    ASSERT_TRUE(story.begins());
    story.crash(4);
    ASSERT_TRUE(story.reaches(everyone_sees(4, Status::down), detection_bound(story)));
    story.rotate(2);
    for (const std::size_t node : {0U, 1U, 2U, 3U}) story.reload(node);
    story.run_for(recovery_bound(story));
    EXPECT_TRUE(story.has_rotated(2));
    story.restart(4);
    EXPECT_TRUE(story.reaches(is_known_by_its_new_key(2), recovery_bound(story)));
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

TEST(Rotation, OfOneOfThreeGoesOnWithoutADeadOne) {
    Story story({.nodes = 3, .seed = 643});
    ASSERT_TRUE(story.begins());
    story.crash(2);
    ASSERT_TRUE(story.reaches(everyone_sees(2, Status::down), detection_bound(story)));
    story.rotate(0);
    for (const std::size_t node : {0U, 1U}) story.reload(node);
    story.run_for(recovery_bound(story));
    EXPECT_TRUE(story.has_rotated(0));
    EXPECT_EQ(story.status(1, 0), Status::up);
}

TEST(Rotation, SurvivesRestartsInTheMiddleOfIt) {
    Story story({.nodes = 4, .seed = 623});
    ASSERT_TRUE(story.begins());
    story.rotate(1);
    story.reload(0);
    story.crash(1);
    story.restart(1);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story))) << "before it went over";
    for (const std::size_t node : {2U, 3U}) story.reload(node);
    EXPECT_TRUE(story.reaches(is_known_by_its_new_key(1), recovery_bound(story)));
    for (const std::size_t node : {1U, 0U, 1U, 2U, 3U}) {
        story.crash(node);
        story.restart(node);
        EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story))) << "afterwards, with both keys listed";
        EXPECT_TRUE(story.reaches(is_known_by_its_new_key(1), recovery_bound(story)));
        story.run_for(35s);  // floors are saved every 30 s
    }
    story.end_rotation(1);
    reload_all(story);
    for (const std::size_t node : {1U, 0U}) {
        story.crash(node);
        story.restart(node);
        EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    }
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Rotation, OverLossyLinksAccusesNobody) {
    for (std::uint64_t seed = 630; seed < 636; ++seed) {
        Story story({.nodes = 4, .seed = seed});
        ASSERT_TRUE(story.begins());
        story.loss(0.1);
        for (std::size_t node = 0; node < 4; ++node) story.rotate(node);
        reload_all(story);
        EXPECT_TRUE(story.reaches(all_are_known_by_their_new_keys(), 1min)) << "seed " << seed;
        story.run_for(30s);
        for (std::size_t node = 0; node < 4; ++node) story.end_rotation(node);
        reload_all(story);
        story.run_for(30s);
        EXPECT_THAT(story.accusations(), IsEmpty()) << "seed " << seed;
    }
}

/// Both keys are listed still; but where the new one was used, the old one is nothing.
TEST(Rotation, LocksOutWhoStoleTheOldKey) {
    Story story({.nodes = 5, .seed = 640});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    Liar thief = Liar::thief(story, 2);
    const wire::SignedRecord stolen = thief.record(1000, 1);
    ASSERT_EQ(thief.tell(0, {}).status, 200) << "before, it can speak in the node's name";
    story.rotate(2);
    reload_all(story);
    EXPECT_TRUE(story.reaches(is_known_by_its_new_key(2), recovery_bound(story)));
    story.run_for(5s);
    const auto held = story.node(0, 2).head;
    const int status = thief.tell(0, {stolen}).status;
    if (status != 403) story.broken("S3: who stole the old key is still heard");
    Liar other = Liar::thief(story, 3);
    (void)other.tell(0, {stolen});
    EXPECT_EQ(story.node(0, 2).head->key, held->key) << "nor does it come round";
    EXPECT_GE(story.node(0, 2).head->seq, held->seq);
    EXPECT_TRUE(story.keeps(all_up(), 10s));
    story.crash(0);
    story.restart(0);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_EQ(thief.tell(0, {stolen}).status, 403) << "a restart forgets nothing of it";
}

/// What the peer would say that has loaded both keys of a node: their tags.
std::vector<wire::KeyTag> both_keys_of(const Story& story, std::size_t node) {
    std::vector<wire::KeyTag> tags;
    for (std::size_t key = 0; key < 2; ++key) {
        tags.push_back({crypto::fingerprint(story.identity(node, 0, key)->public_key()).key_tag()});
    }
    return tags;
}

/// With the old key it speaks to the node in everybody's name, and says that all know the new one.
TEST(Rotation, IsNotHurriedByWhoStoleTheOldKey) {
    Story story({.nodes = 5, .seed = 645});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    std::vector<Liar> impostors;
    for (const std::size_t node : {0U, 1U, 3U, 4U}) impostors.push_back(Liar::impostor(story, 2, node));
    story.rotate(2);
    const std::vector<wire::KeyTag> tags = both_keys_of(story, 2);
    for (int i = 0; i < 100; ++i) {
        for (Liar& impostor : impostors) {
            (void)impostor.ask(2, impostor.request(2));
            wire::Exchange claim = impostor.request(2);
            claim.your_keys = tags;
            ASSERT_EQ(impostor.ask(2, claim).status, 200) << "such is a stolen key: " << i;
        }
        story.run_for(100ms);
        ASSERT_FALSE(story.has_rotated(2)) << "nobody knows the new key";
    }
    EXPECT_TRUE(story.keeps(all_up(), 5s));
    reload_all(story);
    EXPECT_TRUE(story.reaches(is_known_by_its_new_key(2), recovery_bound(story)));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

/// Nor is it held up by one that says that nobody does.
TEST(Rotation, IsNotHeldUpByWhoStoleTheOldKey) {
    Story story({.nodes = 5, .seed = 646});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    std::vector<Liar> impostors;
    for (const std::size_t node : {0U, 1U, 3U, 4U}) impostors.push_back(Liar::impostor(story, 2, node));
    story.rotate(2);
    const std::vector<wire::KeyTag> tags = {both_keys_of(story, 2).front(), {4711}};
    const auto deny = [&](Duration span) {
        for (const MonoTime end = story.now() + span; story.now() < end && !story.has_rotated(2); story.run_for(20ms)) {
            for (Liar& impostor : impostors) {
                (void)impostor.ask(2, impostor.request(2));
                wire::Exchange denial = impostor.request(2);
                denial.your_keys = tags;
                (void)impostor.ask(2, denial);
            }
        }
    };
    for (const std::size_t node : {0U, 1U, 3U, 4U}) {
        story.reload(node);
        deny(3s);
    }
    deny(recovery_bound(story));
    EXPECT_TRUE(story.has_rotated(2));
    story.reload(2);
    EXPECT_TRUE(story.reaches(is_known_by_its_new_key(2), recovery_bound(story)));
}

/// At a dead peer's address it answers under the old key: who has used the new one is not looked for under the old.
TEST(Rotation, LeavesNoPlaceOfTheDeadToWhoStoleTheOldKey) {
    Story story({.nodes = 5, .seed = 647});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.rotate(2);
    reload_all(story);
    EXPECT_TRUE(story.reaches(is_known_by_its_new_key(2), recovery_bound(story)));
    story.run_for(5s);
    story.crash(4);
    Liar impostor = Liar::impostor_in_place(story, 2, 4);
    EXPECT_TRUE(story.reaches(see({0, 1, 2, 3}, {4}, Status::down), detection_bound(story)));
    EXPECT_TRUE(story.keeps(see({2}, {4}, Status::down), 30s));
    EXPECT_EQ(story.node(2, 4).link->status, Status::down);
}

TEST(Rotation, IsRememberedByAHearerThatDiesAtOnce) {
    Story story({.nodes = 5, .seed = 642});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    Liar thief = Liar::thief(story, 2);
    const wire::SignedRecord stolen = thief.record(1000, 1);
    story.rotate(2);
    reload_all(story);
    EXPECT_TRUE(story.reaches(is_known_by_its_new_key(2), recovery_bound(story)));
    story.run_for(100ms);  // a save takes its time
    story.crash(2);
    story.crash(0);
    story.restart(0);
    if (thief.tell(0, {stolen}).status != 403) story.broken("S3: a crash brings back a key that was done with");
}

/// Out of the roster and back, with a restart of the viewer between or without: the new key was in use, and both are listed.
TEST(Rotation, IsRememberedOfANodeThatLeavesTheRosterAndComesBack) {
    for (const bool restarts : {false, true}) {
        Story story({.nodes = 5, .seed = 644});
        ASSERT_TRUE(story.begins());
        story.run_for(5s);
        Liar thief = Liar::thief(story, 2);
        const wire::SignedRecord stolen = thief.record(1000, 1);
        story.rotate(2);
        reload_all(story);
        EXPECT_TRUE(story.reaches(is_known_by_its_new_key(2), recovery_bound(story)));
        story.edit_roster([](std::size_t viewer, mesh::Roster& roster) {
            if (viewer == 0) roster.nodes.erase(roster.nodes.begin() + 2);
        });
        story.reload(0);
        story.run_for(35s);  // what it knows is saved every 30 s
        if (restarts) {
            story.crash(0);
            story.restart(0);
            story.run_for(5s);
        }
        story.crash(2);
        story.edit_roster({});
        story.reload(0);
        if (thief.tell(0, {stolen}).status != 403) story.broken("S3: a node that comes back is heard under its old key");
        story.restart(2);
        EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
        EXPECT_TRUE(story.reaches(is_known_by_its_new_key(2), recovery_bound(story)));
    }
}

TEST(Rotation, OfAKeyWhoseEpochsAThiefUsedUpLetsTheNodeSpeakAgain) {
    Story story({.nodes = 5, .seed = 641});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    Liar thief = Liar::thief(story, 2);
    const wire::SignedRecord stolen = thief.record(wire::kEpochMax, 1);
    ASSERT_EQ(thief.tell(0, {stolen}).status, 200);
    ASSERT_TRUE(
        story.reaches([&](const World&) { return story.told(2, EventKind::clone_suspected, 2) > 0; }, recovery_bound(story)));
    story.rotate(2);
    reload_all(story);
    EXPECT_TRUE(story.reaches(is_known_by_its_new_key(2), recovery_bound(story)));
    EXPECT_LT(story.node(0, 2).head->epoch, 10U);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Rotation, WhoWakesWithNothingSignedUnderItsNewKeyAccusesNobodyYet) {
    Story story({.nodes = 5, .seed = 131});
    ASSERT_TRUE(story.begins());
    story.crash(4);
    ASSERT_TRUE(story.reaches(see({0, 1, 2, 3}, {4}, Status::down), detection_bound(story)));
    story.fill_disk(2);
    story.rotate(2);
    for (std::size_t node = 0; node < 4; ++node) story.reload(node);
    ASSERT_TRUE(story.reaches([](const World& world) { return world.has_rotated(2); }, 1min));
    story.run_for(5s);
    story.suspend(2, 1min);
    story.run_for(10s);
    const std::uint64_t signed_before = story.counters(2).heads_signed;
    story.fill_disk(2, false);
    story.run_for(50s);
    EXPECT_TRUE(story.reaches([&](const World& world) { return world.counters(2).heads_signed > signed_before; }, 1s))
        << "at once, and as who has not judged anew (S9 watches)";
    EXPECT_TRUE(story.reaches(see({0, 1, 2, 3}, {0, 1, 2, 3}, Status::up), recovery_bound(story)));
}

}  // namespace
}  // namespace meshmon::sim
