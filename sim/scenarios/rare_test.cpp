// Paths of the mesh that no ordinary trouble takes: mesh/probe.hpp names them.

#include <gmock/gmock.h>

#include "sim/liar.hpp"
#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::EventKind;
using mesh::Status;
using testing::IsEmpty;

TEST(Malformed, SlotsThatAMemberSignedAreRefusedAndLookedAtOnce) {
    constexpr std::size_t kLiar = 4;
    Story story({.nodes = 5, .seed = 181});
    ASSERT_TRUE(story.begins());
    story.run_for(3s);
    story.crash(kLiar);
    Liar liar = Liar::member(story, kLiar);
    const wire::SignedRecord bad = liar.sign(liar.head(1000, 1), {{wire::SlotKind::hello, "no hello"}});
    liar.my_version = liar.version_of(bad);
    const std::uint64_t before = story.counters(0).heads_verified;
    for (int i = 0; i < 5; ++i) EXPECT_EQ(liar.tell(0, {bad}).status, 200);
    EXPECT_EQ(story.counters(0).refused.at("malformed_record"), 1U);
    EXPECT_EQ(story.counters(0).heads_verified, before + 1);
    EXPECT_EQ(story.told(0, EventKind::peer_misbehaved, kLiar), 1U);
    EXPECT_LT(story.node(0, kLiar).head->epoch, 1000U) << "what it held before stands";
}

/// Both begin with one disk, and so with one epoch; only their boot ids differ.
TEST(Clone, ThatBeginsWithItsOriginalIsNamed) {
    Story story({.nodes = 5, .seed = 182, .spare_hosts = 1});
    ASSERT_TRUE(story.begins());
    story.run_for(10s);
    story.crash(2);
    story.clone(2);
    story.restart(2);
    EXPECT_TRUE(
        story.reaches([&](const World&) { return story.told(0, EventKind::clone_suspected, 2) > 0; }, recovery_bound(story)));
    EXPECT_TRUE(story.keeps(nobody_down(), 30s));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

/// Members that go on telling the same of everybody.
class Vouching : public testing::Test {
protected:
    void vouch(Story& story, std::vector<std::size_t> nodes) {
        for (const std::size_t node : nodes) {
            story.crash(node);
            liars.push_back(std::make_unique<Liar>(Liar::member(story, node)));
        }
    }
    void vouch_for(Story& story, Duration span) {
        for (const MonoTime end = story.now() + span; story.now() < end; story.run_for(1s)) {
            ++seq;
            for (const auto& liar : liars) {
                const wire::SignedRecord own = liar->record(1000, seq);
                liar->my_version = liar->version_of(own);
                liar->bend_answer = [own](const wire::Exchange&, wire::Exchange& answer) { answer.records = {own}; };
                for (std::size_t node = 0; node < story.size(); ++node) {
                    if (story.running(node)) (void)liar->tell(node, {own});
                }
            }
        }
    }
    std::vector<std::unique_ptr<Liar>> liars;
    std::uint64_t seq = 0;
};

/// Three of five accuse: fewer than two thirds, more than half. A third of six is more than the promise of thirty seconds holds
/// for.
TEST_F(Vouching, OfAThirdForTheDeadEndsWithTheLastProofOfItsLife) {
    Story story({.nodes = 6, .seed = 183});
    ASSERT_TRUE(story.begins());
    story.run_for(3s);
    vouch(story, {4, 5});
    vouch_for(story, 5s);
    story.crash(1);
    vouch_for(story, 30s);
    EXPECT_NE(story.status(0, 1), Status::down);
    EXPECT_TRUE(story.node(0, 1).contested);
    vouch_for(story, 15s);
    for (const std::size_t viewer : {0U, 2U, 3U}) EXPECT_EQ(story.status(viewer, 1), Status::down);
}

/// One of two accuses: nobody can tell who is right.
TEST_F(Vouching, OfHalfForTheDeadEndsWithUnknown) {
    Story story({.nodes = 3, .seed = 184});
    ASSERT_TRUE(story.begins());
    story.run_for(3s);
    vouch(story, {2});
    vouch_for(story, 5s);
    story.crash(1);
    vouch_for(story, 45s);
    EXPECT_EQ(story.status(0, 1), Status::unknown);
}

/// Each word anew is younger than the last proof of life, and for each accuser it is tried but once in ten seconds.
TEST(ManyLiars, WhoTakeBackTheirWordAndGiveItAgainBringNobodyDownWhomTheViewerReaches) {
    Story story({.nodes = 6, .seed = 185, .poll_rate = 5s});
    ASSERT_TRUE(story.begins());
    std::vector<Liar> liars;
    for (const std::size_t node : {2U, 3U, 4U, 5U}) {
        story.crash(node);
        liars.push_back(Liar::member(story, node));
    }
    for (std::uint64_t seq = 1; seq <= 30; ++seq) {
        for (Liar& liar : liars) {
            const wire::SignedRecord own =
                liar.record(1000, seq, seq % 2 == 0 ? std::vector<std::size_t>{1} : std::vector<std::size_t>{});
            liar.my_version = liar.version_of(own);
            liar.bend_answer = [own](const wire::Exchange&, wire::Exchange& answer) { answer.records = {own}; };
            (void)liar.tell(0, {own});
        }
        EXPECT_TRUE(story.keeps(never_down(1), seq % 2 == 0 ? 1300ms : 200ms));
    }
}

}  // namespace
}  // namespace meshmon::sim
