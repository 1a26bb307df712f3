// What the checkers of records, versions and budgets must not let pass.

#include "sim/checkers/advertises_what_it_holds.hpp"
#include "sim/checkers/fixture_for_tests.hpp"
#include "sim/checkers/stays_in_budget.hpp"
#include "sim/checkers/stored_records.hpp"
#include "sim/world.hpp"

namespace meshmon::sim {
namespace {

class HeldAndSent : public Checkers {
protected:
    /// n01's record as n00 would hold it.
    [[nodiscard]] mesh::Record stored(std::uint64_t seq) const {
        wire::Head head{.network = *NetworkId::parse("sim"),
                        .owner = ids[1],
                        .epoch = 1,
                        .seq = seq,
                        .boot_id = {},
                        .wall = {},
                        .roster_hash = {},
                        .config_revision = "a",
                        .health = wire::SelfHealth::healthy,
                        .slots = {}};
        const Bytes slot = "what a slot holds";
        head.slots.push_back({.kind = static_cast<wire::SlotKind>(100),
                              .page = 0,
                              .length = static_cast<std::uint32_t>(slot.size()),
                              .hash = identities[1]->hash(slot),
                              .changed_seq = 1});
        mesh::Record record;
        record.head = head;
        record.head_bytes = wire::encode(head);
        record.signature = identities[1]->sign(wire::signing_input(record.head_bytes));
        record.version =
            mesh::version_of(head, identities[1]->hash(record.head_bytes), mesh::make_identity(head.network, ids[1], keys[1]));
        record.slots.push_back(std::make_shared<const Bytes>(slot));
        return record;
    }
    void holds(mesh::Record record) {
        states[0].held_records.assign(3, nullptr);
        states[0].held_records[1] = std::make_shared<const mesh::Record>(std::move(record));
    }
    std::size_t sent(Checker& checker, std::size_t bytes, wire::ExchangeKind kind, Duration when) {
        wire::Exchange exchange;
        exchange.kind = kind;
        exchange.records = {{.head = Bytes(bytes, 'x'), .signature = {}, .slots = {}}};
        checker.on_message({.at = at(when),
                            .from = 0,
                            .to = 2,
                            .bytes = bytes + 1000,
                            .exchange = exchange,
                            .sender = nullptr,
                            .crypto = *identities[2],
                            .keys = keys,
                            .former_keys = former_keys,
                            .honest = honest,
                            .ids = ids});
        return checker.violations().size();
    }
};

TEST_F(HeldAndSent, StoredRecordsFindsForgedHeadsAndSlotsThatAreNotThoseListed) {
    StoredRecords checker;
    holds(stored(1));
    EXPECT_EQ(found(checker), 0U);
    mesh::Record forged = stored(2);
    forged.signature = stored(1).signature;
    holds(std::move(forged));
    EXPECT_EQ(found(checker), 1U);
    mesh::Record lacking = stored(3);
    lacking.slots[0].reset();
    holds(std::move(lacking));
    EXPECT_EQ(found(checker), 2U);
    mesh::Record altered = stored(4);
    altered.slots[0] = std::make_shared<const Bytes>("what a slot_holds");
    holds(std::move(altered));
    EXPECT_EQ(found(checker), 3U);
    mesh::Record misnamed = stored(5);
    misnamed.version.seq = 6;
    holds(std::move(misnamed));
    EXPECT_EQ(found(checker), 4U);
}

TEST_F(HeldAndSent, AdvertisesWhatItHoldsFindsAVersionThatIsNotHeld) {
    World world({.nodes = 3, .seed = 7});
    world.run_for(5s);
    AdvertisesWhatItHolds checker;
    const auto names = [&](const wire::Exchange& exchange) {
        checker.on_message({.at = world.now(),
                            .from = 0,
                            .to = 2,
                            .bytes = 0,
                            .exchange = exchange,
                            .sender = &world.network(0),
                            .crypto = *identities[2],
                            .keys = keys,
                            .former_keys = former_keys,
                            .honest = honest,
                            .ids = ids});
        return checker.violations().size();
    };
    wire::Exchange exchange;
    exchange.my_version = world.network(0).record(ids[0])->version;
    exchange.your_version_held = world.network(0).record(ids[2])->version;
    exchange.want = {world.network(0).record(ids[1])->version};
    EXPECT_EQ(names(exchange), 0U);
    exchange.want[0].seq += 1;
    EXPECT_EQ(names(exchange), 1U);
    exchange.want[0].epoch = exchange.want[0].seq = 0;
    EXPECT_EQ(names(exchange), 1U) << "it says that it holds nothing";
    exchange.your_version_held->epoch += 1;
    EXPECT_EQ(names(exchange), 2U);
    exchange.my_version->seq += 1;
    EXPECT_EQ(names(exchange), 4U);
}

TEST_F(HeldAndSent, StaysInBudgetFindsTooMuchInMemory) {
    StaysInBudget checker;
    states[0].holdings = {.records = 3, .pending = 3, .slots = 6 * 24, .heads = 15, .proofs = 3, .senders = 4096 + 16384};
    EXPECT_EQ(found(checker), 0U);
    ++states[0].holdings.pending;
    EXPECT_EQ(found(checker), 1U);
    states[0].holdings.slots = 6 * 24 + 1;
    EXPECT_EQ(found(checker), 3U);
}

TEST_F(HeldAndSent, StaysInBudgetFindsTooManyVerifications) {
    StaysInBudget checker;
    states[0].exchanged = 1;
    states[0].verified = 61;
    states[0].bad_signatures = 1;
    EXPECT_EQ(found(checker, 60s), 0U) << "20 of each owner at once";
    states[0].verified += 60;
    EXPECT_EQ(found(checker, 61s), 0U) << "and 20 a second";
    states[0].verified += 7;
    EXPECT_EQ(found(checker, 61100ms), 1U);
    states[0].verified += 1;
    states[0].bad_signatures += 1;
    EXPECT_EQ(found(checker, 61200ms), 2U) << "one message brings one bad signature at most";
}

TEST_F(HeldAndSent, StaysInBudgetFindsAHeadVerifiedTwice) {
    StaysInBudget checker;
    const auto verifies = [&](std::uint64_t incarnation, std::uint64_t seq, bool good) {
        const Bytes input = wire::signing_input(record(seq, "a").head);
        checker.on_verification({.at = at(1s),
                                 .host = 0,
                                 .incarnation = incarnation,
                                 .roster_since = {},
                                 .input = input,
                                 .good = good,
                                 .honest = honest,
                                 .ids = ids});
        return checker.violations().size();
    };
    EXPECT_EQ(verifies(1, 1, true), 0U);
    EXPECT_EQ(verifies(1, 2, true), 0U);
    EXPECT_EQ(verifies(1, 3, false), 0U);
    EXPECT_EQ(verifies(1, 3, false), 0U) << "others may bring it again";
    EXPECT_EQ(verifies(2, 1, true), 0U) << "another process";
    EXPECT_EQ(verifies(2, 1, true), 1U);
    honest[1] = false;
    EXPECT_EQ(verifies(2, 1, true), 1U) << "who lies may sign two in turns";
}

TEST_F(HeldAndSent, StaysInBudgetFindsTooManyBytes) {
    StaysInBudget checker;
    constexpr std::size_t kMiB = 1024 * 1024;
    EXPECT_EQ(sent(checker, kMiB / 4 + 1, wire::ExchangeKind::request, 1s), 1U);
    std::size_t answers = 0;
    while (sent(checker, kMiB / 8, wire::ExchangeKind::answer, 2s) == 1 && answers < 100) ++answers;
    EXPECT_EQ(answers, 9U) << "a MiB at once, and the message that reaches it";
}

}  // namespace
}  // namespace meshmon::sim
