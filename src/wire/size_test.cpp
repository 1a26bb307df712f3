#include <gtest/gtest.h>

#include <iostream>

#include "wire/codec.hpp"
#include "wire/samples.hpp"

/// What a message may cost at most: idle exchanges are most of what a mesh sends.
namespace meshmon::wire {
namespace {

std::size_t shown(std::string_view what, std::size_t size) {
    std::cout << "[ bytes    ] " << what << ": " << size << '\n';
    return size;
}

TEST(Size, AnIdleRequestStaysBelow300Bytes) {
    EXPECT_LE(shown("request, 8 wants", encode(samples::idle_request(8)).size()), 300U);
    EXPECT_LE(shown("answer, no wants", encode(samples::idle_answer()).size()), 200U);
}

TEST(Size, TwoHundredFiftySixWantsStayBelow5KiB) {
    EXPECT_LE(shown("request, 256 wants", encode(samples::idle_request(kWantMax)).size()), 5120U);
}

TEST(Size, AHeadTakesAtMost100BytesAnd46ForEachSlot) {
    Head head = samples::head();
    const std::size_t with_slots = encode(head).size();
    head.slots.clear();
    const std::size_t bare = shown("head without slots", encode(head).size());
    EXPECT_LE(bare, 100U);
    EXPECT_LE(shown("head with 5 slots", with_slots), bare + 5 * 46U);
}

TEST(Size, AFullPageFitsIntoASlot) {
    PeersPage peers;
    ReachPage reach;
    RttPage rtt;
    for (std::uint64_t i = 0; i < kPageNodesMax; ++i) {
        peers.nodes.push_back({i});
        reach.entries.push_back({.node = {i},
                                 .out = OutState::failed,
                                 .in = InState::silent,
                                 .flags = 3,
                                 .reason = 3,
                                 .since = samples::wall(1'790'000'000'000)});
        rtt.entries.push_back({.node = {i}, .rtt_us = 4'000'000'000, .loss_permille = 1000});
    }
    EXPECT_LE(shown("peers page, 256 nodes", encode(peers).size()), kSlotBytesMax);
    EXPECT_LE(shown("reach page, 256 nodes", encode(reach).size()), kSlotBytesMax);
    EXPECT_LE(shown("rtt page, 256 nodes", encode(rtt).size()), kSlotBytesMax);
    EXPECT_TRUE(decode_peers(encode(peers)).has_value());
    EXPECT_TRUE(decode_reach(encode(reach)).has_value());
    EXPECT_TRUE(decode_rtt(encode(rtt)).has_value());
}

TEST(Size, EncodedSizeIsWhatARecordAdds) {
    Exchange exchange = samples::request();
    exchange.records.clear();
    for (const std::size_t head_size : {1U, 127U, 128U, 300U, 16384U}) {
        for (const std::size_t slots : {0U, 1U, 20U, 168U}) {
            SignedRecord record{.head = Bytes(head_size, 'h'), .signature = {}, .slots = {}};
            for (std::size_t i = 0; i < slots; ++i) record.slots.emplace_back(i * 24, 's');
            const std::size_t before = encode(exchange).size();
            exchange.records.push_back(record);
            EXPECT_EQ(encode(exchange).size() - before, encoded_size(record))
                << head_size << " head bytes, " << slots << " slots";
        }
    }
    EXPECT_TRUE(decode_exchange(encode(exchange)).has_value());
}

}  // namespace
}  // namespace meshmon::wire
