#include <fmt/format.h>

#include "base/check.hpp"
#include "mesh_figures.hpp"
#include "mesh_tally.hpp"
#include "sim/conditions.hpp"
#include "sim/world.hpp"

namespace meshmon::bench {

using namespace std::chrono_literals;
using sim::World;

namespace {

constexpr double kQuietBody = 250;        // bytes of a message when nothing changed
constexpr auto kSettle = 60s;             // after the start, until all pages were published once
constexpr auto kRest = 60s;               // how long rest is watched
constexpr std::size_t kAfterChange = 10;  // seconds in which the budget is larger

/// The ten seconds after a crash in which any one node sent or received most.
Rates worst_after_crash(World& world) {
    const std::size_t subject = 1;
    std::vector<std::vector<Tally>> seconds = {tallies(world)};
    world.crash(subject);
    const auto watched = static_cast<std::size_t>(to_seconds(sim::detection_bound(world))) + kAfterChange;
    for (std::size_t second = 0; second < watched; ++second) {
        world.run_for(1s);
        seconds.push_back(tallies(world));
    }
    return worst_ten_seconds(seconds, subject);
}

}  // namespace

void measure_cost(const std::vector<std::size_t>& sizes) {
    print_rates_header();
    for (const std::size_t nodes : sizes) {
        for (const Duration poll : nodes < 1000 ? std::vector<Duration>{1s, 10s} : std::vector<Duration>{10s}) {
            World world({.nodes = nodes, .seed = 1, .poll_rate = poll, .check_every = Duration(0)});
            world.run_for(world.options().start_within + kSettle);
            const bool up = world.run_until(sim::all_up(), 1min);
            MM_CHECK(up, "a mesh in which all run is up");
            const double budget = 2 * static_cast<double>(nodes - 1) / to_seconds(poll);
            fmt::print("N = {}, polls of {:.0f} s\n", nodes, to_seconds(poll));
            fmt::print("{:>13} {:<22} {:>10.2f} {:>12.2f} {:>12.2f}   without news\n", "", "budget", budget,
                       budget * kQuietBody / 1000, budget * kQuietBody / 1000);
            const auto before = tallies(world);
            world.run_for(kRest);
            print_rates("at rest", rates(before, tallies(world), nodes, to_seconds(kRest)));
            print_rates("worst 10 s of a crash", worst_after_crash(world));
            std::fflush(stdout);
        }
    }
    fmt::print(
        "At N = 1000 and polls of 10 s at most 200 kB each way at rest, 1000 kB for 10 s after a change;\n"
        "a verification for each new head of others.\n");
}

}  // namespace meshmon::bench
