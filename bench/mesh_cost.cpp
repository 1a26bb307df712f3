#include <algorithm>

#include <fmt/format.h>

#include "base/check.hpp"
#include "mesh_figures.hpp"
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

/// What one node did so far.
struct Tally {
    double exchanges = 0, sent = 0, received = 0, verified = 0, accepted = 0;

    friend Tally operator-(const Tally& a, const Tally& b) {
        return {a.exchanges - b.exchanges, a.sent - b.sent, a.received - b.received, a.verified - b.verified,
                a.accepted - b.accepted};
    }
};

std::vector<Tally> tallies(const World& world) {
    std::vector<Tally> all(world.size());
    for (std::size_t node = 0; node < world.size(); ++node) {
        if (!world.running(node)) continue;
        const mesh::Counters& counters = world.counters(node);
        all[node] = {static_cast<double>(counters.exchanges_started + counters.requests_accepted + counters.requests_unproven),
                     static_cast<double>(counters.bytes_sent), static_cast<double>(counters.bytes_received),
                     static_cast<double>(counters.heads_verified), static_cast<double>(counters.heads_accepted)};
    }
    return all;
}

/// The mean over the nodes, and the most that any had of each, by the second.
struct Rates {
    Tally mean, most;
};

Rates rates(const std::vector<Tally>& from, const std::vector<Tally>& to, std::size_t leave_out, double seconds) {
    Rates found;
    double nodes = 0;
    for (std::size_t node = 0; node < from.size(); ++node) {
        if (node == leave_out) continue;
        const Tally did = to[node] - from[node];
        ++nodes;
        for (const auto field : {&Tally::exchanges, &Tally::sent, &Tally::received, &Tally::verified, &Tally::accepted}) {
            found.mean.*field += did.*field / seconds;
            found.most.*field = std::max(found.most.*field, did.*field / seconds);
        }
    }
    for (const auto field : {&Tally::exchanges, &Tally::sent, &Tally::received, &Tally::verified, &Tally::accepted}) {
        found.mean.*field /= nodes;
    }
    return found;
}

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
    Rates worst;
    for (std::size_t begin = 0; begin + kAfterChange < seconds.size(); ++begin) {
        const Rates here = rates(seconds[begin], seconds[begin + kAfterChange], subject, kAfterChange);
        if (std::max(here.most.sent, here.most.received) > std::max(worst.most.sent, worst.most.received)) worst = here;
    }
    return worst;
}

void print(std::string_view when, const Rates& rates) {
    fmt::print("{:>13} {:<22} {:>10.2f} {:>12.2f} {:>12.2f} {:>11.2f} {:>11.2f} {:>13.2f} {:>13.2f}\n", "", when,
               rates.mean.exchanges, rates.mean.sent / 1000, rates.mean.received / 1000, rates.most.sent / 1000,
               rates.most.received / 1000, rates.mean.verified, rates.mean.accepted);
}

}  // namespace

void measure_cost(const std::vector<std::size_t>& sizes) {
    fmt::print("\nWhat a node does in a second; bodies in kB\n{:>13} {:<22} {:>10} {:>12} {:>12} {:>11} {:>11} {:>13} {:>13}\n",
               "", "", "exchanges", "sent, mean", "recv., mean", "sent, most", "recv., most", "verifications", "heads taken");
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
            print("at rest", rates(before, tallies(world), nodes, to_seconds(kRest)));
            print("worst 10 s of a crash", worst_after_crash(world));
            std::fflush(stdout);
        }
    }
    fmt::print(
        "At N = 1000 and polls of 10 s at most 200 kB each way at rest, 1000 kB for 10 s after a change;\n"
        "a verification for each new head of others.\n");
}

}  // namespace meshmon::bench
