#include "sim/world.hpp"

#include <gtest/gtest.h>

#include "wire/codec.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;

TEST(EventQueue, RunsByTimeAndThenInTheOrderOfAsking) {
    EventQueue queue;
    std::string order;
    queue.after(2s, [&] { order += 'c'; });
    queue.after(1s, [&] { order += 'a'; });
    queue.after(1s, [&] { order += 'b'; });
    while (queue.next()) queue.run_next();
    EXPECT_EQ(order, "abc");
    EXPECT_EQ(queue.now(), MonoTime(2s));
}

TEST(Links, LossIsLatenessAndCutsAreSilence) {
    Links links(2, {.delay_min = 1ms, .delay_max = 1ms, .loss = 0.5}, 1);
    int late = 0;
    for (int i = 0; i < 1000; ++i) late += links.passage(0, 1, Links::Packet::segment, MonoTime()) > 200ms ? 1 : 0;
    EXPECT_NEAR(late, 500, 60);
    links.drop(0, 1, {});
    EXPECT_FALSE(links.passage(0, 1, Links::Packet::segment, MonoTime()));
    EXPECT_FALSE(links.starts(1, 0)) << "no answer comes back";
    links.heal(MonoTime(5s));
    EXPECT_EQ(links.whole_since(0, 1, MonoTime(6s)), MonoTime(5s));
    links.cut(0, 1, {});
    EXPECT_FALSE(links.starts(0, 1));
    EXPECT_TRUE(links.starts(1, 0));
}

TEST(Links, TroubleOfOneWayIsNoTroubleOfAnother) {
    Links links(3, {}, 1);
    links.trouble(0, 1, {.loss = 0.5}, MonoTime(1s));
    EXPECT_TRUE(links.rough(1, 0, MonoTime(2s)));
    EXPECT_FALSE(links.whole_since(1, 0, MonoTime(2s)));
    EXPECT_FALSE(links.rough(0, 2, MonoTime(2s)));
    EXPECT_EQ(links.whole_since(0, 2, MonoTime(2s)), MonoTime());
    links.clog(1, 2, MonoTime(5s), MonoTime(3s));
    EXPECT_TRUE(links.rough(2, 1, MonoTime(4s)));
    EXPECT_FALSE(links.whole_since(1, 2, MonoTime(4s)));
    EXPECT_EQ(links.whole_since(1, 2, MonoTime(6s)), MonoTime(5s)) << "what waited has left";
    links.set_loss(0.1);
    EXPECT_TRUE(links.rough(0, 2, MonoTime(6s)));
}

class ADisk : public testing::Test {
protected:
    static Bytes state(std::uint64_t epoch) {
        return wire::encode(wire::SavedState{*NetworkId::parse("sim"), *NodeId::parse("n00"), {7}, epoch, {}});
    }
    [[nodiscard]] std::uint64_t epoch() const {
        const auto saved = disk.read();
        return saved ? saved->epoch : 0;
    }
    Disk disk;
};

TEST_F(ADisk, WritesOneStateAtATimeAndTheNewestNext) {
    disk.submit({.ticket = 1, .bytes = state(1)});
    EXPECT_TRUE(disk.begin());
    disk.submit({.ticket = 2, .bytes = state(2)});
    EXPECT_FALSE(disk.begin()) << "one is in hand";
    disk.submit({.ticket = 3, .bytes = state(3)});
    ASSERT_TRUE(disk.put_in_place());
    EXPECT_EQ(disk.finish(), 1U);
    EXPECT_EQ(epoch(), 1U);
    EXPECT_TRUE(disk.begin());
    ASSERT_TRUE(disk.put_in_place());
    EXPECT_EQ(disk.finish(), 3U) << "supersedes the second";
    EXPECT_TRUE(disk.idle());
}

TEST_F(ADisk, KeepsTheOldFileUntilTheNewOneIsInPlaceAndEitherUntilItIsDurable) {
    for (const bool keeps_new : {false, true}) {
        disk.wipe();
        disk.submit({.ticket = 1, .bytes = state(1)});
        disk.begin();
        disk.crash(true);
        EXPECT_EQ(epoch(), 0U) << "it was not in place";
        disk.submit({.ticket = 2, .bytes = state(2)});
        disk.begin();
        disk.put_in_place();
        disk.crash(keeps_new);
        EXPECT_EQ(epoch(), keeps_new ? 2U : 0U);
        EXPECT_TRUE(disk.idle());
    }
}

TEST_F(ADisk, ThatIsFullKeepsTheOldFileAndWhatWaits) {
    disk.full = true;
    disk.submit({.ticket = 1, .bytes = state(1)});
    EXPECT_TRUE(disk.begin());
    EXPECT_FALSE(disk.put_in_place());
    EXPECT_EQ(epoch(), 0U);
    disk.full = false;
    EXPECT_TRUE(disk.begin());
    EXPECT_TRUE(disk.put_in_place());
    EXPECT_EQ(disk.finish(), 1U);
    EXPECT_EQ(epoch(), 1U);
}

TEST_F(ADisk, MovesATornFileAside) {
    disk.submit({.ticket = 1, .bytes = state(1)});
    disk.begin();
    disk.put_in_place();
    disk.finish();
    disk.tear();
    EXPECT_FALSE(disk.read());
    disk.move_bad_file_aside();
    EXPECT_EQ(disk.moved_aside(), 1);
    EXPECT_FALSE(disk.file());
}

TEST(HostClock, StepsOfTheWallLeaveTheOtherAlone) {
    HostClock clock(100s, 0s, 0);
    const Now before = clock.at(MonoTime(1s));
    clock.step_wall(-1h);
    const Now after = clock.at(MonoTime(2s));
    EXPECT_EQ(after.mono - before.mono, 1s);
    EXPECT_EQ(after.wall - before.wall, 1s - 1h);
    EXPECT_EQ(clock.to_world(after.mono), MonoTime(2s));
}

TEST(World, ARefusedConnectionIsKnownAtOnceAndASilentHostAtTheDeadline) {
    World world({.nodes = 3, .seed = 1, .started = 1});
    world.run_for(900ms);
    EXPECT_EQ(world.node(0, 1).link->failures_in_row, 1U);
    EXPECT_EQ(world.counters(0).exchanges_failed.at(mesh::Reason::connect), 2U);
}

TEST(World, AKeptConnectionBreaksWithTheOtherProcess) {
    World world({.nodes = 2, .seed = 1});
    world.run_for(3s);
    ASSERT_EQ(world.status(0, 1), mesh::Status::up);
    const auto failed_before = world.counters(0).exchanges_failed;
    world.crash(1);
    world.restart(1);
    world.run_for(3s);
    EXPECT_EQ(world.counters(0).exchanges_failed, failed_before) << "tried again at once on a fresh one";
}

}  // namespace
}  // namespace meshmon::sim
