#include "sim/checkers/versions_rise.hpp"

#include <algorithm>
#include <utility>

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
        // What left the roster is no longer stored, and may have come back since the last look.
        const Listing listing{step.states[viewer].incarnation, step.states[viewer].roster_since};
        const Listing before = std::exchange(listings_[viewer], listing);
        if (before.first == listing.first && before.second != listing.second) least_[viewer].clear();
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

}  // namespace meshmon::sim
