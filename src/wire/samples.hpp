#pragma once

#include "base/hex_for_tests.hpp"
#include "wire/messages.hpp"

/// One value of each message, for tests and for the corpora in fuzz/. Their bytes are in golden_test.cpp.
namespace meshmon::wire::samples {

inline NetworkId network() { return NetworkId::parse("home-net").value(); }
inline NodeId node(std::string_view name) { return NodeId::parse(name).value(); }
inline WallTime wall(std::int64_t ms) { return WallTime(WallTime::duration(ms)); }
inline BootId boot_id() { return array_from_hex<16>("b0b1b2b3b4b5b6b7b8b9babbbcbdbebf"); }
inline RosterHash roster_hash() { return array_from_hex<8>("5a5b5c5d5e5f6061"); }

inline SlotHash slot_hash(std::uint8_t fill) {
    SlotHash hash;
    hash.fill(fill);
    return hash;
}

/// Versions with different tags; epoch 3, seq 4711.
inline Version version(std::uint64_t number) {
    return {.node = {0xa1a2a3a4a500 + number},
            .key = {0xc1c2c300 + static_cast<std::uint32_t>(number)},
            .epoch = 3,
            .seq = 4711,
            .head_hash = 0xd1d2d3d4};
}

inline Head head() {
    Head head;
    head.network = network();
    head.owner = node("server-01");
    head.epoch = 3;
    head.seq = 4711;
    head.boot_id = boot_id();
    head.wall = wall(1'790'000'000'123);
    head.roster_hash = roster_hash();
    head.config_revision = "0123456789ab";
    head.health = SelfHealth::healthy;
    head.slots = {
        {.kind = SlotKind::hello, .page = 0, .length = 25, .hash = slot_hash(0x11), .changed_seq = 1},
        {.kind = SlotKind::peers, .page = 0, .length = 14, .hash = slot_hash(0x22), .changed_seq = 1},
        {.kind = SlotKind::reach, .page = 0, .length = 15, .hash = slot_hash(0x33), .changed_seq = 4711},
        {.kind = SlotKind::reach, .page = 1, .length = 0, .hash = slot_hash(0x44), .changed_seq = 4000},
        {.kind = SlotKind{77}, .page = 0, .length = 4096, .hash = slot_hash(0x55), .changed_seq = 12},
    };
    return head;
}

inline Hello hello() {
    return {.software_version = "1.0.0", .capabilities = {"relay", "rtt-pages"}, .started = wall(1'789'999'000'000)};
}

inline PeersPage peers() { return {.nodes = {{1}, {0x0203040506}, {0xffffffffffff}}}; }

inline ReachPage reach() {
    return {.entries = {
                {.node = {0x0203040506},
                 .out = OutState::failed,
                 .in = InState::silent,
                 .flags = 0,
                 .reason = 3,
                 .since = wall(1'789'999'990'000)},
                {.node = {0xa1a2a3a4a5a6},
                 .out = OutState::ok,
                 .in = InState::not_foreseen,
                 .flags = 3,
                 .reason = 200,
                 .since = wall(1'790'000'000'000)},
            }};
}

inline RttPage rtt() {
    return {.entries = {{.node = {1}, .rtt_us = 420, .loss_permille = 0},
                        {.node = {0xffffffffffff}, .rtt_us = 1'500'000, .loss_permille = 1000}}};
}

inline Answers answers() { return {.accusations = {version(1), version(2)}}; }

/// A request that asks for two owners and carries one record.
inline Exchange request() {
    Exchange exchange;
    exchange.kind = ExchangeKind::request;
    exchange.network = network();
    exchange.from = node("server-01");
    exchange.to = node("server-02");
    exchange.boot_id = boot_id();
    exchange.counter = 1001;
    exchange.nonce = 0x0102030405060708;
    exchange.challenge_echo = 0x1112131415161718;
    exchange.sent_wall = wall(1'790'000'000'123);
    exchange.my_version = version(1);
    exchange.your_version_held = version(2);
    exchange.want = {version(3), Version{.node = {0xa1a2a3a4a504}, .key = {0xc1c2c304}}};
    SignedRecord record{.head = "head bytes", .signature = {}, .slots = {"slot one", ""}};
    record.signature.fill(0x99);
    exchange.records = {record};
    exchange.roster_hash = roster_hash();
    exchange.config_revision = "0123456789ab";
    exchange.software_version = "1.0.0";
    return exchange;
}

/// What is sent when nothing changed: no records, `wants` owners checked in rotation.
inline Exchange idle_request(std::size_t wants) {
    Exchange exchange = request();
    exchange.records.clear();
    exchange.want.clear();
    for (std::size_t i = 0; i < wants; ++i) exchange.want.push_back(version(10 + i));
    return exchange;
}

inline Exchange idle_answer() {
    Exchange exchange = idle_request(0);
    exchange.kind = ExchangeKind::answer;
    exchange.from = node("server-02");
    exchange.to = node("server-01");
    exchange.counter = 0;
    exchange.challenge = 0x2122232425262728;
    exchange.challenge_echo.reset();
    exchange.received_wall = wall(1'790'000'000'150);
    exchange.accepted = true;
    return exchange;
}

inline Envelope envelope() {
    return {.sender = 0xf1f2f3f4f5f6f7f8,
            .nonce = array_from_hex<24>("000102030405060708090a0b0c0d0e0f1011121314151617"),
            .box = "sixteen or more bytes"};
}

inline SavedState saved_state() {
    return {.network = network(),
            .node = node("server-01"),
            .key = {0xc1c2c301},
            .epoch = 3,
            .floors = {{.owner = node("server-02"), .key = {0xc1c2c302}, .epoch = 9, .seq = 12, .head = {}, .signature = {}}}};
}

}  // namespace meshmon::wire::samples
