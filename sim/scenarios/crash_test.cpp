#include <gmock/gmock.h>

#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::Reason;
using mesh::Status;
using testing::IsEmpty;

class CrashOfOne : public testing::TestWithParam<std::size_t> {};

TEST_P(CrashOfOne, IsDownEverywhereWithinTheBoundAndUpAgainAfterItsReturn) {
    Story story({.nodes = GetParam(), .seed = 21});
    ASSERT_TRUE(story.begins());
    const Duration a_while = GetParam() <= 10 ? 20s : 3s;  // large worlds cost seconds of real time
    story.run_for(2s);
    story.crash(1);
    EXPECT_TRUE(story.reaches(everyone_sees(1, Status::down), detection_bound(story)));
    EXPECT_EQ(story.accusations().size(), GetParam() - 1) << "only the crashed node, once by each";
    EXPECT_TRUE(story.keeps(everyone_sees(1, Status::down), a_while));
    story.restart(1);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), a_while));
}

INSTANTIATE_TEST_SUITE_P(Nodes, CrashOfOne, testing::Values(2, 3, 10, 50), testing::PrintToStringParamName());

TEST(Crash, CarriesItsEvidence) {
    Story story({.nodes = 3, .seed = 22});
    ASSERT_TRUE(story.begins());
    story.crash(2);
    ASSERT_TRUE(story.reaches(everyone_sees(2, Status::down), detection_bound(story)));
    const mesh::NodeView node = story.node(0, 2);
    EXPECT_EQ(node.reason, Reason::connect);
    EXPECT_EQ(node.evidence.says_down, 2U);
    EXPECT_EQ(node.evidence.says_up, 0U);
    ASSERT_EQ(node.evidence.testimonies.size(), 2U);
    for (const mesh::Testimony& testimony : node.evidence.testimonies) {
        EXPECT_EQ(testimony.says, Status::down);
        EXPECT_TRUE(testimony.counts);
        EXPECT_TRUE(testimony.head) << testimony.observer.str();
    }
}

TEST(Crash, AHostWithoutPowerIsDownByTimeOut) {
    Story story({.nodes = 5, .seed = 23});
    ASSERT_TRUE(story.begins());
    story.power_off(4);
    if (!story.run_until(everyone_sees(4, Status::down), detection_bound(story))) story.broken("L1: a host is gone, unnoticed");
    EXPECT_EQ(story.node(0, 4).link->reason, Reason::timeout);
    story.restart(4);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

TEST(Crash, FourOfTenAtOnceAreKnownAsFastAsOne) {
    Story story({.nodes = 10, .seed = 24});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    for (const std::size_t node : {1U, 3U, 5U, 7U}) story.crash(node);
    EXPECT_TRUE(story.reaches(see({0, 2, 4, 6, 8, 9}, {1, 3, 5, 7}, Status::down), detection_bound(story)));
    EXPECT_TRUE(story.keeps(see({0, 2, 4, 6, 8, 9}, {0, 2, 4, 6, 8, 9}, Status::up), 20s));
}

TEST(Crash, SixOfTenAtOnceLeaveFourThatAccuseNobody) {
    Story story({.nodes = 10, .seed = 25});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    const MonoTime crash = story.now();
    for (const std::size_t node : {0U, 1U, 2U, 3U, 4U, 5U}) story.crash(node);
    EXPECT_TRUE(story.reaches(see({6, 7, 8, 9}, {0, 1, 2, 3, 4, 5}, Status::unknown), 1min));
    EXPECT_TRUE(story.keeps(see({6, 7, 8, 9}, {6, 7, 8, 9}, Status::up), 20s));
    EXPECT_THAT(story.accusations(crash), IsEmpty());
}

TEST(Restart, QuickerThanThePollsIsNoOutage) {
    Story story({.nodes = 5, .seed = 26});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    const auto epoch_before = story.node(0, 2).head->epoch;
    story.crash(2);
    story.run_for(300ms);
    story.restart(2);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 5s));
    EXPECT_THAT(story.accusations(), IsEmpty());
    EXPECT_EQ(story.node(0, 2).head->epoch, epoch_before + 1);
}

TEST(Restart, RollingThroughAllNodesIsNoOutage) {
    Story story({.nodes = 5, .seed = 27});
    ASSERT_TRUE(story.begins());
    for (std::size_t node = 0; node < story.size(); ++node) {
        story.run_for(5s);
        story.stop_cleanly(node);
        story.run_for(1s);
        ASSERT_FALSE(story.running(node));
        story.restart(node);
        EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    }
    EXPECT_THAT(story.accusations(), IsEmpty());
}

/// As an update does: the next one is stopped as soon as the last one runs again, whether all have heard of it or not.
TEST(Restart, RollingThroughTwentyNodesWithoutAPauseIsNoOutage) {
    Story story({.nodes = 20, .seed = 34});
    ASSERT_TRUE(story.begins());
    for (std::size_t node = 0; node < story.size(); ++node) {
        story.stop_cleanly(node);
        ASSERT_TRUE(story.run_until([node](const World& world) { return !world.running(node); }, 5s));
        story.restart(node);
    }
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 5s));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Restart, AWipedDiskHealsWithAHigherEpoch) {
    Story story({.nodes = 5, .seed = 28});
    ASSERT_TRUE(story.begins());
    for (int i = 0; i < 3; ++i) {
        story.crash(1);
        story.restart(1);
        story.run_for(3s);
    }
    const auto epoch_before = story.node(0, 1).head->epoch;
    EXPECT_GE(epoch_before, 4U);
    story.crash(1);
    story.wipe_disk(1);
    story.run_for(500ms);
    story.restart(1);
    const Condition spoke_above = [=](const World& world) {
        for (std::size_t viewer = 0; viewer < world.size(); ++viewer) {
            const auto head = world.node(viewer, 1).head;
            if (!head || head->epoch <= epoch_before) return false;
        }
        return true;
    };
    EXPECT_TRUE(story.reaches(spoke_above, recovery_bound(story)));
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 10s));
    EXPECT_EQ(story.node(1, 1).head->epoch, story.node(0, 1).head->epoch) << "it knows itself as others know it";
}

/// It comes back in the epoch that it used before, and may sign more heads there than the others hold of it.
TEST(Restart, AWipedDiskHealsAfterAShortLife) {
    for (std::uint64_t seed = 40; seed < 60; ++seed) {
        Story story({.nodes = 3, .seed = seed});
        ASSERT_TRUE(story.begins()) << seed;
        story.stop_cleanly(1);
        story.run_for(100ms);
        story.wipe_disk(1);
        story.restart(1);
        EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story))) << seed;
        EXPECT_TRUE(story.keeps(all_up(), 5s)) << seed;
        EXPECT_GT(story.node(0, 1).head->epoch, 1U) << seed;
    }
}

TEST(Restart, AWipedDiskHealsWhereOthersKeptOnlyFloors) {
    Story story({.nodes = 2, .seed = 33});
    ASSERT_TRUE(story.begins());
    for (int i = 0; i < 3; ++i) {
        story.crash(1);
        story.restart(1);
        story.run_for(3s);
    }
    story.stop_cleanly(0);
    story.run_for(1s);
    const auto epoch_before = story.node(1, 1).head->epoch;
    story.crash(1);
    story.wipe_disk(1);
    story.restart(0);
    story.restart(1);
    const auto is_shown = [epoch_before](const World& world) {
        const auto shown = world.node(0, 1).head;
        return shown && shown->epoch > epoch_before;
    };
    if (!story.reaches(is_shown, recovery_bound(story)))
        story.broken("L6: nobody showed it its own head, of which a floor was kept");
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

TEST(Restart, ADiskRestoredFromAnOlderCopyHeals) {
    Story story({.nodes = 3, .seed = 29});
    ASSERT_TRUE(story.begins());
    const auto older = story.disk(1).file();
    for (int i = 0; i < 2; ++i) {
        story.crash(1);
        story.restart(1);
        story.run_for(5s);
    }
    const auto epoch_before = story.node(0, 1).head->epoch;
    story.crash(1);
    story.restore_disk(1, older);
    story.restart(1);
    story.run_for(recovery_bound(story));
    EXPECT_GT(story.node(0, 1).head->epoch, epoch_before);
    EXPECT_TRUE(story.keeps(all_up(), 10s));
}

TEST(Restart, ACrashBeforeTheEpochIsDurableLeavesNoTrace) {
    Story story({.nodes = 3, .seed = 30});
    ASSERT_TRUE(story.begins());
    for (int i = 0; i < 20; ++i) {
        story.crash(1);
        story.restart(1);
        story.run_for(std::chrono::microseconds(200 * i));
    }
    story.run_for(recovery_bound(story));
    EXPECT_TRUE(story.keeps(all_up(), 10s));
}

TEST(CleanStop, IsDownLeftAtOnceAndUpAgainAfterItsReturn) {
    Story story({.nodes = 5, .seed = 31});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.stop_cleanly(3);
    EXPECT_TRUE(story.reaches(everyone_sees(3, Status::down), 1s));
    for (const std::size_t viewer : {0U, 1U, 2U, 4U}) EXPECT_EQ(story.node(viewer, 3).reason, Reason::left) << viewer;
    story.run_for(1s);
    EXPECT_FALSE(story.running(3)) << "a clean stop takes no second";
    EXPECT_TRUE(story.keeps(everyone_sees(3, Status::down), 20s));
    EXPECT_EQ(story.node(0, 3).reason, Reason::left);
    story.restart(3);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 5s));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(CleanStop, OfAllEndsInTime) {
    Story story({.nodes = 3, .seed = 32});
    ASSERT_TRUE(story.begins());
    for (std::size_t node = 0; node < 3; ++node) story.stop_cleanly(node);
    story.run_for(2s);
    for (std::size_t node = 0; node < 3; ++node) EXPECT_FALSE(story.running(node)) << node;
}

}  // namespace
}  // namespace meshmon::sim
