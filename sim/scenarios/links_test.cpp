#include <gmock/gmock.h>

#include <algorithm>

#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::Reason;
using mesh::SelfHealth;
using mesh::Status;
using testing::IsEmpty;

const mesh::Testimony* testimony(const mesh::NodeView& node, const NodeId& observer) {
    const auto& all = node.evidence.testimonies;
    const auto found = std::ranges::find(all, observer, &mesh::Testimony::observer);
    return found == all.end() ? nullptr : &*found;
}

TEST(OneWayLink, IsShownAsDegradedWithWhoSeesItAndNeverDown) {
    Story story({.nodes = 4, .seed = 41});
    ASSERT_TRUE(story.begins());
    story.cut(0, 1);
    EXPECT_TRUE(story.reaches(everyone_sees(1, Status::degraded), detection_bound(story)));
    EXPECT_TRUE(story.keeps(nobody_down(), 30s));
    for (const std::size_t viewer : {0U, 2U, 3U}) {
        const mesh::NodeView node = story.node(viewer, 1);
        const mesh::Testimony* by = testimony(node, story.id(0));
        ASSERT_NE(by, nullptr) << story.describe();
        EXPECT_TRUE(by->one_way) << viewer;
    }
    EXPECT_THAT(story.accusations(), IsEmpty());
    story.heal();
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

TEST(OneWayLink, OfOneAmongTenLeavesAllUp) {
    Story story({.nodes = 10, .seed = 42});
    ASSERT_TRUE(story.begins());
    story.cut(0, 1);
    EXPECT_TRUE(story.keeps(all_up(), 30s));
}

TEST(BrokenLink, OfFourNodesIsDegradedAndNeverDown) {
    Story story({.nodes = 4, .seed = 43});
    ASSERT_TRUE(story.begins());
    story.sever(0, 1);
    EXPECT_TRUE(story.reaches(everyone_sees(1, Status::degraded), detection_bound(story)));
    EXPECT_TRUE(story.keeps(nobody_down(), 30s));
    EXPECT_THAT(story.accusations(), IsEmpty());
    story.heal();
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

TEST(BrokenLink, AmongTenIsListedAndLeavesAllUp) {
    Story story({.nodes = 10, .seed = 44});
    ASSERT_TRUE(story.begins());
    story.sever(2, 7);
    EXPECT_TRUE(story.keeps(nobody_down(), 15s));
    EXPECT_THAT(story.accusations(), IsEmpty());
    const auto broken = story.view(0).partition.broken_links;
    ASSERT_EQ(broken.size(), 1U) << story.describe();
    EXPECT_EQ(broken[0], std::pair(story.id(2), story.id(7)));
    EXPECT_TRUE(story.keeps(all_up(), 20s));
}

TEST(Partition, OfTwoAgainstOneIsDownForTheMajorityAndUnknownForTheMinority) {
    Story story({.nodes = 3, .seed = 45});
    ASSERT_TRUE(story.begins());
    story.partition({{0, 1}, {2}});
    EXPECT_TRUE(story.reaches(see({0, 1}, {2}, Status::down), detection_bound(story)));
    EXPECT_TRUE(story.reaches(see({2}, {0, 1}, Status::unknown), detection_bound(story)));
    EXPECT_TRUE(story.keeps(see({0, 1}, {0, 1}, Status::up), 20s));
    story.heal();
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

TEST(Partition, OfThreeAgainstTwoIsDownForTheMajorityAndUnknownForTheMinority) {
    Story story({.nodes = 5, .seed = 46});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.partition({{0, 1, 2}, {3, 4}});
    EXPECT_TRUE(story.reaches(see({0, 1, 2}, {3, 4}, Status::down), detection_bound(story)));
    EXPECT_TRUE(story.reaches(see({3, 4}, {0, 1, 2}, Status::unknown), detection_bound(story)));
    EXPECT_TRUE(story.keeps(see({0, 1, 2}, {0, 1, 2}, Status::up), 20s));
    EXPECT_TRUE(story.keeps(see({3, 4}, {3, 4}, Status::up), 5s));
    EXPECT_EQ(story.view(0).seen, 3U);
    EXPECT_EQ(story.view(3).seen, 2U);
    EXPECT_FALSE(story.view(3).has_quorum);
    EXPECT_EQ(story.view(3).self_health, SelfHealth::isolated);
    story.heal();
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 10s));
}

TEST(Isolated, NodeSaysSoAccusesNobodyAndIsBackSoon) {
    Story story({.nodes = 5, .seed = 47});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.isolate(0);
    const Condition isolated = [](const World& world) { return world.view(0).self_health == SelfHealth::isolated; };
    EXPECT_TRUE(story.reaches(isolated, detection_bound(story)));
    EXPECT_TRUE(story.reaches(see({1, 2, 3, 4}, {0}, Status::down), detection_bound(story)));
    EXPECT_TRUE(story.reaches(see({0}, {1, 2, 3, 4}, Status::unknown), detection_bound(story)));
    EXPECT_TRUE(story.keeps(see({0}, {1, 2, 3, 4}, Status::unknown), 1min));
    story.heal();
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    EXPECT_TRUE(story.keeps(all_up(), 10s));
    for (const std::string& accusation : story.accusations()) EXPECT_THAT(accusation, testing::HasSubstr("calls n00 down"));
}

TEST(Isolated, AllAtOnceAccuseNobody) {
    Story story({.nodes = 5, .seed = 48});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    for (std::size_t node = 0; node < story.size(); ++node) story.isolate(node);
    story.run_for(1min);
    EXPECT_TRUE(story.keeps(nobody_down(), 1min));
    EXPECT_THAT(story.accusations(), IsEmpty());
    EXPECT_EQ(story.status(0, 1), Status::unknown);
    EXPECT_EQ(story.view(0).self_health, SelfHealth::isolated);
    story.heal();
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

TEST(BehindNat, ANodeThatNobodyCanDialIsUpBecauseItDials) {
    Story story({.nodes = 4, .seed = 49, .edit_roster = [](std::size_t, mesh::Roster& roster) {
                     roster.nodes[2].url.clear();
                     roster.nodes[2].url_state = mesh::UrlState::none;
                 }});
    ASSERT_TRUE(story.begins());
    EXPECT_TRUE(story.keeps(all_up(), 20s));
    story.crash(2);
    const Duration in_time = detection_bound(story) + story.options().poll_rate;
    if (!story.run_until(everyone_sees(2, Status::down), in_time)) story.broken("L1: whom nobody dials died, unnoticed");
    EXPECT_EQ(story.node(0, 2).reason, Reason::silent);
    story.restart(2);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

struct Lossy {
    std::size_t nodes;
    int percent;
    Duration span;
};
void PrintTo(const Lossy& lossy, std::ostream* out) { *out << lossy.percent << " % of " << lossy.nodes << " nodes"; }

class Loss : public testing::TestWithParam<Lossy> {};

TEST_P(Loss, EverywhereAccusesNobodyAndHidesNoDeath) {
    const auto [nodes, percent, span] = GetParam();
    Story story({.nodes = nodes, .seed = 50, .check_every = 1s});
    ASSERT_TRUE(story.begins());
    story.loss(percent / 100.0);
    story.run_for(span);
    EXPECT_THAT(story.accusations(), IsEmpty());
    story.power_off(1);
    EXPECT_TRUE(story.reaches(everyone_sees(1, Status::down), 1min));
    story.loss(0);
    story.restart(1);
    EXPECT_TRUE(story.reaches(nobody_down(), recovery_bound(story)));
}

INSTANTIATE_TEST_SUITE_P(Grid, Loss,
                         testing::Values(Lossy{3, 1, 2min}, Lossy{3, 5, 2min}, Lossy{3, 10, 2min}, Lossy{3, 20, 2min},
                                         Lossy{3, 30, 5min}, Lossy{5, 30, 5min}, Lossy{10, 1, 1min}, Lossy{10, 5, 1min},
                                         Lossy{10, 10, 1min}, Lossy{10, 20, 1min}, Lossy{10, 30, 1min}),
                         [](const auto& info) {
                             return "Of" + std::to_string(info.param.percent) + "PercentAmong" + std::to_string(info.param.nodes);
                         });

}  // namespace
}  // namespace meshmon::sim
