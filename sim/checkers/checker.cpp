#include "sim/checkers/checker.hpp"

#include <algorithm>

namespace meshmon::sim {

std::size_t index_of(const std::vector<NodeId>& ids, const NodeId& id) {
    return static_cast<std::size_t>(std::ranges::lower_bound(ids, id) - ids.begin());
}

}  // namespace meshmon::sim
