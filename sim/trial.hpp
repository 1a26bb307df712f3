#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/swarm.hpp"

namespace meshmon::sim {

/// What became of one seed.
struct Trial {
    std::uint64_t seed = 0;
    std::size_t nodes = 0;
    double virtual_s = 0;
    std::uint64_t events = 0;
    std::string trace;
    std::vector<std::string> violations;  ///< each begins with when; empty: all held
    std::string story;                    ///< what was done to whom, and what the nodes said at the end
};

/// How far the trial has come that is under way, if one is. Allocates nothing: for the last words of a process.
struct Progress {
    std::size_t nodes = 0;
    double virtual_s = 0;
    std::uint64_t events = 0;
    std::uint64_t trace = 0;
};
[[nodiscard]] std::optional<Progress> progress();

/// Takes one line for each step of a run; two runs of one seed give the same lines.
using StepLog = std::function<void(std::string_view line)>;

/// Runs the mesh under the trouble that `seed` draws, then leaves a connected core in peace and insists that it is well again.
Trial try_seed(std::uint64_t seed, const Swarm::Fixed& fixed = {}, const StepLog& log = {});

}  // namespace meshmon::sim
