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

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// When each other node called the subject down, and how often it or anybody else was called so wrongly.
struct Verdicts {
    std::vector<double> after;  ///< seconds, ordered
    std::size_t false_ones = 0;
};

Verdicts verdicts_since(const World& world, std::size_t subject, MonoTime death) {
    Verdicts verdicts;
    for (std::size_t viewer = 0; viewer < world.size(); ++viewer) {
        if (viewer == subject) continue;
        for (const sim::Told& told : world.events(viewer)) {
            if (told.at < death || !told.calls_down()) continue;
            if (told.event.node == world.id(subject)) verdicts.after.push_back(to_seconds(told.at - death));
            else ++verdicts.false_ones;
        }
    }
    std::ranges::sort(verdicts.after);
    return verdicts;
}

std::size_t called_down(const World& world) {
    std::size_t verdicts = 0;
    for (std::size_t viewer = 0; viewer < world.size(); ++viewer) {
        verdicts += static_cast<std::size_t>(std::ranges::count_if(world.events(viewer), &sim::Told::calls_down));
    }
    return verdicts;
}

/// Ends one node and follows it until everybody must know. What the busiest did in ten seconds of it.
template <typename End>
Rates follow_one_death(World& world, std::string_view what, std::size_t subject, End end) {
    const double begun = cpu_seconds();
    const MonoTime death = world.now();
    std::vector<std::vector<Tally>> seconds = {tallies(world)};
    end(subject);
    const Duration bound = sim::detection_bound(world);
    while (world.now() < death + bound) {
        world.run_for(1s);
        seconds.push_back(tallies(world));
    }
    const Verdicts verdicts = verdicts_since(world, subject, death);
    MM_CHECK(!verdicts.after.empty(), "somebody knows");
    std::size_t others = 0;
    for (std::size_t node = 0; node < world.size(); ++node) others += world.running(node) ? 1 : 0;
    fmt::print(
        "{}: down at {} of {} that run, after {:.2f} s (half of them), {:.2f} s (the last); bound {:.2f} s; "
        "{} times somebody else was called down; {:.0f} s of CPU\n",
        what, verdicts.after.size(), others, verdicts.after[verdicts.after.size() / 2], verdicts.after.back(), to_seconds(bound),
        verdicts.false_ones, cpu_seconds() - begun);
    std::fflush(stdout);
    return worst_ten_seconds(seconds, subject);
}

}  // namespace

void measure_two_deaths(std::size_t nodes) {
    const Duration poll = std::max(1s, std::chrono::seconds(nodes / 100));  // as the configuration has it by default
    World world({.nodes = nodes, .seed = nodes, .poll_rate = poll, .check_every = Duration(0)});
    const double begun = cpu_seconds();
    world.run_for(1500ms);
    const bool up = world.run_until(sim::all_up(), 1min);
    MM_CHECK(up, "a mesh in which all run is up");
    fmt::print("{} nodes start at once: all see all up after {:.1f} s\n", nodes, to_seconds(world.now().time_since_epoch()));
    std::fflush(stdout);
    world.run_for(poll);
    fmt::print("their start and their first poll: {:.0f} s of CPU, {} times somebody was called down\n", cpu_seconds() - begun,
               called_down(world));
    std::fflush(stdout);
    const double rested = cpu_seconds();
    const auto before = tallies(world);
    world.run_for(poll);
    const Rates at_rest = rates(before, tallies(world), nodes, to_seconds(poll));
    fmt::print("a poll of {:.0f} s at rest: {:.0f} s of CPU\n", to_seconds(poll), cpu_seconds() - rested);
    std::fflush(stdout);

    const Rates crash = follow_one_death(world, "one crashes", 1, [&](std::size_t subject) { world.crash(subject); });
    const Rates outage = follow_one_death(world, "one has no power", 2, [&](std::size_t subject) { world.power_off(subject); });
    print_rates_header();
    print_rates("at rest", at_rest);
    print_rates("worst 10 s of the crash", crash);
    print_rates("worst 10 s of the outage", outage);
    fmt::print("{:.0f} s of CPU in all\n", cpu_seconds() - begun);
    std::fflush(stdout);
}

}  // namespace meshmon::bench
