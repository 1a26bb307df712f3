#include <gmock/gmock.h>

#include "sim/liar.hpp"
#include "sim/scenarios/story_for_tests.hpp"
#include "wire/codec.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::EventKind;
using mesh::Status;
using testing::IsEmpty;

/// All told that `node` is cloned: the others, or the node itself.
Condition name_the_clone(const Story& story, std::size_t node, bool itself) {
    return [&story, node, itself](const World&) {
        for (std::size_t viewer = 0; viewer < story.size(); ++viewer) {
            if ((viewer == node) == itself && story.told(viewer, EventKind::clone_suspected, node) == 0) return false;
        }
        return true;
    };
}

/// The others know within the bound. The node itself jumps once for a lost disk, and knows better at the second jump.
void expect_named(Story& story, std::size_t node) {
    EXPECT_TRUE(story.reaches(name_the_clone(story, node, false), recovery_bound(story)));
    EXPECT_TRUE(story.reaches(name_the_clone(story, node, true), 2 * recovery_bound(story)));
}

/// `viewer` holds what `node` signed last.
Condition is_heard(std::size_t viewer, std::size_t node) {
    return [=](const World& world) {
        const auto head = world.view(node).head;
        return head && world.node(viewer, node).head == head;
    };
}

TEST(Clone, ThatOnlyDialsIsNamedEverywhereAndNobodyIsAccused) {
    Story story({.nodes = 5, .seed = 121, .spare_hosts = 1});
    ASSERT_TRUE(story.begins());
    story.run_for(10s);
    const std::size_t clone = story.clone(2);
    expect_named(story, 2);
    EXPECT_TRUE(story.keeps(all_up(), 1min));
    EXPECT_GT(story.told(clone, EventKind::clone_suspected, 2), 0U) << "the clone itself too";
    story.crash(clone);
    EXPECT_TRUE(story.reaches(is_heard(0, 2), 10s + recovery_bound(story))) << "from the third jump on, one in 10 s";
    EXPECT_TRUE(story.keeps(all_up(), 20s));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Clone, ThatDiesIsOutlivedInTimeByAnOriginalThatHasNewsMeanwhile) {
    for (std::uint64_t seed = 125; seed < 129; ++seed) {
        Story story({.nodes = 5, .seed = seed, .spare_hosts = 1});
        ASSERT_TRUE(story.begins());
        story.run_for(10s);
        const std::size_t clone = story.clone(2);
        story.run_for(30s + seed % 4 * 2s);
        story.crash(clone);
        story.crash(4);  // what it finds it publishes, under an epoch below the clone's
        EXPECT_TRUE(story.reaches(is_heard(0, 2), 10s + recovery_bound(story))) << "from the third jump on, one in 10 s";
    }
}

TEST(Clone, ThatOnlyAnswersInItsPlaceIsNamedEverywhere) {
    Story story({.nodes = 5, .seed = 122, .spare_hosts = 1});
    ASSERT_TRUE(story.begins());
    story.run_for(10s);
    const std::size_t clone = story.clone(2);
    for (std::size_t other = 0; other < story.size(); ++other) story.cut(clone, other);
    story.lead(2, clone);
    expect_named(story, 2);
    EXPECT_TRUE(story.keeps(see({0, 1, 2, 3, 4}, {0, 1, 2, 3, 4}, Status::up), 30s));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

/// It has no room to make an epoch durable, so no head ever tells of it; its boot id does.
TEST(Clone, ThatSignsNothingIsNamedByItsAnswers) {
    Story story({.nodes = 5, .seed = 120, .spare_hosts = 1});
    ASSERT_TRUE(story.begins());
    story.run_for(10s);
    const std::size_t clone = story.clone(2);
    story.fill_disk(clone);
    for (std::size_t other = 0; other < story.size(); ++other) story.cut(clone, other);
    story.lead(2, clone);
    EXPECT_TRUE(story.reaches(name_the_clone(story, 2, false), recovery_bound(story)));
    EXPECT_EQ(story.counters(clone).heads_signed, 0U);
    EXPECT_TRUE(story.keeps(nobody_down(), 30s));
}

TEST(Clone, ThatAnswersHalfOfThePeersIsNamedEverywhere) {
    Story story({.nodes = 6, .seed = 123, .spare_hosts = 1});
    ASSERT_TRUE(story.begins());
    story.run_for(10s);
    const std::size_t clone = story.clone(5);
    for (const std::size_t dialer : {0U, 1U, 2U}) story.lead(5, clone, dialer);
    expect_named(story, 5);
    EXPECT_TRUE(story.keeps(all_up(), 30s));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Clone, OfOneOfTwoNodesIsNamedByBoth) {
    Story story({.nodes = 2, .seed = 124, .spare_hosts = 1});
    ASSERT_TRUE(story.begins());
    story.run_for(10s);
    story.clone(1);
    expect_named(story, 1);
    EXPECT_TRUE(story.keeps(all_up(), 30s));
}

/// Both speak anew in the same moment, each with a challenge that its peer has forgotten: what one is given for it the other has
/// too, and whose is used up or overtaken repeats once more.
TEST(Clone, OfOneThatComesBackIntoTheRosterIsNamedAgain) {
    for (std::uint64_t seed = 110; seed < 118; ++seed) {
        Story story({.nodes = 5, .seed = seed, .poll_rate = 10s, .spare_hosts = 1});
        ASSERT_TRUE(story.begins());
        story.run_for(10s);
        const std::size_t clone = story.clone(4);
        EXPECT_TRUE(story.reaches(name_the_clone(story, 4, false), recovery_bound(story)));
        const auto all_load_the_roster = [&] {
            for (const std::size_t host : {0UZ, 1UZ, 2UZ, 3UZ, 4UZ, clone}) story.reload(host);
        };
        story.edit_roster([](std::size_t, mesh::Roster& roster) { roster.nodes.pop_back(); });
        all_load_the_roster();
        story.run_for(2min);
        std::vector<std::size_t> before;
        for (std::size_t viewer = 0; viewer < 4; ++viewer) before.push_back(story.told(viewer, EventKind::clone_suspected, 4));
        story.edit_roster({});
        all_load_the_roster();
        const auto name_it_again = [&](const World&) {
            for (std::size_t viewer = 0; viewer < 4; ++viewer) {
                if (story.told(viewer, EventKind::clone_suspected, 4) == before[viewer]) return false;
            }
            return true;
        };
        EXPECT_TRUE(story.reaches(name_it_again, recovery_bound(story))) << "seed " << seed;
    }
}

/// How many records the requests of one node to another carried, and when.
class Requests : public Checker {
public:
    Requests(std::size_t from, std::size_t to) : from_(from), to_(to) {}
    void on_message(const OpenedMessage& message) override {
        if (message.from != from_ || message.to != to_ || message.exchange.kind != wire::ExchangeKind::request) return;
        seen.emplace_back(message.at, message.exchange.records.size());
    }
    std::vector<std::pair<MonoTime, std::size_t>> seen;

private:
    std::size_t from_, to_;
};

/// The holder has but a floor, with the head that proves it; that too is a record, and waits for an answer.
TEST(Restart, AForgottenHeadIsShownAgainOnlyWhenAnAnswerCame) {
    Story story({.nodes = 2, .seed = 129});
    ASSERT_TRUE(story.begins());
    for (int i = 0; i < 3; ++i) {
        story.crash(1);
        story.restart(1);
        story.run_for(3s);
    }
    story.stop_cleanly(0);
    story.run_for(1s);
    story.crash(1);
    story.wipe_disk(1);
    for (const std::size_t node : {0U, 1U}) story.restart(node);
    story.cut(1, 0);
    auto watch = std::make_unique<Requests>(0, 1);
    const auto& seen = watch->seen;
    story.add_checker(std::move(watch));
    ASSERT_TRUE(story.reaches([](const World& world) { return world.node(0, 1).link->status == Status::up; }, 2s));
    story.run_for(50ms);
    story.sever(0, 1);
    const MonoTime severed = story.now();
    story.run_for(6s);
    std::size_t shown = 0;
    for (const auto& [at, records] : seen) {
        if (at < severed + 1s) shown += records;
        if (at > severed + 2s) EXPECT_EQ(records, 0U) << "nothing that may be too large goes out after a time-out";
    }
    EXPECT_GT(shown, 0U);
    story.heal();
    EXPECT_TRUE(story.reaches(is_heard(0, 1), recovery_bound(story)));
}

TEST(Restart, OftenAndOnALossyNetworkIsNeverTakenForAClone) {
    for (std::uint64_t seed = 130; seed < 140; ++seed) {
        Story story({.nodes = 3, .seed = seed});
        ASSERT_TRUE(story.begins());
        story.loss(0.3);
        for (int i = 0; i < 30; ++i) {
            story.crash(1);
            story.restart(1);
            story.run_for(700ms);
        }
        for (const std::size_t viewer : {0U, 2U}) {
            EXPECT_EQ(story.told(viewer, EventKind::clone_suspected, 1), 0U) << "seed " << seed;
        }
    }
}

/// As a virtual machine that is set back to an old snapshot, memory and disk: what ran since is gone, what ran then goes on.
TEST(RolledBack, NodeSpeaksAgainAboveWhatItForgot) {
    Story story({.nodes = 5, .seed = 125, .spare_hosts = 1});
    ASSERT_TRUE(story.begins());
    story.run_for(10s);
    story.pause(2, 20s);
    const std::size_t later_life = story.clone(2);
    story.lead(2, later_life);
    story.run_for(19s);
    story.crash(later_life);
    story.lead(2, 2);
    story.run_for(1s);
    EXPECT_TRUE(story.reaches(is_heard(0, 2), recovery_bound(story)));
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 20s));
}

TEST(HighestEpoch, SignedByAThiefIsToldByItsOwnerAndEndsWithTheStolenKey) {
    Story story({.nodes = 5, .seed = 126});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    Liar thief = Liar::thief(story, 2);
    const wire::SignedRecord stolen = thief.record(wire::kEpochMax, 1);
    ASSERT_EQ(thief.tell(0, {stolen}).status, 200);
    EXPECT_TRUE(
        story.reaches([&](const World&) { return story.told(2, EventKind::clone_suspected, 2) > 0; }, recovery_bound(story)))
        << "it cannot speak again, and says so";
    EXPECT_TRUE(story.keeps(never_down(2), 30s)) << "it answers, so it lives";

    story.crash(2);
    story.rekey(2);
    for (const std::size_t node : {0U, 1U, 3U, 4U}) story.reload(node);
    story.restart(2);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.reaches(is_heard(0, 2), recovery_bound(story)));
    EXPECT_EQ(story.node(0, 2).head->epoch, 1U);
    (void)thief.tell(0, {stolen});
    story.run_for(40s);  // floors are saved every 30 s
    EXPECT_EQ(story.node(0, 2).head->epoch, 1U) << "what the stolen key signed is nothing any more";
    story.crash(0);
    story.restart(0);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.reaches(is_heard(0, 2), recovery_bound(story)));
}

TEST(HighestEpoch, OnTheDiskByMistakeIsToldAndSignsNothing) {
    Story story({.nodes = 3, .seed = 127});
    ASSERT_TRUE(story.begins());
    story.crash(1);
    auto saved = *story.disk(1).read();
    saved.epoch = wire::kEpochMax;
    Disk other;
    other.submit({.ticket = 1, .bytes = wire::encode(saved)});
    ASSERT_TRUE(other.begin() && other.put_in_place());
    story.restore_disk(1, other.file());
    story.restart(1);
    story.run_for(10s);
    EXPECT_EQ(story.told(1, EventKind::clone_suspected, 1), 1U);
    EXPECT_EQ(story.counters(1).heads_signed, 0U);
    EXPECT_TRUE(story.keeps(never_down(1), 30s));
}

TEST(Rekeyed, NodeInARunningMeshIsUpAndWhatTheOldKeySignedIsGone) {
    Story story({.nodes = 4, .seed = 128});
    story.tap().record();
    ASSERT_TRUE(story.begins());
    for (int i = 0; i < 3; ++i) {
        story.crash(3);
        story.restart(3);
        story.run_for(3s);
    }
    ASSERT_EQ(story.node(0, 3).head->epoch, 4U);
    story.tap().stop();
    story.crash(3);
    story.rekey(3);
    for (const std::size_t node : {0U, 1U, 2U}) story.reload(node);
    EXPECT_FALSE(story.node(0, 3).head) << "the old key's record went with it";
    story.restart(3);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.reaches(is_heard(0, 3), recovery_bound(story)));
    EXPECT_EQ(story.node(0, 3).head->epoch, 1U) << "versions are of one key";
    for (const Message& message : story.tap().messages()) {
        if (message.from == 3) EXPECT_NE(story.inject(0, message.address, message.bytes).status, 200);
    }
    story.run_for(40s);
    for (const std::size_t node : {0U, 1U, 2U, 3U}) {
        story.crash(node);
        story.restart(node);
        EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story))) << "floors are kept by owner and key";
        story.run_for(5s);
    }
    EXPECT_THAT(story.accusations(), IsEmpty());
}

}  // namespace
}  // namespace meshmon::sim
