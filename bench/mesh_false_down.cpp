#include <ctime>
#include <map>

#include <fmt/format.h>

#include "mesh_figures.hpp"
#include "sim/lossy.hpp"

namespace meshmon::bench {

namespace {

constexpr auto kSpan = std::chrono::minutes(10);  // of one seed

struct Sum {
    double node_seconds = 0;
    double viewed = 0;
    double degraded = 0;
    double unknown = 0;
    std::size_t false_downs = 0;
    double cpu = 0;

    void add(const sim::LossyRun& run, double seconds) {
        node_seconds += run.node_seconds;
        viewed += run.viewed_seconds;
        degraded += run.degraded_seconds;
        unknown += run.unknown_seconds;
        false_downs += run.false_downs.size();
        cpu += seconds;
    }
    void print(std::string_view label) const {
        fmt::print("{:<22} {:>13.0f} {:>12} {:>11.2f} % {:>9.3f} % {:>9.0f}\n", label, node_seconds, false_downs,
                   100 * degraded / viewed, 100 * unknown / viewed, cpu);
    }
};

}  // namespace

std::uint64_t count_false_downs(std::uint64_t first_seed, double node_seconds) {
    std::map<std::string, Sum> by_world;
    Sum all;
    std::uint64_t seed = first_seed;
    for (; all.node_seconds < node_seconds; ++seed) {
        const sim::WorldOptions world = sim::lossy_world(seed);
        const std::clock_t begun = std::clock();
        const sim::LossyRun run = sim::run_lossy(world, kSpan);
        const double cpu = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
        by_world[fmt::format("N = {:>2}, polls of {:>2.0f} s", run.nodes, to_seconds(run.poll_rate))].add(run, cpu);
        all.add(run, cpu);
        for (const std::string& false_down : run.false_downs) {
            fmt::print("seed {}: N = {}, polls of {:.0f} s, {:.1f} % lost: {}\n", seed, run.nodes, to_seconds(run.poll_rate),
                       100 * run.loss, false_down);
        }
        std::fflush(stdout);
    }
    fmt::print("seeds {} to {}, {:.0f} s each, 0 to 30 % of the packets lost\n", first_seed, seed - 1, to_seconds(kSpan));
    fmt::print("{:<22} {:>13} {:>12} {:>13} {:>11} {:>9}\n", "", "node-seconds", "false down", "degraded", "unknown", "CPU s");
    for (const auto& [label, sum] : by_world) sum.print(label);
    all.print("all");
    return all.false_downs;
}

}  // namespace meshmon::bench
