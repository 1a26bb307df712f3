#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/refusals_for_tests.hpp"

namespace meshmon::wire {
namespace {

TEST(SavedState, ComesBackAsItWas) {
    const auto state = decode_saved_state(encode(samples::saved_state()));
    ASSERT_TRUE(state.has_value());
    EXPECT_EQ(state->network.str(), "home-net");
    EXPECT_EQ(state->node.str(), "server-01");
    EXPECT_EQ(state->key, KeyTag{0xc1c2c301});
    EXPECT_EQ(state->epoch, 3U);
    ASSERT_EQ(state->floors.size(), 1U);
    EXPECT_EQ(state->floors[0].owner.str(), "server-02");
    EXPECT_EQ(state->floors[0].key, KeyTag{0xc1c2c302});
    EXPECT_EQ(state->floors[0].epoch, 9U);
    EXPECT_EQ(state->floors[0].seq, 12U);
}

TEST(SavedState, AFloorKeepsTheHeadAsItWasSigned) {
    SavedState before = samples::saved_state();
    before.floors[0].head = "head bytes";
    before.floors[0].signature.fill(7);
    const auto after = decode_saved_state(encode(before));
    ASSERT_TRUE(after);
    EXPECT_EQ(after->floors[0].head, before.floors[0].head);
    EXPECT_EQ(after->floors[0].signature, before.floors[0].signature);
}

TEST(SavedState, WhatCannotHaveBeenSavedIsRefused) {
    const auto with = [](auto change) {
        SavedState state = samples::saved_state();
        change(state);
        return decode_saved_state(encode(state));
    };
    EXPECT_REFUSED(with([](SavedState& state) { state.epoch = 0; }), "epoch");
    EXPECT_REFUSED(with([](SavedState& state) { state.epoch = kEpochMax + 1; }), "epoch");
    EXPECT_REFUSED(with([](SavedState& state) { state.network = NetworkId(); }), "network");
    EXPECT_REFUSED(with([](SavedState& state) { state.floors[0].owner = NodeId(); }), "owner");
    EXPECT_REFUSED(with([](SavedState& state) { state.floors[0].epoch = 0; }), "epoch");
    EXPECT_REFUSED(with([](SavedState& state) { state.floors[0].seq = 0; }), "seq");
    EXPECT_REFUSED(with([](SavedState& state) { state.floors[0].head.assign(kHeadBytesMax + 1, 'x'); }), "head");
    EXPECT_REFUSED(with([](SavedState& state) { state.floors.assign(kFloorsMax + 1, state.floors[0]); }), "20000");
    EXPECT_REFUSED(decode_saved_state("garbage"), "saved state");
}

TEST(SavedState, AnEmptyFileIsNoState) {
    const auto state = decode_saved_state("");
    ASSERT_FALSE(state.has_value());
    EXPECT_EQ(state.error().code, "wire.version");
}

}  // namespace
}  // namespace meshmon::wire
