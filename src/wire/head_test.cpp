#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/refusals_for_tests.hpp"

namespace meshmon::wire {
namespace {

Bytes head_with(auto change) {
    Head head = samples::head();
    change(head);
    return encode(head);
}

TEST(Head, ComesBackAsItWas) {
    const auto head = decode_head(encode(samples::head()));
    ASSERT_TRUE(head.has_value()) << head.error().message;
    EXPECT_EQ(head->network.str(), "home-net");
    EXPECT_EQ(head->owner.str(), "server-01");
    EXPECT_EQ(head->epoch, 3U);
    EXPECT_EQ(head->seq, 4711U);
    EXPECT_EQ(head->boot_id, samples::boot_id());
    EXPECT_EQ(head->wall, samples::wall(1'790'000'000'123));
    EXPECT_EQ(head->roster_hash, samples::roster_hash());
    EXPECT_EQ(head->config_revision, "0123456789ab");
    EXPECT_EQ(head->health, SelfHealth::healthy);
    ASSERT_EQ(head->slots.size(), 5U);
    EXPECT_EQ(head->slots[3].kind, SlotKind::reach);
    EXPECT_EQ(head->slots[3].page, 1U);
    EXPECT_EQ(head->slots[3].length, 0U);
    EXPECT_EQ(head->slots[3].hash, samples::slot_hash(0x44));
    EXPECT_EQ(head->slots[3].changed_seq, 4000U);
}

TEST(Head, KeepsTheSlotKindsOfNewerNodes) {
    const auto head = decode_head(encode(samples::head()));
    ASSERT_TRUE(head.has_value());
    EXPECT_EQ(head->slots[4].kind, SlotKind{77});
}

TEST(Head, NamesMustBeNames) {
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { head.owner = NodeId(); })), "owner");
    EXPECT_REFUSED(decode_head(encode(samples::head()) + field(1, "Home-Net")), "network");
    EXPECT_REFUSED(decode_head(encode(samples::head()) + field(2, "a b")), "owner");
    EXPECT_REFUSED(decode_head(encode(samples::head()) + field(2, std::string(65, 'a'))), "owner");
    EXPECT_REFUSED(decode_head(encode(samples::head()) + field(2, "a\xff")), "owner");
}

TEST(Head, EpochAndSeqHaveTheirRanges) {
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { head.epoch = 0; })), "epoch");
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { head.epoch = kEpochMax + 1; })), "epoch");
    EXPECT_TRUE(decode_head(head_with([](Head& head) { head.epoch = kEpochMax; })).has_value());
    EXPECT_REFUSED(decode_head(head_with([](Head& head) {
                       head.seq = 0;
                       head.slots.clear();
                   })),
                   "seq is 0");
}

TEST(Head, FixedLengthsAreExact) {
    const Bytes head = encode(samples::head());
    EXPECT_REFUSED(decode_head(head + field(5, std::string(15, 'b'))), "boot_id");
    EXPECT_REFUSED(decode_head(head + field(5, std::string(17, 'b'))), "boot_id");
    EXPECT_REFUSED(decode_head(head + field(5, "")), "boot_id");
    EXPECT_REFUSED(decode_head(head + field(7, std::string(9, 'r'))), "roster_hash");
}

TEST(Head, TimesStayBelowTwoToThe32Seconds) {
    EXPECT_REFUSED(decode_head(encode(samples::head()) + number_field(6, 4'294'967'296'000)), "wall");
    EXPECT_REFUSED(decode_head(encode(samples::head()) + number_field(6, ~std::uint64_t{0})), "wall");
    const auto early = decode_head(head_with([](Head& head) { head.wall = samples::wall(-5); }));
    ASSERT_TRUE(early.has_value());
    EXPECT_EQ(early->wall, samples::wall(0));
}

TEST(Head, RevisionsArePrintableAndShort) {
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { head.config_revision = "a\nb"; })), "config_revision");
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { head.config_revision = "caf\xc3\xa9"; })), "config_revision");
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { head.config_revision = std::string(65, 'a'); })), "config_revision");
    EXPECT_TRUE(decode_head(head_with([](Head& head) { head.config_revision = std::string(64, 'a'); })).has_value());
    EXPECT_TRUE(decode_head(head_with([](Head& head) { head.config_revision = ""; })).has_value());
}

TEST(Head, HealthIsOneOfFour) {
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { head.health = SelfHealth{0}; })), "health");
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { head.health = SelfHealth{5}; })), "health");
    EXPECT_TRUE(decode_head(head_with([](Head& head) { head.health = SelfHealth::leaving; })).has_value());
}

TEST(Head, SlotsAreOrderedAndEachOnce) {
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { std::swap(head.slots[0], head.slots[1]); })), "ordered");
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { std::swap(head.slots[2], head.slots[3]); })), "ordered");
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { head.slots[1] = head.slots[0]; })), "ordered");
}

TEST(Head, SlotsHaveTheirRanges) {
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { head.slots[0].kind = SlotKind{0}; })), "kind");
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { head.slots[0].length = kSlotBytesMax + 1; })), "4096");
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { head.slots[0].changed_seq = 0; })), "changed");
    EXPECT_REFUSED(decode_head(head_with([](Head& head) { head.slots[0].changed_seq = head.seq + 1; })), "changed");
    const Bytes short_hash = number_field(1, 99) + field(4, std::string(31, 'h')) + number_field(5, 1);
    EXPECT_REFUSED(decode_head(encode(samples::head()) + field(10, short_hash)), "hash");
}

TEST(Head, ListsAtMostTheSlotsOfTheLargestRoster) {
    const auto with_slots = [](std::uint32_t count) {
        return head_with([&](Head& head) {
            head.slots.clear();
            for (std::uint32_t i = 0; i < count; ++i) {
                head.slots.push_back({.kind = SlotKind::peers, .page = i, .length = 1, .hash = {}, .changed_seq = 1});
            }
        });
    };
    EXPECT_TRUE(decode_head(with_slots(kHeadSlotsMax)).has_value());
    EXPECT_REFUSED(decode_head(with_slots(kHeadSlotsMax + 1)), "168 slots");
    static_assert(kHeadSlotsMax == slots_max(10'000));
}

TEST(Head, GarbageIsRefused) {
    EXPECT_REFUSED(decode_head(""), "network");
    EXPECT_REFUSED(decode_head("not a head at all"), "head");
    EXPECT_REFUSED(decode_head(Bytes(kHeadBytesMax + 1, '\x0a')), "16384");
    EXPECT_REFUSED(decode_head(encode(samples::head()) + Bytes(1, '\0')), "head");
}

}  // namespace
}  // namespace meshmon::wire
