#include "sim/checkers/quorum_accuses.hpp"

#include <algorithm>

#include "sim/bounds.hpp"

namespace meshmon::sim {

bool QuorumAccuses::lacks_quorum(const Step& step, std::size_t viewer) {
    const NodeState& state = step.states[viewer];
    if (!state.running || !state.honest || state.view.seen >= Bounds::quorum(state.view.nodes)) {
        few_since_.erase(viewer);
        return state.running && state.honest && !state.view.has_quorum;
    }
    // A paused process cannot take anything back, and judges again a poll after it.
    MonoTime& since = few_since_.emplace(viewer, step.now).first->second;
    since = std::max(since, state.awake_since.value_or(step.now));
    return !state.view.has_quorum || step.now - since > most_;
}

/// Verdicts that are gone by now: in the order in which it told of them and of its quorum.
void QuorumAccuses::look_at_what_was_told(const Step& step, std::size_t viewer) {
    const NodeState& state = step.states[viewer];
    Quorum& quorum = quorums_[viewer];
    if (quorum.incarnation != state.incarnation) {
        quorum = {.incarnation = state.incarnation, .lost = false};  // of what it told some may be the former process's
        return;
    }
    for (const Told& told : state.told) {
        if (told.event.kind == mesh::EventKind::quorum_lost) quorum.lost = true;
        if (told.event.kind == mesh::EventKind::quorum_regained) {
            quorum.lost = false;
            few_since_.erase(viewer);  // between two looks it saw enough
        }
        if (!told.calls_down() || !quorum.lost || !state.honest) continue;
        violated(told.at, "S2: " + step.ids[viewer].str() + " has lost its quorum and calls " + told.event.node.str() + " down");
    }
}

void QuorumAccuses::on_step(const Step& step) {
    for (std::size_t viewer = 0; viewer < step.states.size(); ++viewer) {
        const NodeState& state = step.states[viewer];
        look_at_what_was_told(step, viewer);
        if (!lacks_quorum(step, viewer)) continue;
        for (const mesh::NodeView& node : state.nodes) {
            if (node.status == mesh::Status::down && node.reason != mesh::Reason::left) {
                violated(step.now, "S2: " + state.view.self.str() + " sees " + std::to_string(state.view.seen) + " of " +
                                       std::to_string(state.view.nodes) + " and calls " + node.id.str() + " down");
            }
        }
    }
}

}  // namespace meshmon::sim
