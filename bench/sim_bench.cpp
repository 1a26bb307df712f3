// How fast the simulator runs: events a second, times real time, memory; a start of all nodes at once, and a while at rest.
//
//   sim_bench [NODES ...]      by default 3, 10 and 100, each without and with the checkers; more without them alone

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <vector>

#include "sim/world.hpp"

namespace {

using namespace meshmon;
using namespace std::chrono_literals;

/// What this process computed: other work on the machine disturbs it little.
double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::size_t resident_mib() {
    std::ifstream file("/proc/self/status");
    for (std::string word; file >> word;) {
        std::size_t kib = 0;
        if (word == "VmRSS:" && file >> kib) return kib / 1024;
    }
    return 0;
}

struct Sum {
    double bytes_sent = 0, bytes_received = 0, verified = 0;
};

Sum sum_of(const sim::World& world) {
    Sum sum;
    for (std::size_t node = 0; node < world.size(); ++node) {
        const mesh::Counters& counters = world.counters(node);
        sum.bytes_sent += static_cast<double>(counters.bytes_sent);
        sum.bytes_received += static_cast<double>(counters.bytes_received);
        sum.verified += static_cast<double>(counters.heads_verified);
    }
    return sum;
}

std::size_t pairs_up(const sim::World& world) {
    std::size_t pairs = 0;
    for (std::size_t viewer = 0; viewer < world.size(); ++viewer) pairs += world.view(viewer).by_status[mesh::Status::up];
    return pairs;
}

void print_row(const sim::World& world, const char* what, bool is_checked, Duration span, double cpu, std::uint64_t events) {
    fmt::print("{:>5} {:>9} {:>9} {:>10.0f} {:>9.1f} {:>11.0f} {:>10.1f} {:>9}\n", world.size(), is_checked ? "yes" : "no", what,
               to_seconds(span), cpu, static_cast<double>(events) / cpu, to_seconds(span) / cpu, resident_mib());
    std::fflush(stdout);
}

void run(std::size_t nodes, bool is_checked) {
    const Duration poll = std::max(1s, std::chrono::seconds(nodes / 100));  // as the configuration has it by default
    const Duration start = (nodes > 100 ? 1 : 4) * poll;
    const Duration rest = nodes > 100 ? Duration(10s) : Duration(std::chrono::seconds(std::max<std::size_t>(20, 3000 / nodes)));
    sim::WorldOptions options{.nodes = nodes, .poll_rate = poll};
    if (!is_checked) options.check_every = Duration(0);
    sim::World world(options);
    const double begun = cpu_seconds();
    world.run_for(start);
    const double started = cpu_seconds();
    const std::uint64_t events = world.events_executed();
    print_row(world, "start", is_checked, start, started - begun, events);
    const Sum before = sum_of(world);
    world.run_for(rest);
    print_row(world, "at rest", is_checked, rest, cpu_seconds() - started, world.events_executed() - events);
    const Sum after = sum_of(world);
    const double node_seconds = static_cast<double>(nodes) * to_seconds(rest);
    fmt::print(
        "      at rest a node sends {:.1f} and receives {:.1f} kB/s of bodies and verifies {:.2f} heads a second; {} of {} pairs "
        "up, {} invariants broken\n",
        (after.bytes_sent - before.bytes_sent) / node_seconds / 1000,
        (after.bytes_received - before.bytes_received) / node_seconds / 1000, (after.verified - before.verified) / node_seconds,
        pairs_up(world), nodes * nodes, world.violations().size());
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::size_t> sizes;
    for (int i = 1; i < argc; ++i) sizes.push_back(std::strtoul(argv[i], nullptr, 10));
    if (sizes.empty()) sizes = {3, 10, 100};
    fmt::print("{:>5} {:>9} {:>9} {:>10} {:>9} {:>11} {:>10} {:>9}\n", "nodes", "checkers", "", "virtual s", "CPU s", "events/s",
               "x real", "MiB");
    for (const std::size_t nodes : sizes) {
        run(nodes, false);
        if (nodes <= 100) run(nodes, true);
    }
}
