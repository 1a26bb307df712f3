#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/world.hpp"

namespace meshmon::sim {

/// What a run of a mesh in which packets are lost, and nothing else is wrong, came to.
struct LossyRun {
    std::uint64_t seed = 0;
    std::size_t nodes = 0;
    Duration poll_rate{};
    double loss = 0;
    double node_seconds = 0;
    std::vector<std::string> false_downs{};  ///< each verdict of `down`: "n00 calls n01 down at 3.2 s"
    /// Seconds that viewers called others so, in all: of `node_seconds` times the number of others.
    double viewed_seconds = 0;
    double degraded_seconds = 0;
    double unknown_seconds = 0;
};

/// The world of this seed: mostly 2 to 10 nodes, one in a thousand has 20 or 50; polls of 1, 3 or 10 s; `loss` is drawn from 0 to
/// 30 %, every fourth has the whole 30 %. Nobody looks on, so that it runs fast: what was said is in the events.
[[nodiscard]] WorldOptions lossy_world(std::uint64_t seed);

/// Runs such a world for `span` from the moment at which all see all up; only then packets get lost.
[[nodiscard]] LossyRun run_lossy(const WorldOptions& options, Duration span);

}  // namespace meshmon::sim
