#include <gmock/gmock.h>

#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::Status;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;

/// No viewer calls anybody down or unknown. Links stay lossy or slow for a while after the trouble, and nodes degraded.
Condition nobody_missing() {
    return [](const World& world) {
        for (std::size_t viewer = 0; viewer < world.size(); ++viewer) {
            if (!world.running(viewer)) continue;
            const auto by_status = world.view(viewer).by_status;
            if (by_status.at(Status::down) + by_status.at(Status::unknown) > 0) return false;
        }
        return true;
    };
}

TEST(Bursts, OfEightyPercentAroundOneNodeAccuseNobodyElse) {
    Story story({.nodes = 5, .seed = 181});
    ASSERT_TRUE(story.begins());
    story.trouble_around(0, {.loss = 0.8, .burst = 8s, .calm = 8s});
    for (int minute = 0; minute < 3; ++minute) {
        story.run_for(1min);
        EXPECT_TRUE(see({1, 2, 3, 4}, {1, 2, 3, 4}, Status::up)(story)) << story.describe();
    }
    EXPECT_THAT(story.accusations(), Each(HasSubstr("calls n00 down")));
    EXPECT_GT(story.counters(0).exchanges_failed.at(mesh::Reason::timeout), 20U) << "it was felt";
    story.heal();
    EXPECT_TRUE(story.reaches(nobody_missing(), recovery_bound(story)));
}

TEST(OneWayLoss, TwentySecondsOnAndTwentyOffAccusesNobody) {
    Story story({.nodes = 5, .seed = 182});
    ASSERT_TRUE(story.begins());
    for (int i = 0; i < 6; ++i) {
        story.trouble(0, 1, {.loss = 0.8});
        EXPECT_TRUE(story.keeps(nobody_missing(), 20s));
        story.heal();
        EXPECT_TRUE(story.keeps(nobody_missing(), 20s));
    }
    EXPECT_GT(story.counters(0).exchanges_failed.at(mesh::Reason::timeout), 5U) << "it was felt";
    EXPECT_THAT(story.accusations(), IsEmpty());
}

/// In one direction nothing comes through at all: whom that hides from one the others see.
TEST(OneWayLoss, OfEverythingTwentySecondsOnAndTwentyOffAccusesNobody) {
    Story story({.nodes = 5, .seed = 188});
    ASSERT_TRUE(story.begins());
    const auto link = [&story] { return story.node(0, 1).link->status; };
    for (int i = 0; i < 6; ++i) {
        story.cut(0, 1);
        EXPECT_TRUE(story.keeps(nobody_missing(), 20s));
        EXPECT_EQ(link(), Status::down);
        story.heal();
        EXPECT_TRUE(story.keeps(nobody_missing(), 20s));
        EXPECT_EQ(link(), Status::up);
    }
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Clog, OfOneLinkAccusesNobodyAndEverythingComesInTheEnd) {
    Story story({.nodes = 4, .seed = 183});
    ASSERT_TRUE(story.begins());
    for (const Duration span : {Duration(500ms), Duration(3s), Duration(20s)}) {
        story.clog(0, 1, span);
        story.clog(1, 0, span);
        EXPECT_TRUE(story.keeps(nobody_missing(), span));
        story.heal();
        EXPECT_TRUE(story.keeps(nobody_missing(), 20s));
    }
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Bandwidth, OfAModemAroundOneNodeIsEnough) {
    Story story({.nodes = 5, .seed = 184});
    ASSERT_TRUE(story.begins());
    story.trouble_around(2, {.late = 80ms, .bytes_per_second = 4'000});
    EXPECT_TRUE(story.keeps(nobody_missing(), 2min));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Repeated, RequestsAreRefusedAndChangeNothing) {
    Story story({.nodes = 4, .seed = 185, .links = {.repeats = 0.3}});
    ASSERT_TRUE(story.begins());
    EXPECT_TRUE(story.keeps(all_up(), 1min));
    EXPECT_GT(story.counters(0).refused.at("replayed"), 10U);
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Delays, WithAHeavyTailAccuseNobody) {
    Story story({.nodes = 5, .seed = 186, .links = {.delay_min = 5ms, .delay_max = 3s, .tail = 1.1}});
    story.run_for(5s);
    EXPECT_TRUE(story.keeps(nobody_missing(), 3min));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

/// Minutes up and minutes down for an hour: everybody follows, and nothing grows.
TEST(Flapping, ForAnHourIsFollowedAndNothingGrows) {
    Story story({.nodes = 4, .seed = 187, .poll_rate = 5s, .check_every = 1s});
    ASSERT_TRUE(story.begins());
    story.run_for(30s);
    const std::uint64_t bytes = story.counters(0).record_bytes;
    constexpr std::size_t kFlaps = 30;
    for (std::size_t flap = 0; flap < kFlaps; ++flap) {
        story.crash(1);
        EXPECT_TRUE(story.reaches(everyone_sees(1, Status::down), detection_bound(story))) << flap;
        story.run_for(30s);
        story.restart(1);
        EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story))) << flap;
        story.run_for(60s);
    }
    EXPECT_LT(story.counters(0).record_bytes, bytes + 1000);
    EXPECT_EQ(story.accusations().size(), 3 * kFlaps) << "once by each";
    for (const std::size_t viewer : {0U, 2U, 3U}) EXPECT_LT(story.events(viewer).size(), 12 * kFlaps) << viewer;
}

}  // namespace
}  // namespace meshmon::sim
