// The mesh alone, without sockets: exchanges between two real networks, and one real network among a thousand.

#include <memory>

#include <benchmark/benchmark.h>

#include "network_pair.hpp"
#include "puppet_mesh.hpp"

namespace meshmon::bench {
namespace {

constexpr std::size_t kThousand = 1000;

void exchange_between_two(benchmark::State& state) {
    Now now = some_moment();
    NetworkPair pair(now);
    for (int i = 0; i < 100; ++i) pair.exchange(static_cast<std::size_t>(i % 2), now);
    NetworkPair::Sizes sum;
    std::size_t turn = 0;
    for (auto _ : state) {
        const NetworkPair::Sizes sizes = pair.exchange(turn++ % 2, now);
        sum.request += sizes.request;
        sum.answer += sizes.answer;
    }
    const auto count = static_cast<double>(state.iterations());
    state.counters["request_bytes"] = static_cast<double>(sum.request) / count;
    state.counters["answer_bytes"] = static_cast<double>(sum.answer) / count;
}
BENCHMARK(exchange_between_two);

/// A mesh of puppets that has lived for two polls; made once, since it takes a second.
PuppetMesh& thousand() {
    static const auto mesh = [] {
        auto made = std::make_unique<PuppetMesh>(kThousand, std::chrono::seconds(10));
        made->live(std::chrono::seconds(25));
        return made;
    }();
    return *mesh;
}

/// What one second of a mesh at rest costs the mesh of one node: 200 exchanges, and the new heads that they bring.
void second_among_thousand(benchmark::State& state) {
    PuppetMesh& mesh = thousand();
    const mesh::Counters before = mesh.real().counters();
    for (auto _ : state) {
        const Duration spent = mesh.cpu();
        mesh.live(std::chrono::seconds(1));
        state.SetIterationTime(to_seconds(mesh.cpu() - spent));
    }
    const mesh::Counters& after = mesh.real().counters();
    const auto seconds = static_cast<double>(state.iterations());
    const auto rate = [seconds](std::uint64_t from, std::uint64_t to) { return static_cast<double>(to - from) / seconds; };
    state.counters["started"] = rate(before.exchanges_started, after.exchanges_started);
    state.counters["accepted"] = rate(before.requests_accepted, after.requests_accepted);
    state.counters["verified"] = rate(before.heads_verified, after.heads_verified);
    state.counters["signed"] = rate(before.heads_signed, after.heads_signed);
    state.counters["bytes_out"] = rate(before.bytes_sent, after.bytes_sent);
    state.counters["bytes_in"] = rate(before.bytes_received, after.bytes_received);
    state.counters["records_sent"] = rate(before.records_sent, after.records_sent);
    state.counters["record_bytes"] = static_cast<double>(after.record_bytes);
}
BENCHMARK(second_among_thousand)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(30);

void pass_over_thousand_verdicts(benchmark::State& state) {
    PuppetMesh& mesh = thousand();
    mesh.let_fail(500);
    for (auto _ : state) state.SetIterationTime(to_seconds(mesh.next_pass()));
}
BENCHMARK(pass_over_thousand_verdicts)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(20);

void links_of_thousand(benchmark::State& state) {
    PuppetMesh& mesh = thousand();
    for (auto _ : state) benchmark::DoNotOptimize(mesh.real().links(mesh.now()));
}
BENCHMARK(links_of_thousand)->Unit(benchmark::kMillisecond);

void nodes_of_thousand(benchmark::State& state) {
    PuppetMesh& mesh = thousand();
    for (auto _ : state) benchmark::DoNotOptimize(mesh.real().nodes(mesh.now()));
}
BENCHMARK(nodes_of_thousand)->Unit(benchmark::kMillisecond);

void view_of_thousand(benchmark::State& state) {
    PuppetMesh& mesh = thousand();
    for (auto _ : state) benchmark::DoNotOptimize(mesh.real().view(mesh.now()));
}
BENCHMARK(view_of_thousand)->Unit(benchmark::kMillisecond);

void start_with_thousand_peers(benchmark::State& state) {
    const auto url = [](std::size_t i) { return "http://192.0.2.1:" + std::to_string(8000 + i); };
    const mesh::Roster roster = make_roster("bench", kThousand, 0, std::chrono::seconds(10), url);
    crypto::SodiumCrypto crypto(node_key(0));
    for (auto _ : state) mesh::Network(roster, crypto, {}, some_moment());
}
BENCHMARK(start_with_thousand_peers)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace meshmon::bench
