#include <gmock/gmock.h>

#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::EventKind;
using mesh::Status;
using testing::IsEmpty;

constexpr Duration kLongestBackoff = 30s;  // between two tries to write

std::uint64_t epoch_on_disk(const World& world, std::size_t node) {
    const auto saved = world.disk(node).read();
    return saved ? saved->epoch : 0;
}

/// Everybody holds a head of `node` above `epoch`.
Condition speaks_above(std::size_t node, std::uint64_t epoch) {
    return [=](const World& world) {
        for (std::size_t viewer = 0; viewer < world.size(); ++viewer) {
            const auto head = world.running(viewer) ? world.node(viewer, node).head : std::nullopt;
            if (world.running(viewer) && (!head || head->epoch <= epoch)) return false;
        }
        return true;
    };
}

void expect_no_doubts_about(const Story& story, std::size_t node) {
    for (std::size_t viewer = 0; viewer < story.size(); ++viewer) {
        EXPECT_EQ(story.told(viewer, EventKind::clone_suspected, node), 0U) << viewer;
        EXPECT_EQ(story.told(viewer, EventKind::equivocation, node), 0U) << viewer;
    }
}

TEST(CrashAtTheDisk, BetweenFsyncAndFirstMessageSkipsAnEpochAndNothingElse) {
    Story story({.nodes = 3, .seed = 101});
    ASSERT_TRUE(story.begins());
    const auto epoch = epoch_on_disk(story, 1);
    story.crash(1);
    story.restart(1);
    story.pause(1, 10s);  // the disk goes on, and nobody hears that it is done
    story.run_for(10ms);
    ASSERT_EQ(epoch_on_disk(story, 1), epoch + 1);
    story.crash(1);
    EXPECT_EQ(story.node(0, 1).head->epoch, epoch) << "nothing was signed under the epoch that is durable";
    story.restart(1);
    EXPECT_TRUE(story.reaches(speaks_above(1, epoch + 1), recovery_bound(story)));
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    expect_no_doubts_about(story, 1);
}

/// Before the write, between write and fsync, between fsync and the first message, while that is on its way.
TEST(CrashAtTheDisk, AtAnyMomentOfAStartNeverUsesAnEpochTwice) {
    Story story({.nodes = 3, .seed = 102});
    ASSERT_TRUE(story.begins());
    for (int moment = 0; moment < 80; ++moment) {
        story.crash(1);
        story.restart(1);
        story.run_for(std::chrono::microseconds(100 * moment));
    }
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 10s));
    expect_no_doubts_about(story, 1);
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(CrashAtTheDisk, OfAllAtOnceWhileTheyStartIsNoOutage) {
    for (std::uint64_t seed = 110; seed < 120; ++seed) {
        Story story({.nodes = 5, .seed = seed});
        ASSERT_TRUE(story.begins());
        for (std::size_t node = 0; node < story.size(); ++node) story.power_off(node);
        for (std::size_t node = 0; node < story.size(); ++node) story.restart(node);
        story.run_for(std::chrono::microseconds(150 * (seed - 110)));
        for (std::size_t node = 0; node < story.size(); ++node) story.power_off(node);
        for (std::size_t node = 0; node < story.size(); ++node) story.restart(node);
        EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story))) << seed;
        EXPECT_TRUE(story.keeps(all_up(), 5s)) << seed;
        for (std::size_t node = 0; node < story.size(); ++node) expect_no_doubts_about(story, node);
        EXPECT_THAT(story.accusations(), IsEmpty()) << seed;
    }
}

TEST(TornStateFile, IsMovedAsideAndTheNodeSpeaksAboveItsOldEpoch) {
    Story story({.nodes = 5, .seed = 103});
    ASSERT_TRUE(story.begins());
    for (int i = 0; i < 3; ++i) {
        story.crash(1);
        story.restart(1);
        story.run_for(3s);
    }
    const auto epoch = story.node(0, 1).head->epoch;
    ASSERT_GE(epoch, 4U);
    story.power_off(1);
    story.tear_disk(1);
    story.restart(1);
    EXPECT_EQ(story.disk(1).moved_aside(), 1);
    EXPECT_TRUE(story.reaches(speaks_above(1, epoch), recovery_bound(story)));
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 10s));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(TornStateFile, AtAllNodesAtOnceIsAColdStart) {
    Story story({.nodes = 5, .seed = 104});
    ASSERT_TRUE(story.begins());
    story.run_for(40s);
    for (std::size_t node = 0; node < story.size(); ++node) {
        story.power_off(node);
        story.tear_disk(node);
    }
    for (std::size_t node = 0; node < story.size(); ++node) story.restart(node);
    EXPECT_TRUE(story.reaches(all_up(), 3 * story.options().poll_rate));
    EXPECT_TRUE(story.keeps(all_up(), 20s));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(FullDisk, AtTheStartSignsNothingIsUpAndSpeaksWhenThereIsRoom) {
    Story story({.nodes = 5, .seed = 105});
    ASSERT_TRUE(story.begins());
    story.run_for(2s);  // until all have heard its first head
    const auto epoch = story.node(0, 1).head->epoch;
    story.crash(1);
    story.fill_disk(1);
    story.restart(1);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 2min)) << "it answers, so it lives";
    if (story.counters(1).heads_signed > 0) story.broken("S6: signed under an epoch that is not durable");
    EXPECT_EQ(story.node(0, 1).head->epoch, epoch);
    story.fill_disk(1, false);
    EXPECT_TRUE(story.reaches(speaks_above(1, epoch), kLongestBackoff + recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 10s));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(FullDisk, AtTheStartAfterACleanStopLeavesNobodySayingThatItLeft) {
    Story story({.nodes = 4, .seed = 112});
    ASSERT_TRUE(story.begins());
    story.stop_cleanly(1);
    ASSERT_TRUE(story.reaches(everyone_sees(1, Status::down), 2s));
    story.run_for(5s);
    story.fill_disk(1);
    story.restart(1);
    EXPECT_TRUE(story.reaches(everyone_sees(1, Status::up), recovery_bound(story))) << "it answers, so it lives";
    EXPECT_TRUE(story.keeps(everyone_sees(1, Status::up), 1min));
    EXPECT_EQ(story.counters(1).heads_signed, 0U) << "its last head is still the one that says that it leaves";
}

TEST(FullDisk, AtTheStartAfterACleanStopIsUpAtAPeerThatHearsOfItsLastHeadLater) {
    Story story({.nodes = 4, .seed = 113});
    ASSERT_TRUE(story.begins());
    story.stop_cleanly(1);
    ASSERT_TRUE(story.reaches(everyone_sees(1, Status::down), 2s));
    story.fill_disk(1);
    story.restart(1);
    story.crash(3);
    story.wipe_disk(3);
    ASSERT_TRUE(story.reaches(see({0, 2}, {1}, Status::up), recovery_bound(story)));
    story.restart(3);
    EXPECT_TRUE(story.reaches(all_up(), 2 * recovery_bound(story))) << "it answers, so it lives";
    EXPECT_TRUE(story.keeps(all_up(), 1min));
    EXPECT_EQ(story.counters(1).heads_signed, 0U) << "its last head is still the one that says that it leaves";
}

/// What the last process said comes round after the next one, which knows nothing of it, was heard.
TEST(WipedDisk, AfterACleanStopIsUpAtAPeerThatHearsOfItsLastHeadLater) {
    Story story({.nodes = 3, .seed = 115, .poll_rate = 10s});
    ASSERT_TRUE(story.begins());
    story.crash(2);
    story.restart(2);  // with an epoch above the first one
    ASSERT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    story.crash(0);
    story.wipe_disk(0);
    story.stop_cleanly(2);
    ASSERT_TRUE(story.reaches(see({1}, {2}, Status::down), 2s));
    story.wipe_disk(2);
    story.isolate(1);
    story.restart(0);
    story.restart(2);
    ASSERT_TRUE(story.reaches(see({0}, {2}, Status::up), recovery_bound(story)));
    story.run_for(1min);
    story.heal();
    story.sever(1, 2);
    const auto heard_that_it_left = [](const World& world) {
        const auto head = world.node(0, 2).head;
        const auto own = world.view(2).head;
        return head && own && head->epoch > own->epoch;
    };
    EXPECT_TRUE(story.reaches(heard_that_it_left, recovery_bound(story)));
    EXPECT_TRUE(story.keeps([](const World& world) { return world.status(0, 2) != Status::down; }, 1min)) << "it answers";
}

TEST(FullDisk, OfAWipedNodeThatUsesAnEpochAgainLeavesItHeard) {
    Story story({.nodes = 3, .seed = 114});
    ASSERT_TRUE(story.begins());
    story.crash(1);
    story.wipe_disk(1);
    story.isolate(1);
    story.restart(1);
    story.run_for(2min);  // it signs more heads of its first epoch than its process before
    story.fill_disk(1);   // so that it cannot go above that epoch
    story.heal();
    const auto hear_what_it_signs = [](const World& world) {
        const auto own = world.view(1).head;
        return own && world.node(0, 1).head == own && world.node(2, 1).head == own;
    };
    EXPECT_TRUE(story.reaches(hear_what_it_signs, recovery_bound(story)));
    EXPECT_EQ(story.view(1).head->epoch, 1U);
}

TEST(FullDisk, OfARunningNodeDisturbsNobody) {
    Story story({.nodes = 3, .seed = 106});
    ASSERT_TRUE(story.begins());
    story.fill_disk(1);
    const auto signed_before = story.counters(1).heads_signed;
    EXPECT_TRUE(story.keeps(all_up(), 5min));
    EXPECT_GT(story.counters(1).heads_signed, signed_before) << "its epoch was durable before";
    story.fill_disk(1, false);
    story.crash(1);
    story.restart(1);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

TEST(FullDisk, HoldsBackAJumpUntilItIsDurable) {
    Story story({.nodes = 3, .seed = 107});
    ASSERT_TRUE(story.begins());
    for (int i = 0; i < 3; ++i) {
        story.crash(1);
        story.restart(1);
        story.run_for(3s);
    }
    const auto epoch = story.node(0, 1).head->epoch;
    story.crash(1);
    story.wipe_disk(1);
    story.restart(1);
    story.run_for(2ms);
    ASSERT_EQ(epoch_on_disk(story, 1), 1U);
    story.fill_disk(1);
    story.run_for(10s);
    EXPECT_EQ(story.told(1, EventKind::epoch_jumped, 1), 1U) << "it was shown its own newer head";
    EXPECT_EQ(story.node(0, 1).head->epoch, epoch) << "and signs nothing above it that is not durable";
    EXPECT_TRUE(story.keeps(all_up(), 30s));
    story.fill_disk(1, false);
    EXPECT_TRUE(story.reaches(speaks_above(1, epoch), kLongestBackoff + recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 10s));
}

TEST(FullDisk, ThatTakesTheNextEpochAfterASuspensionAccusesNobodyAsAHealthyNode) {
    Story story({.nodes = 5, .seed = 116});
    ASSERT_TRUE(story.begins());
    story.run_for(2min);
    story.crash(1);
    story.wipe_disk(1);
    story.isolate(1);
    story.restart(1);
    story.run_for(1500ms);  // it signs a head of its first epoch again, and accuses nobody yet
    story.fill_disk(1);     // so that it cannot go above that epoch, as it has to
    story.heal();
    story.run_for(10s);
    story.crash(4);
    ASSERT_TRUE(story.reaches(see({0, 1, 2, 3}, {4}, Status::down), detection_bound(story)));
    const std::uint64_t signed_before = story.counters(1).heads_signed;
    story.suspend(1, 1min);
    story.run_for(10s);
    story.fill_disk(1, false);
    story.run_for(50s);
    EXPECT_TRUE(story.reaches([&](const World& world) { return world.counters(1).heads_signed > signed_before; }, 1s))
        << "at once, and as who has not judged anew (S9 watches)";
    EXPECT_EQ(story.view(1).head->epoch, 2U);
    EXPECT_TRUE(story.reaches(see({0, 1, 2, 3}, {0, 1, 2, 3}, Status::up), recovery_bound(story)));
}

TEST(FullDisk, ThatTakesTheFirstEpochWhileTheNodeLeavesLetsItSaySo) {
    Story story({.nodes = 3, .seed = 115});
    ASSERT_TRUE(story.begins());
    story.crash(1);
    story.fill_disk(1);
    story.restart(1);
    story.run_for(500ms);
    story.stop_cleanly(1, 5s);
    EXPECT_EQ(story.counters(1).heads_signed, 0U) << "no epoch of this process is durable";
    story.fill_disk(1, false);
    EXPECT_TRUE(story.reaches(everyone_sees(1, Status::down), 4s));
    EXPECT_EQ(story.node(0, 1).reason, mesh::Reason::left);
    EXPECT_EQ(story.node(2, 1).reason, mesh::Reason::left);
    EXPECT_FALSE(story.running(1)) << "it waits for nothing else";
}

TEST(FullDisk, DoesNotHoldUpACleanStop) {
    Story story({.nodes = 3, .seed = 108});
    ASSERT_TRUE(story.begins());
    story.fill_disk(1);
    story.stop_cleanly(1, 5s);
    EXPECT_TRUE(story.reaches(everyone_sees(1, Status::down), 1s));
    EXPECT_EQ(story.node(0, 1).reason, mesh::Reason::left);
    story.run_for(5s);
    EXPECT_FALSE(story.running(1));
    story.fill_disk(1, false);
    story.restart(1);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

}  // namespace
}  // namespace meshmon::sim
