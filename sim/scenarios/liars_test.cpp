#include <gmock/gmock.h>

#include "crypto/fingerprint.hpp"
#include "sim/liar.hpp"
#include "sim/scenarios/story_for_tests.hpp"
#include "wire/codec.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::Status;
using testing::IsEmpty;

constexpr std::size_t kLiar = 4;
constexpr std::uint64_t kHighEpoch = 1000;

/// Five nodes, of which the last is a liar that has been heard.
class Liars : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(story.begins());
        story.run_for(3s);
        story.crash(kLiar);
        liar.emplace(Liar::member(story, kLiar));
        own = liar->record(kHighEpoch, 1);
        liar->my_version = liar->version_of(own);
        liar->bend_answer = [this](const wire::Exchange&, wire::Exchange& answer) { answer.records = {own}; };
        ASSERT_EQ(liar->tell(0, {own}).status, 200);
        ASSERT_TRUE(story.reaches(see({0, 1, 2, 3}, {0, 1, 2, 3, kLiar}, Status::up), recovery_bound(story))) << "it is heard";
        ASSERT_EQ(held(0, kLiar), std::pair(kHighEpoch, std::uint64_t{1}));
    }

    [[nodiscard]] std::pair<std::uint64_t, std::uint64_t> held(std::size_t viewer, std::size_t subject) const {
        const auto head = story.node(viewer, subject).head;
        return head ? std::pair(head->epoch, head->seq) : std::pair<std::uint64_t, std::uint64_t>();
    }

    /// A true record of `owner`, as a node passes it on to who wants it.
    [[nodiscard]] wire::SignedRecord fetch(std::size_t owner) {
        (void)liar->ask(0, liar->request(0));
        wire::Exchange exchange = liar->request(0);
        exchange.want = {{.node = mesh::node_tag(story.id(owner)), .key = {crypto::fingerprint(story.key(owner)).key_tag()}}};
        const auto heard = liar->ask(0, exchange);
        if (!heard.answer) return {};
        for (const wire::SignedRecord& record : heard.answer->records) {
            const auto head = wire::decode_head(record.head);
            if (head && head->owner == story.id(owner)) return record;
        }
        return {};
    }

    /// What must hold whatever the liar told node 0.
    void expect_unmoved(const std::vector<std::string>& beliefs) {
        EXPECT_EQ(story.beliefs(0), beliefs);
        EXPECT_TRUE(story.keeps(see({0, 1, 2, 3}, {0, 1, 2, 3}, Status::up), 10s));
    }

    Story story{{.nodes = 5, .seed = 91}};
    std::optional<Liar> liar;
    wire::SignedRecord own;
};

TEST_F(Liars, AHeadAlteredInOneByteIsRefusedAndCounted) {
    for (const std::size_t place : {std::size_t{3}, std::size_t{20}, std::size_t{60}}) {
        wire::SignedRecord record = fetch(1);
        ASSERT_FALSE(record.head.empty()) << story.describe();
        record.head[record.head.size() - place] = static_cast<char>(record.head[record.head.size() - place] ^ 1);
        const auto beliefs = story.beliefs(0);
        const auto refused = story.refusals(0);
        (void)liar->tell(0, {record});
        EXPECT_EQ(story.beliefs(0), beliefs);
        EXPECT_GT(story.refusals(0), refused) << place;
        story.run_for(61s);
    }
}

TEST_F(Liars, ARecordInTheNameOfAnotherIsRefused) {
    wire::Head head = liar->head(kHighEpoch + 5, 1);
    head.owner = story.id(1);
    const auto beliefs = story.beliefs(0);
    const auto refused = story.refusals(0);
    (void)liar->tell(0, {liar->sign(head, liar->row({2, 3}))});
    EXPECT_GT(story.refusals(0), refused);
    expect_unmoved(beliefs);
}

TEST_F(Liars, ARecordOfAStrangerIsRefused) {
    wire::Head head = liar->head(1, 1);
    head.owner = *NodeId::parse("mallory");
    const auto beliefs = story.beliefs(0);
    (void)liar->tell(0, {liar->sign(head, liar->row({}))});
    expect_unmoved(beliefs);
}

TEST_F(Liars, ARecordOfAnotherNetworkIsRefused) {
    wire::Head head = liar->head(kHighEpoch + 1, 1);
    head.network = *NetworkId::parse("elsewhere");
    const auto beliefs = story.beliefs(0);
    (void)liar->tell(0, {liar->sign(head, liar->row({}))});
    expect_unmoved(beliefs);
}

TEST_F(Liars, AnOlderRecordOfAnotherChangesNothing) {
    const wire::SignedRecord older = fetch(1);
    ASSERT_FALSE(older.head.empty()) << story.describe();
    const auto before = held(0, 1);
    ASSERT_TRUE(story.reaches([&](const World&) { return held(0, 1) > before; }, 40s)) << "a node speaks again within 30 s";
    const auto beliefs = story.beliefs(0);
    (void)liar->tell(0, {older});
    EXPECT_EQ(story.beliefs(0), beliefs);
}

TEST_F(Liars, AnEpochBeyondTheLargestIsMalformedAndDoesNotSilenceTheNextRecord) {
    for (const std::uint64_t epoch : {wire::kEpochMax + 1, ~std::uint64_t{0}}) {
        const auto refused = story.refusals(0);
        (void)liar->tell(0, {liar->record(epoch, 1)});
        EXPECT_EQ(held(0, kLiar), std::pair(kHighEpoch, std::uint64_t{1})) << epoch;
        EXPECT_GT(story.refusals(0), refused) << epoch;
    }
}

TEST_F(Liars, SlotsThatTheHeadDoesNotListAreNotTaken) {
    wire::SignedRecord record = liar->record(kHighEpoch, 2, {1});
    for (Bytes& slot : record.slots) slot += '\0';
    (void)liar->tell(0, {record});
    EXPECT_EQ(held(0, kLiar), std::pair(kHighEpoch, std::uint64_t{1})) << "a head counts only with all its slots";
    EXPECT_TRUE(story.keeps(see({0, 1, 2, 3}, {0, 1, 2, 3}, Status::up), 10s));
}

TEST_F(Liars, WithholdingASlotKeepsTheOlderRecordReadable) {
    wire::SignedRecord record = liar->sign(liar->head(kHighEpoch, 2), liar->row({1}));
    record.slots.pop_back();
    (void)liar->tell(0, {record});
    EXPECT_EQ(held(0, kLiar), std::pair(kHighEpoch, std::uint64_t{1}));
    const auto whole = liar->sign(liar->head(kHighEpoch, 3), liar->row({1}));
    (void)liar->tell(0, {whole});
    EXPECT_EQ(held(0, kLiar), std::pair(kHighEpoch, std::uint64_t{3}));
}

TEST_F(Liars, AFloodOfItsOwnHeadsIsLimitedAndDisturbsNobody) {
    const auto accepted = story.counters(0).heads_accepted;
    for (std::uint64_t second = 0; second < 10; ++second) {
        for (std::uint64_t i = 0; i < 200; ++i) (void)liar->tell(0, {liar->record(kHighEpoch + 1, second * 200 + i + 1)});
        story.run_for(1s);
    }
    EXPECT_LT(story.counters(0).heads_accepted - accepted, 300U) << "20 a second, and what others signed";
    EXPECT_TRUE(story.keeps(see({0, 1, 2, 3}, {0, 1, 2, 3}, Status::up), 20s));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST_F(Liars, OneAccuserDoesNotBringAHealthyNodeDown) {
    for (std::uint64_t seq = 2; seq < 60; ++seq) {
        own = liar->record(kHighEpoch, seq, {1});
        liar->my_version = liar->version_of(own);
        for (const std::size_t node : {0U, 2U, 3U}) (void)liar->tell(node, {own});
        EXPECT_TRUE(story.keeps(never_down(1), 1s));
    }
    const mesh::NodeView node = story.node(0, 1);
    EXPECT_EQ(node.evidence.says_down, 1U) << "the accusation is shown";
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST_F(Liars, OneThatVouchesForTheDeadDoesNotHideADeath) {
    story.crash(1);
    const MonoTime end = story.now() + detection_bound(story);
    for (std::uint64_t seq = 2; story.now() < end; ++seq) {
        own = liar->record(kHighEpoch, seq);
        liar->my_version = liar->version_of(own);
        for (const std::size_t node : {0U, 2U, 3U}) (void)liar->tell(node, {own});
        story.run_for(500ms);
    }
    EXPECT_TRUE(story.reaches(see({0, 2, 3}, {1}, Status::down), 1ms));
}

TEST_F(Liars, ItsOldMessagesReflectedToItsPeersAreRefused) {
    const wire::Exchange exchange = liar->request(0);
    const Bytes sealed = liar->seal(0, exchange);
    ASSERT_EQ(story.inject(0, liar->address, sealed).status, 200);
    EXPECT_NE(story.inject(1, liar->address, sealed).status, 200) << "sealed for another";
    const auto again = story.inject(0, liar->address, sealed);
    EXPECT_FALSE(again.sealed && again.status == 200 && liar->ask(0, exchange).status == 200) << "a counter is good once";
}

TEST(Strangers, GetNothingAndChangeNothing) {
    Story story({.nodes = 3, .seed = 92});
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    const auto beliefs = story.beliefs(0);
    const auto refused = story.refusals(0);
    for (const NodeId& name : {*NodeId::parse("mallory"), story.id(1)}) {
        Liar stranger = Liar::stranger(story, name);
        for (int i = 0; i < 10; ++i) {
            const auto heard = stranger.tell(0, {stranger.record(kHighEpoch, 1, {2})});
            EXPECT_GE(heard.status, 400);
            EXPECT_FALSE(heard.answer);
        }
    }
    EXPECT_EQ(story.beliefs(0), beliefs);
    EXPECT_GT(story.refusals(0), refused);
    EXPECT_TRUE(story.keeps(all_up(), 10s));
}

TEST(Strangers, ThatFloodFromAPeersAddressDoNotLockItOut) {
    Story story({.nodes = 3, .seed = 93});
    ASSERT_TRUE(story.begins());
    Liar stranger = Liar::stranger(story, *NodeId::parse("mallory"));
    stranger.address = story.address(1);
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 100; ++i) (void)stranger.ask(0, stranger.request(0));
        EXPECT_TRUE(story.keeps(all_up(), 500ms));
    }
    EXPECT_THAT(story.accusations(), IsEmpty());
}

}  // namespace
}  // namespace meshmon::sim
