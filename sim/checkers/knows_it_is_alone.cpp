#include "sim/checkers/knows_it_is_alone.hpp"

#include <algorithm>

namespace meshmon::sim {

void KnowsItIsAlone::on_step(const Step& step) {
    for (std::size_t node = 0; node < step.ids.size(); ++node) {
        const NodeState& state = step.states[node];
        const auto settled = step.truth.settled_since(node);
        const auto alone = step.truth.alone_since(node);
        if (!settled || !alone || state.nodes.size() <= 2) continue;
        if (state.view.self_health == mesh::SelfHealth::isolated) continue;
        Duration bound = bounds_.self_diagnosis();
        const bool heard_only =
            std::ranges::any_of(state.nodes, [](const auto& other) { return other.link && !other.link->dials; });
        if (heard_only) bound = std::max(bound, bounds_.detection_by_silence());
        if (step.truth.company(node) > 0) bound += bounds_.relayed_life();
        const MonoTime since = std::max(*settled, *alone);
        if (state.waited(since, bounds_.after_own_pause())) bound += bounds_.after_own_pause();
        if (step.now - since <= bound) continue;
        violated(step.now, "L5: " + step.ids[node].str() + " calls itself " + std::string(to_string(state.view.self_health)) +
                               " and hears " + std::to_string(step.truth.company(node)) + " others of " +
                               std::to_string(state.nodes.size()) + " nodes for " + to_short_text(step.now - since));
    }
}

}  // namespace meshmon::sim
