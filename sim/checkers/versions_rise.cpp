#include "sim/checkers/versions_rise.hpp"

#include <algorithm>

namespace meshmon::sim {

void VersionsRise::on_beginning(const Beginning& beginning) {
    auto& least = least_[beginning.node];
    least.clear();
    if (!beginning.saved) return;
    for (const wire::Floor& floor : beginning.saved->floors) least[{floor.owner, floor.key.value}] = {floor.epoch, floor.seq};
}

void VersionsRise::on_step(const Step& step) {
    for (std::size_t viewer = 0; viewer < step.states.size(); ++viewer) {
        if (!step.states[viewer].running || !step.states[viewer].honest) continue;
        forget_who_left(viewer, step.states[viewer]);
        for (const mesh::NodeView& node : step.states[viewer].nodes) {
            if (!node.head) continue;
            Height& least = least_[viewer][{node.id, node.head->key.value}];
            const Height held{node.head->epoch, node.head->seq};
            if (held < least) {
                violated(step.now, "S4: " + step.ids[viewer].str() + " holds version (" + std::to_string(held.first) + ", " +
                                       std::to_string(held.second) + ") of " + node.id.str() + " after (" +
                                       std::to_string(least.first) + ", " + std::to_string(least.second) + ")");
            }
            least = std::max(least, held);
        }
    }
}

/// What leaves the roster is no longer stored; who comes back begins anew.
void VersionsRise::forget_who_left(std::size_t viewer, const NodeState& state) {
    std::erase_if(least_[viewer], [&](const auto& entry) {
        return std::ranges::find(state.nodes, entry.first.first, &mesh::NodeView::id) == state.nodes.end();
    });
}

}  // namespace meshmon::sim
