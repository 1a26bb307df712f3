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
constexpr std::uint64_t kEpoch = 1000;
constexpr int kSeconds = 10;
constexpr int kPerSecond = 200;

std::uint64_t refused(const World& world, std::size_t node, std::string_view name) {
    const auto& all = world.counters(node).refused;
    const auto found = all.find(name);
    return found == all.end() ? 0 : found->second;
}

TEST(Flood, OfGarbageFromTenThousandAddressesDisturbsNobody) {
    Story story({.nodes = 3, .seed = 171});
    ASSERT_TRUE(story.begins());
    Random random(171);
    for (int second = 0; second < kSeconds; ++second) {
        for (int i = 0; i < 5000; ++i) {
            Bytes bytes(1 + random.below(300), static_cast<char>(wire::kProtocolVersion));
            for (std::size_t at = 1; at < bytes.size(); ++at) bytes[at] = static_cast<char>(random.below(256));
            const auto reply =
                story.inject(0, "10.1." + std::to_string(random.below(100)) + "." + std::to_string(i % 100), bytes);
            EXPECT_GE(reply.status, 400);
        }
        EXPECT_TRUE(story.keeps(all_up(), 1s));
    }
    EXPECT_LT(story.counters(0).heads_verified, 100U) << "no signature is looked at";
    EXPECT_THAT(story.accusations(), IsEmpty());
}

/// Whoever is heard is tried; where nothing listens at its URL, its own pace must not become that of the tries.
TEST(Flood, OfRequestsByAMemberThatListensNowhereDrawsFiveTriesASecondAtMost) {
    Story story({.nodes = 5, .seed = 173});
    ASSERT_TRUE(story.begins());
    story.crash(kLiar);
    Liar liar = Liar::thief(story, kLiar);
    liar.my_version = liar.version_of(liar.record(kEpoch, 1));
    const std::uint64_t before = story.counters(0).exchanges_started;
    for (int request = 0; request < kSeconds * kPerSecond; ++request) {
        ASSERT_EQ(liar.tell(0, {}).status, 200);
        story.run_for(1000ms / kPerSecond);
    }
    constexpr std::uint64_t kRegular = 4 * (kSeconds + 2);  // jitter shortens polls
    EXPECT_LT(story.counters(0).exchanges_started - before, kRegular + 5U * kSeconds);
}

/// Four honest nodes, and a member that floods the first of them.
class FloodByAMember : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(story.begins());
        story.run_for(3s);
        story.crash(kLiar);
        liar.emplace(Liar::member(story, kLiar));
        own = liar->record(kEpoch, 1);
        liar->my_version = liar->version_of(own);
        liar->bend_answer = [this](const wire::Exchange&, wire::Exchange& answer) { answer.records = {own}; };
        ASSERT_EQ(liar->tell(0, {own}).status, 200);
        story.run_for(5s);
        before = story.counters(0);
    }

    /// `send` is called 200 times a second, for ten seconds.
    template <typename Send>
    void flood(Send send) {
        std::uint64_t number = 0;
        for (int second = 0; second < kSeconds; ++second) {
            for (int i = 0; i < kPerSecond; ++i) send(++number);
            EXPECT_TRUE(story.keeps(see({0, 1, 2, 3}, {0, 1, 2, 3}, Status::up), 1s));
        }
        EXPECT_THAT(story.accusations(), IsEmpty());
    }

    /// Slots of kinds that nobody knows yet, as large as they may be, with a content of their own.
    [[nodiscard]] wire::SignedRecord large(std::uint64_t seq, std::size_t slots) {
        wire::Head head = liar->head(kEpoch + 1, seq);
        wire::SignedRecord record;
        for (std::size_t page = 0; page < slots; ++page) {
            Bytes slot(wire::kSlotBytesMax, 'x');
            slot.replace(0, 16, std::to_string(seq) + "/" + std::to_string(page) + std::string(16, ' '), 0, 16);
            head.slots.push_back({.kind = static_cast<wire::SlotKind>(100),
                                  .page = static_cast<std::uint32_t>(page),
                                  .length = static_cast<std::uint32_t>(slot.size()),
                                  .hash = liar->crypto().hash(slot),
                                  .changed_seq = seq});
            record.slots.push_back(std::move(slot));
        }
        record.head = wire::encode(head);
        record.signature = liar->crypto().sign(wire::signing_input(record.head));
        return record;
    }

    Story story{{.nodes = 5, .seed = 172}};
    std::optional<Liar> liar;
    wire::SignedRecord own;
    mesh::Counters before;
};

TEST_F(FloodByAMember, OfLargestRecordsIsHeldOnceAndVerifiedTwentyTimesASecond) {
    flood([this](std::uint64_t number) { (void)liar->tell(0, {large(number, 24)}); });
    EXPECT_LT(story.counters(0).record_bytes, before.record_bytes + 24 * wire::kSlotBytesMax + wire::kHeadBytesMax);
    EXPECT_LT(story.counters(0).heads_verified - before.heads_verified, 20U * (kSeconds + 1) + 50U);
    (void)liar->tell(0, {large(1'000'000, 25)});
    EXPECT_GT(refused(story, 0, "malformed_record"), 0U) << "more slots than a roster of this size needs";
}

TEST_F(FloodByAMember, OfHeadsWithoutTheirSlotsIsVerifiedTwentyTimesASecond) {
    flood([this](std::uint64_t number) {
        wire::SignedRecord record = large(number, 24);
        record.slots.clear();
        (void)liar->tell(0, {record});
    });
    EXPECT_LT(story.counters(0).heads_verified - before.heads_verified, 20U * (kSeconds + 1) + 50U);
    EXPECT_EQ(story.node(0, kLiar).head->epoch, kEpoch) << "a head counts only with all its slots";
}

/// Each of them would lift its epoch, and from the third on waits until it may.
TEST_F(FloodByAMember, OfHeadsUnderTheStolenKeyOfWhoIsFloodedIsVerifiedTwentyTimesASecond) {
    const Liar thief = Liar::thief(story, 0);
    flood([&](std::uint64_t number) { (void)liar->tell(0, {thief.record(kEpoch + number, 1)}); });
    EXPECT_LT(story.counters(0).heads_verified - before.heads_verified, 20U * (kSeconds + 1) + 50U);
    EXPECT_GT(refused(story, 0, "owner_rate"), 0U);
    EXPECT_GT(story.told(0, mesh::EventKind::clone_suspected, 0), 0U);
}

TEST_F(FloodByAMember, OfForgedHeadsOfOthersIsVerifiedOnceAMinute) {
    flood([this](std::uint64_t number) {
        wire::Head head = liar->head(kEpoch + number, 1);
        head.owner = story.id(1 + number % 3);
        (void)liar->tell(0, {liar->sign(head, liar->row({}))});
    });
    EXPECT_EQ(refused(story, 0, "bad_signature"), 1U);
    EXPECT_LT(story.counters(0).heads_verified - before.heads_verified, 50U) << "what the honest ones signed";
}

TEST_F(FloodByAMember, OfForgedHeadsOfTheReceiverItselfIsVerifiedOnceAMinute) {
    flood([this](std::uint64_t number) {
        wire::Head head = liar->head(kEpoch + number, 1);
        head.owner = story.id(0);
        (void)liar->tell(0, {liar->sign(head, liar->row({}))});
    });
    EXPECT_EQ(refused(story, 0, "bad_signature"), 1U);
    EXPECT_EQ(story.told(0, mesh::EventKind::epoch_jumped, 0), 0U);
}

TEST_F(FloodByAMember, ThatAsksForEverythingGetsItsShareOfBytes) {
    flood([this](std::uint64_t) {
        wire::Exchange exchange = liar->request(0);
        for (std::size_t node = 1; node < kLiar; ++node) {
            const wire::Version want{mesh::node_tag(story.id(node)), {crypto::fingerprint(story.key(node)).key_tag()}, 0, 0, 0};
            exchange.want.insert(exchange.want.end(), 50, want);
        }
        (void)liar->ask(0, exchange);
    });
    constexpr std::uint64_t kRecords = (kSeconds + 4) * 256U * 1024U;
    constexpr std::uint64_t kAnswersAndPeers = kSeconds * (kPerSecond + 40U) * 500U;
    EXPECT_LT(story.counters(0).bytes_sent - before.bytes_sent, kRecords + kAnswersAndPeers);
}

}  // namespace
}  // namespace meshmon::sim
