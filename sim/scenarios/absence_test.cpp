// Who comes back was parted from the others, or was gone: what the events say of it.

#include <gmock/gmock.h>

#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::EventKind;
using mesh::Status;
using testing::HasSubstr;

std::string detail_of_partition(const Story& story, std::size_t viewer, std::size_t subject) {
    for (const Told& told : story.events(viewer)) {
        if (told.event.kind == EventKind::was_partition && told.event.node == story.id(subject)) return told.event.detail;
    }
    return {};
}

/// Every viewer tells of a partition of just those that stood on another side, once.
void expect_parted(const Story& story, const std::vector<std::size_t>& side_of) {
    for (std::size_t viewer = 0; viewer < story.size(); ++viewer) {
        for (std::size_t subject = 0; subject < story.size(); ++subject) {
            const std::size_t times = side_of[viewer] == side_of[subject] ? 0 : 1;
            EXPECT_EQ(story.told(viewer, EventKind::was_partition, subject), times) << viewer << " of " << subject;
        }
    }
}

void expect_no_partition(const Story& story) { expect_parted(story, std::vector<std::size_t>(story.size(), 0)); }

TEST(Absence, OfTheOtherSideIsAPartitionAfterHealing) {
    struct Split {
        std::vector<std::vector<std::size_t>> sides;
        std::vector<std::size_t> side_of;
    };
    const std::vector<Split> splits = {{{{0, 1, 2}, {3, 4}}, {0, 0, 0, 1, 1}},
                                       {{{0, 1, 2}, {3, 4, 5}}, {0, 0, 0, 1, 1, 1}},
                                       {{{0, 1, 2, 3}, {4, 5, 6}, {7, 8, 9}}, {0, 0, 0, 0, 1, 1, 1, 2, 2, 2}},
                                       {{{0}, {1, 2, 3, 4}}, {0, 1, 1, 1, 1}},
                                       {{{0}, {1}}, {0, 1}}};
    for (const Split& split : splits) {
        Story story({.nodes = split.side_of.size(), .seed = 261});
        ASSERT_TRUE(story.begins());
        story.run_for(5s);
        story.partition(split.sides);
        story.run_for(1min);
        expect_no_partition(story);
        story.heal();
        EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
        EXPECT_TRUE(story.keeps(all_up(), 10s));
        expect_parted(story, split.side_of);
    }
}

TEST(Absence, OfAMinorityIsToldInItsOwnWords) {
    Story story({.nodes = 5, .seed = 262});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.isolate(4);
    story.run_for(1min);
    story.heal();
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_THAT(detail_of_partition(story, 0, 4), HasSubstr("a partition, no outage"));
    EXPECT_THAT(detail_of_partition(story, 4, 0), HasSubstr("did not reach n04"));
}

TEST(Absence, OfTheDeadIsNoPartition) {
    Story story({.nodes = 5, .seed = 263});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.crash(3);
    story.power_off(4);
    EXPECT_TRUE(story.reaches(see({0, 1, 2}, {3, 4}, Status::down), detection_bound(story)));
    story.run_for(20s);
    story.restart(3);
    story.restart(4);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 20s));
    expect_no_partition(story);
}

/// The same process comes back, and has nothing to say of its absence.
TEST(Absence, OfWhoDidNotRunIsNoPartition) {
    Story story({.nodes = 5, .seed = 264});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.pause(3, 30s);
    story.suspend(4, 30s);
    EXPECT_TRUE(story.reaches(see({0, 1, 2}, {3, 4}, Status::down), detection_bound(story)));
    story.run_for(30s);
    EXPECT_TRUE(story.reaches(all_up(), 2min)) << "lossy links are forgotten again";
    expect_no_partition(story);
}

/// What it says after its return, of somebody who died then, is no word of its absence.
TEST(Absence, OfWhoAccusesOthersLaterIsNoPartition) {
    Story story({.nodes = 5, .seed = 265});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.pause(3, 30s);
    EXPECT_TRUE(story.reaches(see({0, 1, 2, 4}, {3}, Status::down), detection_bound(story)));
    story.run_for(30s);
    ASSERT_TRUE(story.reaches(all_up(), 2min));
    story.crash(4);
    EXPECT_TRUE(story.reaches(everyone_sees(4, Status::down), detection_bound(story)));
    EXPECT_EQ(story.told(0, EventKind::was_partition, 3), 0U);
}

TEST(Absence, BehindARestartIsAnOutage) {
    Story story({.nodes = 5, .seed = 266});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.isolate(4);
    EXPECT_TRUE(story.reaches(see({0, 1, 2, 3}, {4}, Status::down), detection_bound(story)));
    story.crash(4);
    story.heal();
    story.restart(4);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_EQ(story.told(0, EventKind::was_partition, 4), 0U) << "nothing that it signs now tells of its last life";
}

}  // namespace
}  // namespace meshmon::sim
