// A checker that cannot fail proves nothing: each is shown what it must not let pass.

#include <gtest/gtest.h>

#include "sim/checkers/keeps_trying.hpp"
#include "sim/checkers/no_false_down.hpp"
#include "sim/checkers/quorum_accuses.hpp"
#include "sim/checkers/records_hold.hpp"
#include "sim/checkers/signs_once.hpp"
#include "sim/checkers/versions_rise.hpp"
#include "sim/identity.hpp"
#include "wire/codec.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::Status;

MonoTime at(Duration since_start) { return MonoTime(since_start); }

/// Three honest nodes that have run for long, each seeing the other two as `status`.
class Checkers : public testing::Test {
protected:
    Checkers() : links(3, {}, 1) {
        for (const char* name : {"n00", "n01", "n02"}) ids.push_back(*NodeId::parse(name));
        for (std::size_t node = 0; node < 3; ++node) {
            identities.push_back(make_identity(CryptoKind::stand_in, node, node));
            keys.push_back(identities.back()->public_key());
            NodeState& state = states.emplace_back();
            state.running = true;
            state.awake_since = at(0s);
            state.view.self = ids[node];
            state.view.has_quorum = true;
            for (const NodeId& id : ids) {
                state.nodes.emplace_back().id = id;
                state.nodes.back().status = Status::up;
            }
        }
    }

    std::size_t found(Checker& checker, Duration when = 1min) {
        checker.on_step({.now = at(when), .ids = ids, .states = states, .links = links, .tries = tries});
        return checker.violations().size();
    }

    wire::SignedRecord record(std::uint64_t seq, const std::string& revision) {
        const wire::Head head{.network = *NetworkId::parse("sim"),
                              .owner = ids[1],
                              .epoch = 1,
                              .seq = seq,
                              .boot_id = {},
                              .wall = {},
                              .roster_hash = {},
                              .config_revision = revision,
                              .health = wire::SelfHealth::healthy,
                              .slots = {}};
        wire::SignedRecord record{.head = wire::encode(head), .signature = {}, .slots = {}};
        record.signature = identities[1]->sign(wire::signing_input(record.head));
        return record;
    }

    std::size_t found(Checker& checker, const wire::SignedRecord& record) {
        wire::Exchange exchange;
        exchange.records = {record};
        checker.on_message({.at = at(1s),
                            .from = 0,
                            .to = 2,
                            .exchange = exchange,
                            .crypto = *identities[2],
                            .keys = keys,
                            .former_keys = former_keys,
                            .honest = honest,
                            .ids = ids});
        return checker.violations().size();
    }

    std::vector<NodeId> ids;
    std::vector<NodeState> states;
    std::vector<bool> honest = std::vector<bool>(3, true);
    Links links;
    std::vector<MonoTime> tries = std::vector<MonoTime>(9, at(59s));
    std::vector<std::unique_ptr<crypto::Crypto>> identities;
    std::vector<crypto::PublicKey> keys;
    std::vector<std::vector<crypto::PublicKey>> former_keys = std::vector<std::vector<crypto::PublicKey>>(3);
};

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

TEST_F(Checkers, KeepsTryingFindsAPeerThatIsDialedNoMore) {
    KeepsTrying checker(1s);
    EXPECT_EQ(found(checker), 0U);
    tries[0 * 3 + 1] = at(30s);
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

}  // namespace
}  // namespace meshmon::sim
