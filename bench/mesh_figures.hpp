#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"

/// Figures of the mesh in the simulator, each printed as a table beside its aim. Virtual time: the same arguments give the same
/// figures on every machine, save for the CPU that they took.
namespace meshmon::bench {

/// From a crash to the verdict `down`, at every other node, beside the bound of the protocol.
void measure_detection(const std::vector<std::size_t>& sizes);

/// Exchanges, bytes and verifications of a node, at rest and in the worst ten seconds after a crash, beside their budget.
void measure_cost(const std::vector<std::size_t>& sizes);

/// A crash and then an outage among many: how long the start takes, a poll at rest, when the others know, and what each node
/// sends.
void measure_two_deaths(std::size_t nodes);

/// False verdicts of `down` where packets get lost and nothing else is wrong: seeds from `first_seed` on, until `node_seconds`
/// are simulated. Answers how many there were.
std::uint64_t count_false_downs(std::uint64_t first_seed, double node_seconds);

}  // namespace meshmon::bench
