#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "mesh/node_set.hpp"

namespace meshmon::mesh {

/// Sides, groups and bridges among placed nodes, by index.
struct Sides {
    std::vector<std::vector<std::size_t>> sides;   ///< components, the largest first, then by their first node
    std::vector<std::vector<std::size_t>> groups;  ///< of at least two nodes each, each without a link to another of them
    std::vector<std::size_t> bridges;              ///< linked to members of two such groups
    std::vector<std::pair<std::size_t, std::size_t>> broken_links;  ///< between nodes of one side that no group explains
};

/// Finds how the `placed` nodes (ordered) hang together.
///
/// Source: docs/verdicts.md, "Partitions".
/// Precondition: both are symmetric; `foreseen` says whether a link is to exist, `linked` (by node; placed ones alone count)
/// whom each has one to.
/// Cost: O(n^2) bits, and a call for each link that is missing.
[[nodiscard]] Sides find_sides(const std::vector<std::size_t>& placed,
                               const std::function<bool(std::size_t a, std::size_t b)>& foreseen,
                               const std::vector<NodeSet>& linked);

}  // namespace meshmon::mesh
