// What cryptography costs: the part of an exchange that no code of ours can save.

#include <array>

#include <benchmark/benchmark.h>

#include "crypto/fingerprint.hpp"
#include "crypto/sodium.hpp"
#include "puppet.hpp"

namespace meshmon::bench {
namespace {

constexpr std::int64_t kQuiet = 200;      // bytes in the box of an exchange without news
constexpr std::int64_t kWithNews = 1500;  // with a head and its slots

crypto::BoxKey shared_key(const crypto::SodiumCrypto& crypto) { return *crypto.box_key(node_key(1).public_key); }

void box_seal(benchmark::State& state) {
    crypto::SodiumCrypto crypto(node_key(0));
    const crypto::BoxKey key = shared_key(crypto);
    const Bytes plain(static_cast<std::size_t>(state.range(0)), 'x');
    crypto::BoxNonce nonce{};
    for (auto _ : state) {
        crypto.random(nonce);
        benchmark::DoNotOptimize(crypto.seal(key, nonce, plain));
    }
}
BENCHMARK(box_seal)->Arg(kQuiet)->Arg(kWithNews);

void box_open(benchmark::State& state) {
    crypto::SodiumCrypto crypto(node_key(0));
    const crypto::BoxKey key = shared_key(crypto);
    const crypto::BoxNonce nonce{};
    const Bytes sealed = crypto.seal(key, nonce, Bytes(static_cast<std::size_t>(state.range(0)), 'x'));
    for (auto _ : state) benchmark::DoNotOptimize(crypto.open(key, nonce, sealed));
}
BENCHMARK(box_open)->Arg(kQuiet)->Arg(kWithNews);

void sign(benchmark::State& state) {
    const crypto::SodiumCrypto crypto(node_key(0));
    const Bytes message(300, 'x');
    for (auto _ : state) benchmark::DoNotOptimize(crypto.sign(message));
}
BENCHMARK(sign);

void verify(benchmark::State& state) {
    const crypto::SodiumCrypto crypto(node_key(0));
    const Bytes message(300, 'x');
    const crypto::Signature signature = crypto.sign(message);
    for (auto _ : state) benchmark::DoNotOptimize(crypto.verify(crypto.public_key(), message, signature));
}
BENCHMARK(verify);

void box_key_of_a_peer(benchmark::State& state) {
    const crypto::SodiumCrypto crypto(node_key(0));
    const crypto::PublicKey peer = node_key(1).public_key;
    for (auto _ : state) benchmark::DoNotOptimize(crypto.box_key(peer));
}
BENCHMARK(box_key_of_a_peer);

void hash_of_a_page(benchmark::State& state) {
    const crypto::SodiumCrypto crypto(node_key(0));
    const Bytes page(3072, 'x');
    for (auto _ : state) benchmark::DoNotOptimize(crypto.hash(page));
}
BENCHMARK(hash_of_a_page);

void fingerprint_text(benchmark::State& state) {
    const crypto::PublicKey key = node_key(0).public_key;
    for (auto _ : state) benchmark::DoNotOptimize(crypto::fingerprint(key).text());
}
BENCHMARK(fingerprint_text);

void random_nonce(benchmark::State& state) {
    crypto::SodiumCrypto crypto(node_key(0));
    crypto::BoxNonce nonce{};
    for (auto _ : state) crypto.random(nonce);
}
BENCHMARK(random_nonce);

}  // namespace
}  // namespace meshmon::bench
