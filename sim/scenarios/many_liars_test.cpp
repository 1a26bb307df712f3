#include <gmock/gmock.h>

#include <memory>

#include "sim/liar.hpp"
#include "sim/scenarios/story_for_tests.hpp"
#include "wire/codec.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::EventKind;
using mesh::Status;
using testing::ElementsAreArray;

constexpr std::size_t kVictim = 1;
constexpr Duration kContested = 30s;  // so long liars can keep a verdict contested

/// A member that answers and tells everybody what the story wants.
struct LyingNode {
    explicit LyingNode(Liar member) : liar(std::move(member)) {
        liar.bend_answer = [this](const wire::Exchange&, wire::Exchange& answer) { answer.records = {own}; };
    }
    void say(const std::vector<std::size_t>& accused) {
        own = liar.record(epoch, ++seq, accused);
        liar.my_version = liar.version_of(own);
    }

    Liar liar;
    std::uint64_t epoch = 1000;
    std::uint64_t seq = 0;
    wire::SignedRecord own;
};

/// N nodes, of which the last ones lie: as many as a third of N does not reach.
class ManyLiars : public testing::TestWithParam<std::size_t> {
protected:
    ManyLiars() : honest(GetParam() - (GetParam() - 1) / 3) {}

    void SetUp() override {
        ASSERT_TRUE(story.begins());
        story.run_for(3s);
        for (std::size_t node = honest; node < story.size(); ++node) {
            story.crash(node);
            liars.push_back(std::make_unique<LyingNode>(Liar::member(story, node)));
        }
        say_for(3s, {});
    }

    /// Each second, each liar tells each honest node that runs.
    void say_for(Duration span, const std::vector<std::size_t>& accused) {
        for (const MonoTime end = story.now() + span; story.now() < end; story.run_for(1s)) {
            for (const auto& lying : liars) {
                lying->say(accused);
                for (std::size_t node = 0; node < honest; ++node) {
                    if (story.running(node)) (void)lying->liar.tell(node, {lying->own});
                }
            }
        }
    }

    std::size_t honest;
    Story story{{.nodes = GetParam(), .seed = 150 + GetParam()}};
    std::vector<std::unique_ptr<LyingNode>> liars;
};

TEST_P(ManyLiars, DoNotBringAHealthyNodeDownAndAreNamed) {
    for (int i = 0; i < 90; ++i) {
        say_for(1s, {kVictim});
        ASSERT_TRUE(story.keeps(never_down(kVictim), 1ms));
    }
    std::vector<NodeId> accusers;
    const mesh::NodeView victim = story.node(0, kVictim);
    for (const mesh::Testimony& testimony : victim.evidence.testimonies) {
        if (testimony.says == Status::down) accusers.push_back(testimony.observer);
    }
    EXPECT_THAT(accusers, ElementsAreArray(story.ids().begin() + static_cast<std::ptrdiff_t>(honest), story.ids().end()));
    EXPECT_EQ(victim.evidence.says_down, liars.size());
}

TEST_P(ManyLiars, ThatVouchForTheDeadHideADeathForThirtySecondsAtMost) {
    story.crash(kVictim);
    say_for(detection_bound(story) + kContested + 1s, {});
    EXPECT_TRUE(story.reaches(everyone_sees(kVictim, Status::down), 1s));
    say_for(20s, {});
    EXPECT_TRUE(story.keeps(everyone_sees(kVictim, Status::down), 1ms));
}

INSTANTIATE_TEST_SUITE_P(Nodes, ManyLiars, testing::Values(4, 7, 10), testing::PrintToStringParamName());

/// Two truths under one version, one to each half of six honest nodes.
TEST(Equivocation, IsFoundByAllToldOnceAndCostsTheVoteUntilAHigherEpoch) {
    constexpr std::size_t kLiar = 6;
    Story story({.nodes = 7, .seed = 161});
    ASSERT_TRUE(story.begins());
    story.run_for(3s);
    story.crash(kLiar);
    Liar liar = Liar::member(story, kLiar);
    const wire::SignedRecord one_truth = liar.record(1000, 1, {3});
    const wire::SignedRecord other_truth = liar.record(1000, 1, {0});
    const auto truth_for = [&](std::size_t node) { return node < 3 ? one_truth : other_truth; };
    const auto tell_all = [&] {
        for (std::size_t node = 0; node < kLiar; ++node) {
            const wire::SignedRecord own = truth_for(node);
            liar.my_version = liar.version_of(own);
            (void)liar.tell(node, {own});
        }
    };
    liar.bend_answer = [&](const wire::Exchange& request, wire::Exchange& answer) {
        const wire::SignedRecord own = truth_for(index_of(story.ids(), request.from));
        answer.my_version = liar.version_of(own);
        answer.records = {own};
    };
    tell_all();
    const auto found_by_all = [&](const World& world) {
        for (std::size_t node = 0; node < kLiar; ++node) {
            if (story.told(node, EventKind::equivocation, kLiar) == 0) return false;
        }
        return world.size() > 0;
    };
    EXPECT_TRUE(story.reaches(found_by_all, 2 * recovery_bound(story)));
    for (int i = 0; i < 30; ++i) {
        tell_all();
        EXPECT_TRUE(story.keeps(nobody_down(), 1s));
    }
    const auto testimony_of_the_liar = [&](std::size_t viewer, std::size_t subject) {
        const auto all = story.node(viewer, subject).evidence.testimonies;
        return *std::ranges::find(all, story.id(kLiar), &mesh::Testimony::observer);
    };
    const auto judge = story.strange_identity(1);
    for (std::size_t viewer = 0; viewer < kLiar; ++viewer) {
        const mesh::Testimony said = testimony_of_the_liar(viewer, viewer < 3 ? 3 : 0);
        EXPECT_EQ(said.says, Status::down);
        EXPECT_FALSE(said.counts);
        EXPECT_EQ(said.why_not, "equivocated");
        EXPECT_EQ(story.told(viewer, EventKind::equivocation, kLiar), 1U);
        const auto proof = story.node(viewer, kLiar).contradiction;
        ASSERT_TRUE(proof);
        EXPECT_EQ(proof->epoch, 1000U);
        EXPECT_NE(proof->one.head, proof->other.head);
        for (const wire::SignedRecord& truth : {proof->one, proof->other}) {
            EXPECT_TRUE(judge->verify(story.key(kLiar), wire::signing_input(truth.head), truth.signature)) << "anybody can";
        }
    }
    const wire::SignedRecord one = liar.record(1001, 1, {3});
    liar.bend_answer = [&](const wire::Exchange&, wire::Exchange& answer) {
        answer.my_version = liar.version_of(one);
        answer.records = {one};
    };
    EXPECT_TRUE(
        story.reaches([&](const World&) { return testimony_of_the_liar(0, 3).counts && testimony_of_the_liar(5, 3).counts; },
                      recovery_bound(story)));
    EXPECT_FALSE(story.node(0, kLiar).contradiction);
}

}  // namespace
}  // namespace meshmon::sim
