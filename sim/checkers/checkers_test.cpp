// A checker that cannot fail proves nothing: each is shown what it must not let pass, and what it must.

#include "mesh/roster.hpp"
#include "sim/checkers/alone_accuses_nobody.hpp"
#include "sim/checkers/fixture_for_tests.hpp"
#include "sim/checkers/keeps_trying.hpp"
#include "sim/checkers/no_false_down.hpp"
#include "sim/checkers/quorum_accuses.hpp"
#include "sim/checkers/records_hold.hpp"
#include "sim/checkers/signs_once.hpp"
#include "sim/checkers/versions_rise.hpp"

namespace meshmon::sim {
namespace {

using mesh::Status;

const Bounds kBounds(3, 1s, 3);

TEST_F(Checkers, NoFalseDownFindsALiveNodeThatIsCalledDown) {
    NoFalseDown checker(1s);
    EXPECT_EQ(found(checker), 0U);
    states[0].nodes[1].status = Status::down;
    EXPECT_EQ(found(checker), 1U);
}

TEST_F(Checkers, NoFalseDownLetsADeadOrCutOffOrJustReturnedNodeBeDown) {
    NoFalseDown checker(1s);
    states[0].nodes[1].status = Status::down;
    states[1].awake_since = at(59s);
    EXPECT_EQ(found(checker, 1min), 0U) << "it may take two polls and two seconds";
    states[1].awake_since.reset();
    EXPECT_EQ(found(checker), 0U);
    states[1].awake_since = at(0s);
    for (const std::size_t other : {0U, 2U}) links.cut(other, 1, at(30s));
    EXPECT_EQ(found(checker), 0U);
}

TEST_F(Checkers, NoFalseDownSeesAVerdictThatIsGoneAtTheNextLook) {
    NoFalseDown checker(1s);
    const std::vector<Told> told = {calls_down(1, 59950ms)};
    states[0].told = told;
    EXPECT_EQ(found(checker), 1U);
    links.heal(at(0s));
    states[1].awake_since = at(55s);
    EXPECT_EQ(found(checker), 1U) << "when it was told, it might be so";
    states[1].awake_since = at(0s);
    for (const std::size_t other : {0U, 2U}) links.cut(other, 1, at(59970ms));
    EXPECT_EQ(found(checker), 1U) << "what does not hold now may not have held then";
}

TEST_F(Checkers, KeepsTryingFindsAPeerThatIsDialedNoMore) {
    KeepsTrying checker(1s);
    EXPECT_EQ(found(checker), 0U);
    tries[0 * 3 + 1] = at(30s);
    states[0].nodes[1].link.reset();
    EXPECT_EQ(found(checker), 0U) << "nobody is to dial it";
    states[0].nodes[1].link.emplace().dials = true;
    EXPECT_EQ(found(checker), 1U);
    states[0].awake_since.reset();
    EXPECT_EQ(found(checker), 1U) << "a paused process dials nobody";
}

TEST_F(Checkers, QuorumAccusesFindsAMinorityThatAccuses) {
    QuorumAccuses checker;
    states[0].nodes[1].status = Status::down;
    EXPECT_EQ(found(checker), 0U);
    states[0].view.has_quorum = false;
    states[0].nodes[1].reason = mesh::Reason::left;
    EXPECT_EQ(found(checker), 0U);
    states[0].nodes[1].reason = mesh::Reason::timeout;
    EXPECT_EQ(found(checker), 1U);
}

TEST_F(Checkers, QuorumAccusesCountsTheQuorumItself) {
    QuorumAccuses checker;
    states[0].nodes[1].status = Status::down;
    states[0].nodes[1].reason = mesh::Reason::timeout;
    states[0].view.nodes = 3;
    states[0].view.seen = 1;
    EXPECT_EQ(found(checker, 1min), 0U) << "it has not judged yet";
    EXPECT_EQ(found(checker, 1min + 5s), 1U) << "though it says that it has a quorum";
}

TEST_F(Checkers, QuorumAccusesCountsFromWhenItLastHadAQuorum) {
    QuorumAccuses checker;
    states[0].view.nodes = 3;
    states[0].view.seen = 1;
    EXPECT_EQ(found(checker, 50s), 0U);
    states[0].nodes[1].status = Status::down;
    states[0].nodes[1].reason = mesh::Reason::timeout;
    const std::vector<Told> told = {{at(59s), {.kind = mesh::EventKind::quorum_regained, .node = {}, .at = {}, .detail = {}}}};
    states[0].told = told;
    EXPECT_EQ(found(checker, 60s), 0U) << "it had one between two looks, and lost it a moment ago";
    states[0].told = {};
    EXPECT_EQ(found(checker, 65s), 1U);
}

TEST_F(Checkers, QuorumAccusesSeesAVerdictThatIsGoneAtTheNextLook) {
    QuorumAccuses checker;
    EXPECT_EQ(found(checker, 50s), 0U);
    const auto quorum = [](mesh::EventKind kind, Duration when) {
        return Told{at(when), {.kind = kind, .node = {}, .at = {}, .detail = {}}};
    };
    const std::vector<Told> before = {calls_down(1, 51s), quorum(mesh::EventKind::quorum_lost, 52s),
                                      quorum(mesh::EventKind::quorum_regained, 53s), calls_down(1, 54s)};
    states[0].told = before;
    EXPECT_EQ(found(checker, 55s), 0U);
    const std::vector<Told> below = {quorum(mesh::EventKind::quorum_lost, 56s), calls_down(1, 57s),
                                     quorum(mesh::EventKind::quorum_regained, 58s)};
    states[0].told = below;
    EXPECT_EQ(found(checker, 59s), 1U);
    states[0].incarnation = 2;
    EXPECT_EQ(found(checker, 60s), 1U) << "told by which process?";
}

TEST_F(Checkers, VersionsRiseFindsAFallWithinALifeAndBelowAFloor) {
    VersionsRise checker;
    states[0].nodes[1].head = wire::Version{.node = {}, .key = {7}, .epoch = 2, .seq = 5, .head_hash = 0};
    EXPECT_EQ(found(checker), 0U);
    states[0].nodes[1].head->seq = 4;
    EXPECT_EQ(found(checker), 1U);
    checker.on_beginning({.at = {}, .node = 0, .saved = {}});
    EXPECT_EQ(found(checker), 1U) << "another life without floors";
    wire::SavedState saved;
    saved.floors.push_back({.owner = ids[1], .key = {7}, .epoch = 3, .seq = 1, .head = {}, .signature = {}});
    checker.on_beginning({.at = {}, .node = 0, .saved = saved});
    EXPECT_EQ(found(checker), 2U);
}

TEST_F(Checkers, SignsOnceFindsTwoHeadsOfOneVersion) {
    SignsOnce checker;
    EXPECT_EQ(found(checker, record(1, "a")), 0U);
    EXPECT_EQ(found(checker, record(1, "a")), 0U);
    EXPECT_EQ(found(checker, record(2, "b")), 0U);
    EXPECT_EQ(found(checker, record(2, "c")), 1U);
    honest[1] = false;
    EXPECT_EQ(found(checker, record(2, "d")), 1U) << "liars may";
}

TEST_F(Checkers, RecordsHoldFindsForgedHeadsAndStraySlots) {
    RecordsHold checker;
    wire::SignedRecord good = record(1, "a");
    EXPECT_EQ(found(checker, good), 0U);
    wire::SignedRecord stray = good;
    stray.slots.push_back("not listed");
    EXPECT_EQ(found(checker, stray), 1U);
    wire::SignedRecord forged = record(2, "a");
    forged.signature = good.signature;
    EXPECT_EQ(found(checker, forged), 2U);
}

TEST_F(Checkers, AloneAccusesNobodyFindsANodeCutOffThatCallsItsPeersDown) {
    AloneAccusesNobody checker(kBounds);
    EXPECT_EQ(found(checker, 59s), 0U);
    for (const std::size_t other : {1U, 2U}) {
        links.drop(0, other, at(59s));
        links.drop(other, 0, at(59s));
    }
    EXPECT_EQ(found(checker, 60s), 0U);
    states[1].nodes[0].status = Status::down;
    EXPECT_EQ(found(checker, 61s), 0U) << "n01 and n02 are two of three";
    states[0].nodes[1].status = Status::down;
    EXPECT_EQ(found(checker, 62s), 1U);
}

/// Of five nodes that see each other.
class CheckersOfFive : public Checkers {
protected:
    CheckersOfFive() : Checkers(5) {}

    void part(std::size_t node, std::vector<std::size_t> others, Duration when) {
        for (const std::size_t other : others) {
            links.drop(node, other, at(when));
            links.drop(other, node, at(when));
        }
    }
};

/// n01 and n02 are, with it, three of five, though never both at once.
TEST_F(CheckersOfFive, AloneAccusesNobodyLetsWhoHearsAQuorumInTurnsJudge) {
    AloneAccusesNobody checker(kBounds);
    states[2].paused = true;
    states[2].awake_since.reset();
    EXPECT_EQ(found(checker, 58s), 0U);
    for (const std::size_t node : {0U, 1U, 2U}) part(node, {3, 4}, 58s);
    EXPECT_EQ(found(checker, 59s), 0U);
    part(1, {0, 2}, 59s);
    EXPECT_EQ(found(checker, 60s), 0U);
    states[2].paused = false;
    states[2].awake_since = at(60s);
    EXPECT_EQ(found(checker, 61s), 0U);
    states[0].nodes[3].status = Status::down;
    EXPECT_EQ(found(checker, 61500ms), 0U);
    EXPECT_EQ(found(checker, 200s), 0U);
    states[0].nodes[4].status = Status::down;
    EXPECT_EQ(found(checker, 201s), 1U) << "by now it can know that one of them is gone";
}

TEST_F(CheckersOfFive, AloneAccusesNobodyFindsWhoHearsTooFewInTurnsAndJudges) {
    AloneAccusesNobody checker(kBounds);
    EXPECT_EQ(found(checker, 58s), 0U);
    part(0, {2, 3, 4}, 58s);
    part(1, {2, 3, 4}, 58s);
    EXPECT_EQ(found(checker, 59s), 0U);
    part(0, {1}, 59s);
    EXPECT_EQ(found(checker, 60s), 0U);
    states[0].nodes[3].status = Status::down;
    EXPECT_EQ(found(checker, 61s), 1U);
}

TEST_F(Checkers, AloneAccusesNobodySeesAVerdictThatIsGoneAtTheNextLook) {
    AloneAccusesNobody checker(kBounds);
    EXPECT_EQ(found(checker, 58s), 0U);
    const std::vector<Told> told = {calls_down(1, 59400ms)};
    states[0].told = told;
    EXPECT_EQ(found(checker, 59500ms), 0U) << "it was well";
    states[0].resumed_at = at(59500ms);
    EXPECT_EQ(found(checker, 59600ms), 0U) << "told before its pause";
    const std::vector<Told> later = {calls_down(1, 59700ms)};
    states[0].told = later;
    EXPECT_EQ(found(checker, 59800ms), 1U);
}

TEST_F(Checkers, AloneAccusesNobodyFindsWhoJudgesAtOnceAfterItsPause) {
    AloneAccusesNobody checker(kBounds);
    EXPECT_EQ(found(checker, 59s), 0U);
    states[0].resumed_at = states[0].awake_since = at(59500ms);
    states[0].nodes[1].status = Status::down;
    EXPECT_EQ(found(checker, 60s), 1U);
}

TEST_F(Checkers, AloneAccusesNobodyFindsAnAccusationUnderAHealthyHead) {
    AloneAccusesNobody checker(kBounds);
    const auto accusing = [this](wire::SelfHealth health) {
        wire::ReachPage page;
        page.entries.push_back({mesh::node_tag(ids[1]), wire::OutState::failed, wire::InState::not_foreseen, 0, 0, {}});
        auto record = std::make_shared<mesh::Record>();
        record->head.health = health;
        record->head.slots.push_back({wire::SlotKind::reach, 0, 0, {}, 1});
        record->slots.push_back(std::make_shared<const Bytes>(wire::encode(page)));
        return record;
    };
    for (const std::size_t other : {1U, 2U}) {
        links.drop(0, other, at(10s));
        links.drop(other, 0, at(10s));
    }
    EXPECT_EQ(found(checker, 11s), 0U);
    EXPECT_EQ(found(checker, 59s), 0U);
    states[0].own_record = accusing(wire::SelfHealth::isolated);
    EXPECT_EQ(found(checker, 60s), 0U);
    states[0].own_record = std::make_shared<mesh::Record>();
    EXPECT_EQ(found(checker, 61s), 0U);
    states[0].own_record = accusing(wire::SelfHealth::healthy);
    EXPECT_EQ(found(checker, 62s), 1U);
}

}  // namespace
}  // namespace meshmon::sim
