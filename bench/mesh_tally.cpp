#include "mesh_tally.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace meshmon::bench {

namespace {

constexpr std::size_t kAfterChange = 10;  // seconds in which the budget is larger

}  // namespace

std::vector<Tally> tallies(const sim::World& world) {
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

Rates worst_ten_seconds(const std::vector<std::vector<Tally>>& seconds, std::size_t leave_out) {
    Rates worst;
    for (std::size_t begin = 0; begin + kAfterChange < seconds.size(); ++begin) {
        const Rates here = rates(seconds[begin], seconds[begin + kAfterChange], leave_out, kAfterChange);
        if (std::max(here.most.sent, here.most.received) > std::max(worst.most.sent, worst.most.received)) worst = here;
    }
    return worst;
}

void print_rates_header() {
    fmt::print("\nWhat a node does in a second; bodies in kB\n{:>13} {:<22} {:>10} {:>12} {:>12} {:>11} {:>11} {:>13} {:>13}\n",
               "", "", "exchanges", "sent, mean", "recv., mean", "sent, most", "recv., most", "verifications", "heads taken");
}

void print_rates(std::string_view when, const Rates& rates) {
    fmt::print("{:>13} {:<22} {:>10.2f} {:>12.2f} {:>12.2f} {:>11.2f} {:>11.2f} {:>13.2f} {:>13.2f}\n", "", when,
               rates.mean.exchanges, rates.mean.sent / 1000, rates.mean.received / 1000, rates.most.sent / 1000,
               rates.most.received / 1000, rates.mean.verified, rates.mean.accepted);
}

}  // namespace meshmon::bench
