// Messages to bytes and back.

#include <benchmark/benchmark.h>

#include "puppet.hpp"
#include "wire/codec.hpp"

namespace meshmon::bench {
namespace {

wire::Version version_of_node(std::size_t index) {
    return {mesh::node_tag(node_name(index)), {static_cast<std::uint32_t>(index)}, 3, 1000 + index, 0x1234};
}

/// As between two nodes that have no news for each other.
wire::Exchange quiet_exchange(std::size_t wants) {
    wire::Exchange exchange;
    exchange.network = *NetworkId::parse("bench");
    exchange.from = node_name(0);
    exchange.to = node_name(1);
    exchange.counter = 1000;
    exchange.nonce = exchange.nonce - 5;
    exchange.challenge_echo = 77;
    exchange.sent_wall = WallTime(std::chrono::seconds(1'780'000'000));
    exchange.my_version = version_of_node(0);
    exchange.your_version_held = version_of_node(1);
    for (std::size_t i = 0; i < wants; ++i) exchange.want.push_back(version_of_node(i + 2));
    exchange.config_revision = "3f1c2a9d0b7e6a54";
    exchange.software_version = "1.0.0";
    return exchange;
}

wire::Head head_of_thousand() {
    wire::Head head;
    head.network = *NetworkId::parse("bench");
    head.owner = node_name(0);
    head.epoch = 3;
    head.seq = 1000;
    head.wall = WallTime(std::chrono::seconds(1'780'000'000));
    head.config_revision = "3f1c2a9d0b7e6a54";
    head.slots.push_back({wire::SlotKind::hello, 0, 40, {}, 1});
    for (std::uint32_t page = 0; page < 4; ++page) head.slots.push_back({wire::SlotKind::peers, page, 1536, {}, 1});
    for (std::uint32_t page = 0; page < 4; ++page) head.slots.push_back({wire::SlotKind::rtt, page, 3072, {}, 900});
    return head;
}

void encode_exchange(benchmark::State& state) {
    const wire::Exchange exchange = quiet_exchange(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(wire::encode(exchange));
    state.counters["bytes"] = static_cast<double>(wire::encode(exchange).size());
}
BENCHMARK(encode_exchange)->ArgName("wants")->Arg(0)->Arg(8);

void decode_exchange(benchmark::State& state) {
    const Bytes bytes = wire::encode(quiet_exchange(static_cast<std::size_t>(state.range(0))));
    for (auto _ : state) benchmark::DoNotOptimize(wire::decode_exchange(bytes));
}
BENCHMARK(decode_exchange)->ArgName("wants")->Arg(0)->Arg(8);

void encode_head(benchmark::State& state) {
    const wire::Head head = head_of_thousand();
    for (auto _ : state) benchmark::DoNotOptimize(wire::encode(head));
    state.counters["bytes"] = static_cast<double>(wire::encode(head).size());
}
BENCHMARK(encode_head);

void decode_head(benchmark::State& state) {
    const Bytes bytes = wire::encode(head_of_thousand());
    for (auto _ : state) benchmark::DoNotOptimize(wire::decode_head(bytes));
}
BENCHMARK(decode_head);

}  // namespace
}  // namespace meshmon::bench
