#include <algorithm>
#include <ctime>

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

constexpr std::size_t kSubject = 1;

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// When each other node called the subject down, and how often anybody else was called so.
struct Verdicts {
    std::vector<double> after;
    std::size_t false_ones = 0;
};

Verdicts verdicts_since(const World& world, MonoTime crash) {
    Verdicts verdicts;
    for (std::size_t viewer = 0; viewer < world.size(); ++viewer) {
        if (viewer == kSubject) continue;
        for (const sim::Told& told : world.events(viewer)) {
            if (told.event.kind != mesh::EventKind::node_status || told.event.to != mesh::Status::down) continue;
            if (told.at >= crash && told.event.node == world.id(kSubject)) verdicts.after.push_back(to_seconds(told.at - crash));
            else ++verdicts.false_ones;
        }
    }
    std::ranges::sort(verdicts.after);
    return verdicts;
}

}  // namespace

void measure_one_crash(std::size_t nodes) {
    const Duration poll = std::max(1s, std::chrono::seconds(nodes / 100));  // as the configuration has it by default
    World world({.nodes = nodes, .seed = nodes, .poll_rate = poll, .check_every = Duration(0)});
    const double begun = cpu_seconds();
    world.run_for(1500ms);
    const bool up = world.run_until(sim::all_up(), 1min);
    MM_CHECK(up, "a mesh in which all run is up");
    fmt::print("{} nodes start at once: all see all up after {:.1f} s, {:.0f} s of CPU\n", nodes,
               to_seconds(world.now().time_since_epoch()), cpu_seconds() - begun);
    std::fflush(stdout);
    world.run_for(1s);
    const auto before = tallies(world);
    const double rested = cpu_seconds();
    world.run_for(poll);
    fmt::print("a poll of {:.0f} s at rest: {:.0f} s of CPU\n", to_seconds(poll), cpu_seconds() - rested);
    const Rates at_rest = rates(before, tallies(world), nodes, to_seconds(poll));

    const MonoTime crash = world.now();
    std::vector<std::vector<Tally>> seconds = {tallies(world)};
    world.crash(kSubject);
    const Duration bound = sim::detection_bound(world);
    while (world.now() < crash + std::max<Duration>(bound, 11s)) {
        world.run_for(1s);
        seconds.push_back(tallies(world));
    }
    const Verdicts verdicts = verdicts_since(world, crash);
    MM_CHECK(!verdicts.after.empty(), "somebody knows");
    fmt::print(
        "one crashes: down at {} of {} others, after {:.2f} s (half of them), {:.2f} s (the last); bound {:.2f} s; {} others "
        "called down\n",
        verdicts.after.size(), nodes - 1, verdicts.after[verdicts.after.size() / 2], verdicts.after.back(), to_seconds(bound),
        verdicts.false_ones);
    print_rates_header();
    print_rates("at rest", at_rest);
    print_rates("worst 10 s of a crash", worst_ten_seconds(seconds, kSubject));
    fmt::print("{:.0f} s of CPU in all\n", cpu_seconds() - begun);
    std::fflush(stdout);
}

}  // namespace meshmon::bench
