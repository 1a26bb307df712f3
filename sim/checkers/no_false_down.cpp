#include "sim/checkers/no_false_down.hpp"

namespace meshmon::sim {

bool NoFalseDown::awake(const Step& step, std::size_t node, MonoTime when) const {
    const auto since = step.states[node].awake_since;
    const bool has_roster = when - step.states[node].roster_since >= settled_ && step.states[node].view.listed;
    return since && when - *since >= settled_ && has_roster && !step.states[node].left;
}

bool NoFalseDown::linked(const Step& step, std::size_t a, std::size_t b, MonoTime when) const {
    if (a == b) return true;
    const auto since = step.links.whole_since(a, b, step.now);
    const bool same_roster = step.states[a].view.roster_hash == step.states[b].view.roster_hash;
    return since && when - *since >= settled_ && same_roster;
}

void NoFalseDown::check(const Step& step, std::size_t viewer, std::size_t subject, MonoTime when) {
    if (subject == step.ids.size() || !awake(step, viewer, when) || !awake(step, subject, when)) return;
    std::size_t voices = 0;  // that may be fresh here: what a node beyond a broken link found comes round over others
    std::size_t reaching = 0;
    for (std::size_t other = 0; other < step.ids.size(); ++other) {
        if (other == subject || !step.states[other].honest || !step.states[other].running) continue;
        ++voices;
        const bool is_near = awake(step, other, when) && linked(step, viewer, other, when);
        if (is_near && linked(step, other, subject, when)) ++reaching;
    }
    if (reaching > 0 && reaching * 2 >= voices) {
        violated(when, "S1: " + step.ids[viewer].str() + " calls " + step.ids[subject].str() + " down, which " +
                           std::to_string(reaching) + " of " + std::to_string(voices) + " others reach both ways");
    }
}

void NoFalseDown::on_step(const Step& step) {
    for (std::size_t viewer = 0; viewer < step.ids.size(); ++viewer) {
        const NodeState& state = step.states[viewer];
        if (!state.running || !state.honest) continue;
        for (const mesh::NodeView& node : state.nodes) {
            if (node.status == mesh::Status::down) check(step, viewer, index_of(step.ids, node.id), step.now);
        }
        for (const Told& told : state.told) {
            if (told.calls_down()) check(step, viewer, index_of(step.ids, told.event.node), told.at);
        }
    }
}

}  // namespace meshmon::sim
