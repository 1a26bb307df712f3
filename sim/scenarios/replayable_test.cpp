#include <gmock/gmock.h>

#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::Status;

/// Crashes, restarts, losses, pauses and splits, in one minute.
std::string trace_of_a_hard_minute(std::uint64_t seed, CryptoKind crypto) {
    Story story({.nodes = 5, .seed = seed, .crypto = crypto});
    story.run_for(5s);
    story.loss(0.2);
    story.crash(1);
    story.run_for(8s);
    story.restart(1);
    story.pause(2, 6s);
    story.run_for(10s);
    story.partition({{0, 1, 2}, {3, 4}});
    story.run_for(12s);
    story.heal();
    story.stop_cleanly(4);
    story.run_for(10s);
    story.wipe_disk(4);
    story.restart(4);
    story.loss(0);
    story.run_for(15s);
    EXPECT_TRUE(story.reaches(nobody_down(), recovery_bound(story)));
    return story.trace_hash();
}

TEST(Replayable, TheSameSeedGivesTheSameTrace) {
    EXPECT_EQ(trace_of_a_hard_minute(7, CryptoKind::stand_in), trace_of_a_hard_minute(7, CryptoKind::stand_in));
}

TEST(Replayable, AnotherSeedGivesAnotherTrace) {
    EXPECT_NE(trace_of_a_hard_minute(7, CryptoKind::stand_in), trace_of_a_hard_minute(8, CryptoKind::stand_in));
}

TEST(Replayable, TheRealCryptoToo) {
    EXPECT_EQ(trace_of_a_hard_minute(9, CryptoKind::sodium), trace_of_a_hard_minute(9, CryptoKind::sodium));
}

TEST(RealCrypto, TellsTheSameStory) {
    Story story({.nodes = 4, .seed = 10, .crypto = CryptoKind::sodium});
    ASSERT_TRUE(story.begins());
    story.crash(3);
    EXPECT_TRUE(story.reaches(everyone_sees(3, Status::down), detection_bound(story)));
    story.restart(3);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_EQ(story.counters(0).heads_accepted > 0, true);
}

}  // namespace
}  // namespace meshmon::sim
