// What the checkers of a core that is left in peace must not let pass: L3, L4 and L6.

#include "sim/checkers/converges.hpp"
#include "sim/checkers/fixture_for_tests.hpp"
#include "sim/checkers/names_sides.hpp"
#include "sim/checkers/speaks_again.hpp"

namespace meshmon::sim {
namespace {

const Bounds kBounds(3, 1s, 3);

class CalmCore : public Checkers {
protected:
    CalmCore() {
        for (std::size_t node = 0; node < 3; ++node) signs(node, 1, 1);
        everybody_holds_all();
        for (NodeState& state : states) state.view.partition.sides = {ids};
    }
    void signs(std::size_t owner, std::uint64_t epoch, std::uint64_t seq) {
        auto record = std::make_shared<mesh::Record>();
        record->version.epoch = epoch;
        record->version.seq = seq;
        states[owner].own_record = std::move(record);
    }
    void everybody_holds_all() {
        for (NodeState& state : states) {
            for (std::size_t owner = 0; owner < 3; ++owner) state.nodes[owner].head = states[owner].own_record->version;
        }
    }
    void sever(std::size_t a, std::size_t b, Duration when) {
        links.drop(a, b, at(when));
        links.drop(b, a, at(when));
    }
};

TEST_F(CalmCore, ConvergesWantsNewsOfFivePollsAgo) {
    Converges checker(kBounds);
    EXPECT_EQ(found(checker, 60s), 0U);
    signs(2, 1, 2);
    EXPECT_EQ(found(checker, 61s), 0U);
    EXPECT_EQ(found(checker, 65900ms), 0U) << "five polls may pass";
    signs(2, 1, 3);
    states[0].nodes[2].head = wire::Version{.node = {}, .key = {}, .epoch = 1, .seq = 2, .head_hash = 0};
    EXPECT_EQ(found(checker, 66s), 1U) << "n01 still holds the first one; what was signed since need not be known";
    sever(1, 2, 66500ms);
    EXPECT_EQ(found(checker, 67s), 1U) << "the core is calm no more";
    EXPECT_EQ(found(checker, 76s), 3U) << "over n00 it comes round; and n00 does not hold the last one by now";
}

TEST_F(CalmCore, ConvergesExpectsNothingOfWhoIsCutOffOrJustBack) {
    Converges checker(kBounds);
    EXPECT_EQ(found(checker, 60s), 0U);
    signs(2, 1, 2);
    sever(0, 2, 60s);
    sever(1, 2, 60s);
    EXPECT_EQ(found(checker, 70s), 0U);
    EXPECT_EQ(found(checker, 80s), 0U);
    links.heal(at(80s));
    EXPECT_EQ(found(checker, 80s + kBounds.convergence()), 0U);
    states[2].writes = false;
    EXPECT_EQ(found(checker, 80s + kBounds.recovery() + kBounds.convergence()), 0U) << "who cannot save an epoch cannot sign";
    states[2].writes = true;
    EXPECT_EQ(found(checker, 80s + 2 * (kBounds.recovery() + kBounds.convergence())), 2U);
}

TEST_F(CalmCore, SpeaksAgainWantsWhoLostItsDiskHeardUnderItsEpoch) {
    SpeaksAgain checker(kBounds);
    EXPECT_EQ(found(checker, 60s), 0U);
    states[2].awake_since = at(60s);
    signs(2, 9, 1);
    states[0].nodes[2].head->epoch = 9;
    EXPECT_EQ(found(checker, 60s + kBounds.recovery()), 0U);
    EXPECT_EQ(found(checker, 61s + kBounds.recovery()), 1U) << "n01 has not heard it";
    states[2].writes = false;
    EXPECT_EQ(found(checker, 62s + kBounds.recovery()), 1U) << "whose disk is full can sign nothing";
    states[2].writes = true;
    EXPECT_EQ(found(checker, 63s + 2 * kBounds.recovery()), 2U);
    states[2].own_record.reset();
    EXPECT_EQ(found(checker, 64s + 2 * kBounds.recovery()), 4U) << "it never speaks";
}

TEST_F(CalmCore, SpeaksAgainWantsWhoIsShownItsNewerHeadAboveIt) {
    SpeaksAgain checker(kBounds);
    EXPECT_EQ(found(checker, 60s), 0U);
    for (const std::size_t viewer : {0U, 1U}) states[viewer].nodes[2].head->epoch = 5;
    states[2].view.head = states[2].own_record->version;
    EXPECT_EQ(found(checker, 60s + kBounds.recovery()), 0U);
    EXPECT_EQ(found(checker, 61s + 2 * kBounds.recovery()), 2U) << "it lost its disk, and goes on below what others hold of it";
    const mesh::Event jump{.kind = mesh::EventKind::epoch_jumped, .node = ids[2], .at = {}, .detail = {}};
    const std::vector<Told> told = {{at(69s), jump}, {at(70s), jump}};
    states[2].told = told;
    EXPECT_EQ(found(checker, 71s), 2U);
    states[2].told = {};
    EXPECT_EQ(found(checker, 80s), 2U) << "it may wait before a third jump";
    EXPECT_EQ(found(checker, 81s + kBounds.recovery()), 4U);
}

TEST_F(CalmCore, SpeaksAgainGivesTimeToHearAnEpochThatWasJustJumpedTo) {
    SpeaksAgain checker(kBounds);
    EXPECT_EQ(found(checker, 60s), 0U);
    const std::vector<Told> told = {{at(69s), {.kind = mesh::EventKind::epoch_jumped, .node = ids[2], .at = {}, .detail = {}}}};
    states[2].told = told;
    signs(2, 2, 1);
    EXPECT_EQ(found(checker, 69s), 0U) << "who was away showed it a head of before, and is the first to hear the next one";
    states[2].told = {};
    EXPECT_EQ(found(checker, 69s + kBounds.recovery()), 0U);
    EXPECT_EQ(found(checker, 70s + kBounds.recovery()), 2U);
}

TEST_F(CalmCore, SpeaksAgainTakesTheWordOfWhoKnowsThatItIsCloned) {
    SpeaksAgain checker(kBounds);
    states[2].own_record.reset();
    const std::vector<Told> told = {
        {at(59s), {.kind = mesh::EventKind::clone_suspected, .node = ids[2], .at = {}, .detail = {}}}};
    states[2].told = told;
    EXPECT_EQ(found(checker, 60s), 0U);
    states[2].told = {};
    EXPECT_EQ(found(checker, 70s), 0U);
    states[2].awake_since = at(60s);
    EXPECT_EQ(found(checker, 80s), 2U) << "another process said that";
}

TEST_F(CalmCore, SpeaksAgainWantsACloneNamedByAllThatCanHearBoth) {
    SpeaksAgain checker(kBounds);
    links = Links(4, {}, 1);
    states[2].cloned = true;
    states[2].clone = Clone{.host = 3, .awake_since = at(60s)};
    links.cut(3, 1, at(60s));
    EXPECT_EQ(found(checker, 60s + kBounds.recovery()), 0U);
    EXPECT_EQ(found(checker, 61s + kBounds.recovery()), 1U) << "n00 says nothing; n01 cannot know";
    const std::vector<Told> told = {
        {at(63s), {.kind = mesh::EventKind::clone_suspected, .node = ids[2], .at = {}, .detail = {}}}};
    states[0].told = told;
    EXPECT_EQ(found(checker, 62s + kBounds.recovery()), 1U);
}

TEST_F(CalmCore, NamesSidesWantsExactlyTheSidesThatThereAre) {
    NamesSides checker(kBounds);
    EXPECT_EQ(found(checker, 60s), 0U);
    EXPECT_EQ(found(checker, 65s), 0U);
    sever(0, 2, 65s);
    const auto broken = [&](std::size_t viewer) { states[viewer].view.partition.broken_links = {{ids[0], ids[2]}}; };
    for (const std::size_t viewer : {0U, 1U}) broken(viewer);
    EXPECT_EQ(found(checker, 66s), 0U);
    EXPECT_EQ(found(checker, 65s + kBounds.partition()), 0U);
    EXPECT_EQ(found(checker, 66s + kBounds.partition()), 1U) << "n02 does not name the broken link";
    broken(2);
    EXPECT_EQ(found(checker, 67s + kBounds.partition()), 1U);
    states[1].view.partition.sides = {{ids[0], ids[1]}, {ids[2]}};
    EXPECT_EQ(found(checker, 68s + kBounds.partition()), 2U) << "n01 links them";
}

TEST_F(CalmCore, NamesSidesPlacesNobodyWhoIsLost) {
    NamesSides checker(kBounds);
    sever(0, 2, 60s);
    sever(1, 2, 60s);
    states[2].view.self_health = mesh::SelfHealth::isolated;
    states[2].view.partition.sides.clear();
    for (const std::size_t viewer : {0U, 1U}) states[viewer].nodes[2].status = mesh::Status::down;
    for (const std::size_t other : {0U, 1U}) states[2].nodes[other].status = mesh::Status::unknown;
    EXPECT_EQ(found(checker, 61s), 0U);
    EXPECT_EQ(found(checker, 70s), 2U) << "n00 and n01 still place n02";
    for (const std::size_t viewer : {0U, 1U}) states[viewer].view.partition.sides = {{ids[0], ids[1]}};
    EXPECT_EQ(found(checker, 71s), 2U);
}

TEST_F(CalmCore, NamesSidesExpectsNothingOfWhatNobodyCouldSign) {
    NamesSides checker(kBounds);
    for (const std::size_t viewer : {0U, 1U}) states[viewer].view.partition.sides = {{ids[0], ids[1]}};
    states[2].writes = false;
    EXPECT_EQ(found(checker, 60s), 0U);
    EXPECT_EQ(found(checker, 70s), 0U) << "it said last that it is isolated, and cannot save the epoch to say otherwise in";
    states[2].writes = true;
    EXPECT_EQ(found(checker, 71s), 0U);
    EXPECT_EQ(found(checker, 71s + kBounds.recovery()), 0U);
    EXPECT_EQ(found(checker, 72s + kBounds.recovery()), 2U);
}

TEST(NameSides, FindsGroupsWithTheirBridge) {
    const auto linked = [](std::size_t a, std::size_t b) { return a != b && (a == 2 || b == 2 || (a < 2) == (b < 2)); };
    const auto foreseen = [](std::size_t, std::size_t) { return true; };
    const NamedSides named = name_sides({0, 1, 2, 3, 4}, linked, foreseen);
    EXPECT_EQ(named.sides, (std::set<NamedSides::Side>{{0, 1, 2, 3, 4}}));
    EXPECT_EQ(named.groups, (std::set<NamedSides::Side>{{0, 1}, {3, 4}}));
    EXPECT_EQ(named.bridges, NamedSides::Side{2});
    EXPECT_TRUE(named.broken_links.empty());
    EXPECT_EQ(name_sides({0, 1, 3, 4}, linked, foreseen).sides, (std::set<NamedSides::Side>{{0, 1}, {3, 4}}));
    EXPECT_EQ(name_sides({0, 2, 3}, linked, foreseen).broken_links, (std::set<std::pair<std::size_t, std::size_t>>{{0, 3}}));
}

}  // namespace
}  // namespace meshmon::sim
