#include "sim/world.hpp"

#include <gtest/gtest.h>

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
    for (int i = 0; i < 1000; ++i) late += links.passage(0, 1, Links::Packet::segment) > 200ms ? 1 : 0;
    EXPECT_NEAR(late, 500, 60);
    links.drop(0, 1, {});
    EXPECT_FALSE(links.passage(0, 1, Links::Packet::segment));
    EXPECT_FALSE(links.starts(1, 0)) << "no answer comes back";
    links.heal(MonoTime(5s));
    EXPECT_EQ(links.whole_since(0, 1), MonoTime(5s));
    links.cut(0, 1, {});
    EXPECT_FALSE(links.starts(0, 1));
    EXPECT_TRUE(links.starts(1, 0));
}

TEST(Disk, KeepsWhatIsDurableAndLosesTheRest) {
    Disk disk;
    EXPECT_TRUE(disk.begin({.ticket = 1, .bytes = "one"}));
    EXPECT_FALSE(disk.begin({.ticket = 2, .bytes = "two"}));
    EXPECT_FALSE(disk.begin({.ticket = 3, .bytes = "three"})) << "supersedes the second";
    EXPECT_EQ(disk.finish(), 1U);
    EXPECT_EQ(disk.durable(), "one");
    EXPECT_TRUE(disk.writing());
    disk.lose_unwritten();
    EXPECT_EQ(disk.durable(), "one");
    EXPECT_FALSE(disk.writing());
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
