#include "sim/checkers/keeps_trying.hpp"

#include <algorithm>

namespace meshmon::sim {

void KeepsTrying::on_step(const Step& step) {
    for (std::size_t from = 0; from < step.ids.size(); ++from) {
        const NodeState& state = step.states[from];
        if (!state.running || !state.honest || !state.awake_since || state.left) continue;
        for (const mesh::NodeView& node : state.nodes) {
            const std::size_t to = index_of(step.ids, node.id);
            if (!node.link || !node.link->dials || to == step.ids.size()) continue;
            const MonoTime last = std::max(step.tries[from * step.ids.size() + to], *state.awake_since);
            if (step.now - last <= most_) continue;
            violated(step.now, "tries: " + state.view.self.str() + " has not tried " + node.id.str() + " for " +
                                   to_short_text(step.now - last));
        }
    }
}

}  // namespace meshmon::sim
