// The least that an exchange can cost, as a program: figures.py measures it beside real nodes, at their pace.
//
//   floor serve                         serves empty answers, prints its port, ends with standard input
//   floor ask PORT PER_SECOND SECONDS   asks it over one connection
//   floor box                           prints the nanoseconds that one seal and one open of a quiet exchange take

#include <cstdlib>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "beast_floor.hpp"
#include "crypto/sodium.hpp"
#include "puppet.hpp"
#include "puppet_mesh.hpp"

namespace meshmon::bench {
namespace {

int time_boxes() {
    constexpr int kRounds = 100'000;
    crypto::SodiumCrypto crypto(node_key(0));
    const crypto::BoxKey key = *crypto.box_key(node_key(1).public_key);
    const Bytes plain(180, 'x');
    std::size_t opened = 0;
    const Duration before = thread_cpu();
    for (int i = 0; i < kRounds; ++i) {
        crypto::BoxNonce nonce{};
        crypto.random(nonce);
        const Bytes sealed = crypto.seal(key, nonce, plain);
        opened += crypto.open(key, nonce, sealed).has_value() ? 1 : 0;
    }
    fmt::print("{:.1f}\n", to_seconds(thread_cpu() - before) * 1e9 / static_cast<double>(opened));
    return 0;
}

}  // namespace
}  // namespace meshmon::bench

int main(int count, char** values) {
    const std::vector<std::string_view> words(values + 1, values + count);
    if (words.size() == 1 && words[0] == "serve") return meshmon::bench::serve_floor();
    if (words.size() == 1 && words[0] == "box") return meshmon::bench::time_boxes();
    if (words.size() == 4 && words[0] == "ask") {
        const auto port = static_cast<std::uint16_t>(std::atoi(values[2]));
        return meshmon::bench::ask_floor(port, std::atof(values[3]), std::atof(values[4]));
    }
    fmt::print(stderr, "usage: floor serve | ask PORT PER_SECOND SECONDS | box\n");
    return 2;
}
