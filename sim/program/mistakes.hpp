#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace meshmon::sim {

/// From now on the mesh of this process makes the mistake of this name, of mesh/mistake.hpp. Errors: sim.option, no such name.
[[nodiscard]] Result<> make_mistake(std::string_view name);

/// A line with the names of the probes that no run of this process passed.
[[nodiscard]] std::string probes_never_passed();

}  // namespace meshmon::sim
