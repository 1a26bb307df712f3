#pragma once

#include <cstdint>

#include "sim/world.hpp"

namespace meshmon::sim {

/// What a mesh that is well must do when one thing after another happens to it: detect, name and heal, each within the bounds
/// of the protocol, and cost little while nothing happens. Breaks of it are told to the world.
///
/// Precondition: everybody runs, is at peace, and is up for everybody. `seed` chooses who is hit.
void examine(World& world, std::uint64_t seed);

/// Whether all of `core` are heard with what their present process signs, not below what an earlier one signed.
[[nodiscard]] bool all_speak(const World& world, const std::vector<std::size_t>& core);

}  // namespace meshmon::sim
