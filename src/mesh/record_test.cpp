#include "mesh/record.hpp"

#include <gtest/gtest.h>

#include "crypto/fingerprint.hpp"
#include "crypto/sodium.hpp"
#include "mesh/own_record.hpp"
#include "mesh/roster.hpp"
#include "wire/codec.hpp"

namespace meshmon::mesh {
namespace {

using namespace std::chrono_literals;
using Outcome = HeldRecord::Outcome;

constexpr MonoTime kNow(1h);

class RecordTest : public testing::Test {
protected:
    static OwnerIdentity identity_of(const crypto::PublicKey& key) {
        const NodeId node = *NodeId::parse("fra-1");
        return {*NetworkId::parse("prod"), node, node_tag(node), {crypto::fingerprint(key).key_tag()}, key};
    }

    OwnRecord::Content content(std::string version = "1.0.0") const {
        OwnRecord::Content content;
        content.hello.software_version = std::move(version);
        for (std::uint64_t i = 1; i <= 300; ++i) content.peers.push_back({i});
        return content;
    }

    Outcome offer(const wire::SignedRecord& record, MonoTime now = kNow) {
        const auto head = wire::decode_head(record.head);
        return held_.offer(record, *head, owner_, crypto_, now, verifications_);
    }

    wire::SignedRecord published(std::optional<wire::Version> held = std::nullopt) const { return delta(*own_.current(), held); }

    wire::SignedRecord signed_by_owner(const wire::Head& head, std::vector<Bytes> slots) const {
        wire::SignedRecord record{wire::encode(head), {}, std::move(slots)};
        record.signature = crypto_.sign(wire::signing_input(record.head));
        return record;
    }

    crypto::SodiumCrypto crypto_{crypto::generate_key_pair()};
    OwnerIdentity owner_ = identity_of(crypto_.public_key());
    OwnRecord own_{owner_, wire::BootId{1}};
    HeldRecord held_;
    std::uint64_t verifications_ = 0;
};

TEST_F(RecordTest, SlotsThatTheReceiverMakesItselfNeedNotTravel) {
    const RosterSlots made = roster_slots(content().peers, crypto_, nullptr);
    own_.begin_epoch(1);
    own_.publish(content(), crypto_, WallTime());
    const wire::SignedRecord whole = published();
    const wire::SignedRecord shorter = delta(*own_.current(), std::nullopt, &made);
    EXPECT_EQ(whole.slots.size(), shorter.slots.size() + 2) << "300 nodes are two pages";
    const auto head = wire::decode_head(shorter.head);
    EXPECT_EQ(held_.offer(shorter, *head, owner_, crypto_, kNow, verifications_), Outcome::pending) << "who has another roster";
    EXPECT_EQ(held_.offer(shorter, *head, owner_, crypto_, kNow, verifications_, nullptr, &made), Outcome::accepted);
    EXPECT_EQ(*held_.current()->slot(wire::SlotKind::peers, 1), *own_.current()->slot(wire::SlotKind::peers, 1));
}

TEST_F(RecordTest, OfAnotherRosterEverythingTravels) {
    std::vector<wire::NodeTag> others = content().peers;
    others.push_back({301});
    const RosterSlots made = roster_slots(others, crypto_, nullptr);
    own_.begin_epoch(1);
    own_.publish(content(), crypto_, WallTime());
    EXPECT_EQ(delta(*own_.current(), std::nullopt, &made).slots.size(), published().slots.size() - 1)
        << "but the page that is alike";
}

TEST_F(RecordTest, ANewerHeadWithAllItsSlotsIsTaken) {
    own_.begin_epoch(1);
    own_.publish(content(), crypto_, WallTime());
    EXPECT_EQ(offer(published()), Outcome::accepted);
    EXPECT_EQ(held_.version(), own_.current()->version);
    EXPECT_EQ(offer(published()), Outcome::known);
    EXPECT_EQ(verifications_, 1U) << "what is known is not verified again";
}

TEST_F(RecordTest, OnlyChangedSlotsTravelWithinOneEpoch) {
    own_.begin_epoch(1);
    own_.publish(content(), crypto_, WallTime());
    ASSERT_EQ(offer(published()), Outcome::accepted);
    own_.publish(content("1.0.1"), crypto_, WallTime());
    const wire::SignedRecord change = published(held_.version());
    EXPECT_EQ(change.slots.size(), 1U);
    EXPECT_EQ(offer(change), Outcome::accepted);
    own_.begin_epoch(2);
    own_.publish(content("1.0.1"), crypto_, WallTime());
    EXPECT_EQ(published(held_.version()).slots.size(), own_.current()->slots.size());
}

TEST_F(RecordTest, AHeadCountsOnlyWhenAllItsSlotsArePresent) {
    own_.begin_epoch(1);
    own_.publish(content(), crypto_, WallTime());
    ASSERT_EQ(offer(published()), Outcome::accepted);
    const auto before = held_.version();
    own_.publish(content("1.0.1"), crypto_, WallTime());
    wire::SignedRecord without = published(before);
    const std::vector<Bytes> slots = std::exchange(without.slots, {});
    EXPECT_EQ(offer(without), Outcome::pending);
    EXPECT_EQ(held_.version(), before) << "the older one stays readable";
    without.slots = slots;
    EXPECT_EQ(offer(without), Outcome::accepted);
    EXPECT_EQ(verifications_, 2U);
}

TEST_F(RecordTest, WhatCompletesAPendingHeadCannotBringAnotherSignature) {
    own_.begin_epoch(1);
    own_.publish(content(), crypto_, WallTime());
    const wire::SignedRecord good = published();
    wire::SignedRecord without = good;
    without.slots.clear();
    ASSERT_EQ(offer(without), Outcome::pending);
    wire::SignedRecord forged = good;
    forged.signature[0] ^= 0x01;
    ASSERT_EQ(offer(forged), Outcome::accepted);
    EXPECT_EQ(held_.current()->signature, good.signature) << "what is relayed must verify";
}

TEST_F(RecordTest, AnOlderHeadIsNeverTaken) {
    own_.begin_epoch(1);
    own_.publish(content("old"), crypto_, WallTime());
    const wire::SignedRecord old = published();
    own_.publish(content("new"), crypto_, WallTime());
    ASSERT_EQ(offer(published()), Outcome::accepted);
    EXPECT_EQ(offer(old), Outcome::known);
    EXPECT_EQ(held_.current()->head.seq, 2U);
}

TEST_F(RecordTest, NothingBelowTheFloorIsTakenAfterARestart) {
    own_.begin_epoch(1);
    own_.publish(content("old"), crypto_, WallTime());
    const wire::SignedRecord old = published();
    own_.publish(content("new"), crypto_, WallTime());
    held_.set_floor({owner_.node, owner_.key_tag, 1, 2, {}, {}});
    EXPECT_EQ(offer(old), Outcome::known);
    EXPECT_EQ(offer(published()), Outcome::accepted);
}

TEST_F(RecordTest, EveryFlippedBitOfHeadOrSignatureIsRefused) {
    own_.begin_epoch(1);
    own_.publish(content(), crypto_, WallTime());
    const wire::SignedRecord good = published();
    for (std::size_t i = 0; i < good.signature.size(); ++i) {
        wire::SignedRecord forged = good;
        forged.signature[i] ^= 0x01;
        EXPECT_EQ(offer(forged, kNow + i * 1s), Outcome::bad_signature) << i;
    }
    std::size_t decoded = 0;
    for (std::size_t i = 0; i < good.head.size(); ++i) {
        wire::SignedRecord forged = good;
        forged.head[i] = static_cast<char>(forged.head[i] ^ 0x01);
        const auto head = wire::decode_head(forged.head);
        if (!head) continue;
        ++decoded;
        const Outcome outcome = held_.offer(forged, *head, owner_, crypto_, kNow + 100s + i * 1s, verifications_);
        EXPECT_TRUE(outcome == Outcome::bad_signature || outcome == Outcome::malformed) << i;
    }
    EXPECT_GT(decoded, 50U);
    EXPECT_FALSE(held_.current());
}

TEST_F(RecordTest, ASlotThatIsNotTheOneSignedLeavesTheHeadPending) {
    own_.begin_epoch(1);
    own_.publish(content(), crypto_, WallTime());
    wire::SignedRecord forged = published();
    forged.slots[0][0] = static_cast<char>(forged.slots[0][0] ^ 0x01);
    EXPECT_EQ(offer(forged), Outcome::pending);
    EXPECT_FALSE(held_.current());
}

TEST_F(RecordTest, TwoHeadsOfOneVersionAndBootAreAnEquivocation) {
    own_.begin_epoch(1);
    own_.publish(content("one"), crypto_, WallTime());
    ASSERT_EQ(offer(published()), Outcome::accepted);
    OwnRecord liar(owner_, wire::BootId{1});
    liar.begin_epoch(1);
    liar.publish(content("two"), crypto_, WallTime());
    EXPECT_EQ(offer(delta(*liar.current(), std::nullopt)), Outcome::equivocation);
    OwnRecord clone(owner_, wire::BootId{2});
    clone.begin_epoch(1);
    clone.publish(content("two"), crypto_, WallTime());
    EXPECT_EQ(offer(delta(*clone.current(), std::nullopt)), Outcome::fork);
    const auto verifications = verifications_;
    for (int i = 0; i < 100; ++i) EXPECT_EQ(offer(delta(*clone.current(), std::nullopt)), Outcome::known);
    EXPECT_EQ(verifications_, verifications) << "it is told once, however often it is brought";
}

TEST_F(RecordTest, AnEquivocationIsProvenByBothHeadsToldOnceAndHeldUntilAHigherEpoch) {
    OwnRecord liar(owner_, wire::BootId{1});
    own_.begin_epoch(1);
    liar.begin_epoch(1);
    own_.publish(content("one"), crypto_, WallTime());
    liar.publish(content("two"), crypto_, WallTime());
    ASSERT_EQ(offer(published()), Outcome::accepted);
    const wire::SignedRecord other = delta(*liar.current(), std::nullopt);
    own_.publish(content("one, later"), crypto_, WallTime());
    ASSERT_EQ(offer(published()), Outcome::accepted);
    EXPECT_EQ(offer(other), Outcome::equivocation) << "though a newer one is held by now";
    ASSERT_TRUE(held_.equivocation());
    for (const wire::SignedRecord& proof : {held_.equivocation()->one, held_.equivocation()->other}) {
        EXPECT_TRUE(crypto_.verify(owner_.key, wire::signing_input(proof.head), proof.signature));
        EXPECT_EQ(wire::decode_head(proof.head)->seq, 1U);
    }
    const auto verifications = verifications_;
    EXPECT_EQ(offer(other), Outcome::known);
    EXPECT_EQ(verifications_, verifications);
    own_.begin_epoch(2);
    own_.publish(content("one"), crypto_, WallTime());
    EXPECT_EQ(offer(published()), Outcome::accepted);
    EXPECT_FALSE(held_.equivocation());
}

TEST_F(RecordTest, AnotherProcessInAnOlderVersionIsNoNews) {
    own_.begin_epoch(1);
    own_.publish(content("one"), crypto_, WallTime());
    ASSERT_EQ(offer(published()), Outcome::accepted);
    own_.publish(content("two"), crypto_, WallTime());
    ASSERT_EQ(offer(published()), Outcome::accepted);
    OwnRecord wiped(owner_, wire::BootId{2});
    wiped.begin_epoch(1);
    wiped.publish(content("one"), crypto_, WallTime());
    EXPECT_EQ(offer(delta(*wiped.current(), std::nullopt)), Outcome::known);
}

TEST_F(RecordTest, ANewerHeadOfAnotherProcessWhoseSlotsNeverComeDoesNotStandInTheWay) {
    own_.begin_epoch(1);
    own_.publish(content("one"), crypto_, WallTime());
    ASSERT_EQ(offer(published()), Outcome::accepted);
    OwnRecord clone(owner_, wire::BootId{2});
    clone.begin_epoch(1);
    for (int i = 0; i < 5; ++i) clone.publish(content("clone"), crypto_, WallTime());
    wire::SignedRecord without = delta(*clone.current(), std::nullopt);
    without.slots.clear();
    ASSERT_EQ(offer(without), Outcome::pending);
    own_.publish(content("two"), crypto_, WallTime());
    const wire::SignedRecord two = published();
    own_.publish(content("three"), crypto_, WallTime());
    wire::SignedRecord three = published();
    const std::vector<Bytes> slots = std::exchange(three.slots, {});
    EXPECT_EQ(offer(two), Outcome::accepted);
    EXPECT_EQ(offer(three), Outcome::known) << "of two that lack slots the newer one waits";
    without.slots = delta(*clone.current(), std::nullopt).slots;
    EXPECT_EQ(offer(without), Outcome::accepted);
    three.slots = slots;
    EXPECT_EQ(offer(three), Outcome::known) << "versions never fall";
}

TEST_F(RecordTest, APendingHeadThatStandsInTheWayOfAnotherProcessIsThereToBeShown) {
    own_.begin_epoch(1);
    own_.publish(content("one"), crypto_, WallTime());
    ASSERT_EQ(offer(published()), Outcome::accepted);
    OwnRecord former(owner_, wire::BootId{2});
    former.begin_epoch(1);
    for (int i = 0; i < 2; ++i) former.publish(content("former"), crypto_, WallTime());
    wire::SignedRecord without = delta(*former.current(), std::nullopt);
    without.slots.clear();
    ASSERT_EQ(offer(without), Outcome::pending);
    EXPECT_FALSE(held_.in_the_way_of(own_.current()->version)) << "what is held is in nobody's way";
    own_.publish(content("two"), crypto_, WallTime());
    EXPECT_EQ(offer(published()), Outcome::fork);
    const auto in_the_way = held_.in_the_way_of(own_.current()->version);
    ASSERT_TRUE(in_the_way);
    EXPECT_EQ(in_the_way->head, without.head);
    EXPECT_EQ(in_the_way->signature, without.signature);
    own_.publish(content("three"), crypto_, WallTime());
    EXPECT_EQ(offer(published()), Outcome::accepted);
    EXPECT_FALSE(held_.in_the_way_of(own_.current()->version));
}

TEST_F(RecordTest, APendingHeadOfAnotherProcessIsVerifiedOnceWhateverComesMeanwhile) {
    own_.begin_epoch(1);
    own_.publish(content("one"), crypto_, WallTime());
    ASSERT_EQ(offer(published()), Outcome::accepted);
    OwnRecord clone(owner_, wire::BootId{2});
    clone.begin_epoch(1);
    for (int i = 0; i < 4; ++i) clone.publish(content("clone"), crypto_, WallTime());
    wire::SignedRecord without = delta(*clone.current(), std::nullopt);
    without.slots.clear();
    ASSERT_EQ(offer(without), Outcome::pending);
    for (const char* version : {"two", "three"}) {
        own_.publish(content(version), crypto_, WallTime());
        EXPECT_EQ(offer(published()), Outcome::accepted);
    }
    own_.publish(content("four"), crypto_, WallTime());
    EXPECT_EQ(offer(published()), Outcome::fork) << "both signed version four";
    own_.publish(content("five"), crypto_, WallTime());
    EXPECT_EQ(offer(published()), Outcome::accepted);
    const std::uint64_t verified = verifications_;
    EXPECT_EQ(offer(delta(*clone.current(), std::nullopt)), Outcome::known);
    EXPECT_EQ(verifications_, verified);
}

TEST_F(RecordTest, AWellSignedHeadWithSlotsThatDoNotReadIsRefusedAndNotVerifiedTwice) {
    wire::Head head{owner_.network, owner_.node, 1, 1, {}, {}, {}, "", wire::SelfHealth::healthy, {}};
    const Bytes slot = "no reach page";
    head.slots.push_back({wire::SlotKind::reach, 0, static_cast<std::uint32_t>(slot.size()), crypto_.hash(slot), 1});
    const wire::SignedRecord record = signed_by_owner(head, {slot});
    EXPECT_EQ(offer(record), Outcome::malformed);
    EXPECT_EQ(offer(record), Outcome::known);
    EXPECT_EQ(verifications_, 1U);
    EXPECT_FALSE(held_.current());
}

TEST_F(RecordTest, ASlotThatWasKeptUnreadIsReadWhenAHeadListsItAsAKnownKind) {
    const Bytes slot = "of a newer node";
    wire::Head head{owner_.network, owner_.node, 1, 1, {}, {}, {}, "", wire::SelfHealth::healthy, {}};
    head.slots.push_back({static_cast<wire::SlotKind>(9), 0, static_cast<std::uint32_t>(slot.size()), crypto_.hash(slot), 1});
    EXPECT_EQ(offer(signed_by_owner(head, {slot})), Outcome::accepted);
    head.seq = 2;
    head.slots[0].kind = wire::SlotKind::reach;
    EXPECT_EQ(offer(signed_by_owner(head, {})), Outcome::malformed);
    EXPECT_EQ(held_.current()->head.seq, 1U);
}

TEST_F(RecordTest, APendingHeadThatTurnsOutMalformedDoesNotStandInTheWay) {
    const Bytes slot = "no reach page";
    wire::Head head{owner_.network, owner_.node, 1, 9, {}, {}, {}, "", wire::SelfHealth::healthy, {}};
    head.slots.push_back({wire::SlotKind::reach, 0, static_cast<std::uint32_t>(slot.size()), crypto_.hash(slot), 1});
    EXPECT_EQ(offer(signed_by_owner(head, {})), Outcome::pending);
    EXPECT_EQ(offer(signed_by_owner(head, {slot})), Outcome::malformed);
    EXPECT_EQ(offer(signed_by_owner(head, {slot})), Outcome::known);
    own_.begin_epoch(1);
    own_.publish(content(), crypto_, WallTime());
    EXPECT_EQ(offer(published()), Outcome::accepted);
}

TEST_F(RecordTest, AnOwnerWithMoreThanTwentyGoodHeadsASecondIsSlowedDown) {
    own_.begin_epoch(1);
    std::size_t limited = 0;
    for (int i = 0; i < 30; ++i) {
        own_.publish(content(std::to_string(i)), crypto_, WallTime());
        if (offer(published(held_.version())) == Outcome::rate_limited) ++limited;
    }
    EXPECT_EQ(limited, 10U);
    EXPECT_EQ(offer(published(held_.version()), kNow + 1s), Outcome::accepted);
}

TEST_F(RecordTest, BadSignaturesDoNotUseUpTheOwnersPace) {
    own_.begin_epoch(1);
    own_.publish(content(), crypto_, WallTime());
    wire::SignedRecord forged = published();
    forged.signature[0] ^= 0x01;
    for (int i = 0; i < 100; ++i) EXPECT_EQ(offer(forged), Outcome::bad_signature);
    EXPECT_EQ(offer(published()), Outcome::accepted);
}

}  // namespace
}  // namespace meshmon::mesh
