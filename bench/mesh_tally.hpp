#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "sim/world.hpp"

/// What nodes did between two looks at their counters.
namespace meshmon::bench {

/// What one node did so far.
struct Tally {
    double exchanges = 0, sent = 0, received = 0, verified = 0, accepted = 0;

    friend Tally operator-(const Tally& a, const Tally& b) {
        return {a.exchanges - b.exchanges, a.sent - b.sent, a.received - b.received, a.verified - b.verified,
                a.accepted - b.accepted};
    }
};

/// Of every node; zeros of who does not run.
[[nodiscard]] std::vector<Tally> tallies(const sim::World& world);

/// The mean over the nodes, and the most that any had of each, by the second.
struct Rates {
    Tally mean, most;
};

/// `leave_out` is a node, or the number of them for none.
[[nodiscard]] Rates rates(const std::vector<Tally>& from, const std::vector<Tally>& to, std::size_t leave_out, double seconds);

/// Of looks a second apart, the ten seconds in which any one node sent or received most. Precondition: there are more than ten.
[[nodiscard]] Rates worst_ten_seconds(const std::vector<std::vector<Tally>>& seconds, std::size_t leave_out);

/// The line over what print_rates() prints.
void print_rates_header();
void print_rates(std::string_view when, const Rates& rates);

}  // namespace meshmon::bench
