#include "sim/checkers/quorum_accuses.hpp"

namespace meshmon::sim {

void QuorumAccuses::on_step(const Step& step) {
    for (const NodeState& state : step.states) {
        if (!state.running || !state.honest || state.view.has_quorum) continue;
        for (const mesh::NodeView& node : state.nodes) {
            if (node.status == mesh::Status::down && node.reason != mesh::Reason::left) {
                violated(step.now, "S2: " + state.view.self.str() + " sees " + std::to_string(state.view.seen) + " of " +
                                       std::to_string(state.view.nodes) + " and calls " + node.id.str() + " down");
            }
        }
    }
}

}  // namespace meshmon::sim
