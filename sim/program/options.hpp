#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sim/swarm.hpp"

namespace meshmon::sim {

/// What meshmon_sim is asked to do.
struct ProgramOptions {
    std::optional<std::uint64_t> seed{};   ///< the only one, or with minutes or seeds the first one
    std::optional<double> minutes{};       ///< of real time: seeds one after the other until they are over
    std::optional<std::uint64_t> seeds{};  ///< how many, one after the other
    Swarm::Fixed fixed{};
    std::string mistake{};  ///< of mesh/mistake.hpp; empty: none
    std::string log{};      ///< file for the lines of every step; empty: only where an invariant broke
    bool help = false;
};

extern const std::string_view kUsage;

/// Reads the arguments without the program's name. Errors: sim.option, with what is wrong with which argument.
[[nodiscard]] Result<ProgramOptions> parse_options(std::span<const char* const> arguments);

}  // namespace meshmon::sim
