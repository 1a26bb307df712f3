#pragma once

#include <functional>
#include <vector>

#include "sim/bounds.hpp"
#include "sim/world.hpp"

/// What stories wait for and insist on. Viewers are the honest nodes that run; each answers a condition for World's
/// run_until and run_while.
namespace meshmon::sim {

using Condition = std::function<bool(const World&)>;

/// Every viewer calls every node of its roster up.
[[nodiscard]] Condition all_up();

/// No viewer calls anybody down.
[[nodiscard]] Condition nobody_down();

/// No viewer calls `subject` down.
[[nodiscard]] Condition never_down(std::size_t subject);

/// Every viewer but `subject` itself sees it so.
[[nodiscard]] Condition everyone_sees(std::size_t subject, mesh::Status status);

/// Every node of `viewers` runs and sees every one of `subjects` so.
[[nodiscard]] Condition see(std::vector<std::size_t> viewers, std::vector<std::size_t> subjects, mesh::Status status);

/// What the protocol promises in this world.
[[nodiscard]] Bounds bounds_of(const World& world);

/// Within which a crash is known everywhere: L1 of the protocol, where nodes dial each other.
[[nodiscard]] Duration detection_bound(const World& world);

/// Within which a node that is back is up everywhere: L2.
[[nodiscard]] Duration recovery_bound(const World& world);

/// Within which sides, groups and bridges are named after the links broke: L4, which begins where L1 ends.
[[nodiscard]] Duration partition_bound(const World& world);

}  // namespace meshmon::sim
