// What the checkers of liveness must not let pass, and what they must.

#include "sim/checkers/finds_the_dead.hpp"
#include "sim/checkers/finds_the_living.hpp"
#include "sim/checkers/fixture_for_tests.hpp"
#include "sim/checkers/knows_it_is_alone.hpp"

namespace meshmon::sim {
namespace {

using mesh::Status;

const Bounds kBounds(3, 1s, 3);

class Liveness : public Checkers {
protected:
    void crash(std::size_t node) {
        states[node].running = false;
        states[node].awake_since.reset();
    }
    void cut_off(std::size_t node, Duration when) {
        for (std::size_t other = 0; other < ids.size(); ++other) {
            if (other == node) continue;
            links.drop(node, other, at(when));
            links.drop(other, node, at(when));
        }
    }
};

TEST_F(Liveness, FindsTheDeadWantsACrashKnownWithinTheBound) {
    FindsTheDead checker(kBounds);
    EXPECT_EQ(found(checker, 59s), 0U);
    crash(2);
    EXPECT_EQ(found(checker, 60s), 0U);
    EXPECT_EQ(found(checker, 60s + kBounds.detection()), 0U);
    states[0].nodes[2].status = Status::down;
    EXPECT_EQ(found(checker, 61s + kBounds.detection()), 1U) << "n00 knows, n01 does not";
}

TEST_F(Liveness, FindsTheDeadExpectsNothingBelowAQuorumOrOfTheUnheard) {
    FindsTheDead checker(kBounds);
    EXPECT_EQ(found(checker, 59s), 0U);
    crash(2);
    for (const std::size_t viewer : {0U, 1U}) {
        states[viewer].nodes[2].status = Status::unknown;
        states[viewer].nodes[2].head.reset();
        states[viewer].awake_since = at(58s);
    }
    EXPECT_EQ(found(checker, 60s), 0U);
    EXPECT_EQ(found(checker, 70s), 0U) << "of whom no record is held nobody is sure in the first minute of a viewer";
    crash(1);
    EXPECT_EQ(found(checker, 71s), 0U);
    EXPECT_EQ(found(checker, 10min), 0U) << "one of three accuses nobody";
}

TEST_F(Liveness, FindsTheDeadExpectsNothingWhileAQuorumIsUnhealthyForItStarved) {
    FindsTheDead checker(kBounds);
    EXPECT_EQ(found(checker, 59s), 0U);
    crash(2);
    states[1].fed_at = at(62s);
    EXPECT_EQ(found(checker, 60s), 0U);
    EXPECT_EQ(found(checker, 62s + kBounds.after_starving()), 0U);
    EXPECT_EQ(found(checker, 63s + kBounds.after_starving()), 2U);
}

TEST_F(Liveness, FindsTheDeadGivesMoreTimeWhereALinkWasBrokenBefore) {
    FindsTheDead checker(kBounds);
    links.cut(0, 2, at(50s));
    EXPECT_EQ(found(checker, 59s), 0U);
    crash(2);
    EXPECT_EQ(found(checker, 60s), 0U);
    EXPECT_EQ(found(checker, 61s + kBounds.detection()), 0U);
    EXPECT_EQ(found(checker, 61s + kBounds.detection() + kBounds.late_head()), 2U);
}

TEST_F(Liveness, FindsTheLivingWantsWhoIsBackUpWithinTheBound) {
    FindsTheLiving checker(kBounds);
    states[2].awake_since = at(50s);
    states[0].nodes[2].status = Status::unknown;
    EXPECT_EQ(found(checker, 50s + kBounds.recovery()), 0U);
    EXPECT_EQ(found(checker, 51s + kBounds.recovery()), 1U);
    links.cut(0, 2, at(56s));
    EXPECT_EQ(found(checker, 57s + kBounds.recovery()), 1U) << "over relays it takes longer";
    EXPECT_EQ(found(checker, 57s + kBounds.recovery() + kBounds.over_relays()), 2U);
}

TEST_F(Liveness, FindsTheLivingLetsMetersRememberButNotAccusers) {
    FindsTheLiving checker(kBounds);
    mesh::NodeView& node = states[0].nodes[1];
    node.status = Status::degraded;
    node.evidence.votes = 2;
    node.evidence.says_impaired = 1;
    EXPECT_EQ(found(checker), 0U);
    node.evidence.says_impaired = 0;
    EXPECT_EQ(found(checker), 1U);
}

TEST_F(Liveness, FindsTheLivingWaitsForWhoCannotSignWhatTakesItsAccusationBack) {
    FindsTheLiving checker(kBounds);
    states[2].writes = false;
    states[0].nodes[1].status = Status::degraded;
    EXPECT_EQ(found(checker, 60s), 0U);
    states[2].writes = true;
    EXPECT_EQ(found(checker, 60s + kBounds.recovery()), 0U);
    EXPECT_EQ(found(checker, 61s + kBounds.recovery()), 1U);
}

TEST_F(Liveness, KnowsItIsAloneWantsAnIsolatedNodeToSaySo) {
    KnowsItIsAlone checker(kBounds);
    EXPECT_EQ(found(checker, 59s), 0U);
    cut_off(0, 59s);
    EXPECT_EQ(found(checker, 60s), 0U);
    EXPECT_EQ(found(checker, 60s + kBounds.self_diagnosis()), 0U);
    EXPECT_EQ(found(checker, 61s + kBounds.self_diagnosis()), 1U);
    states[0].view.self_health = mesh::SelfHealth::isolated;
    EXPECT_EQ(found(checker, 2min), 1U);
}

}  // namespace
}  // namespace meshmon::sim
