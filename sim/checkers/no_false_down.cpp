#include "sim/checkers/no_false_down.hpp"

namespace meshmon::sim {

bool NoFalseDown::awake(const Step& step, std::size_t node) const {
    const auto since = step.states[node].awake_since;
    const bool has_roster = step.now - step.states[node].roster_since >= settled_ && step.states[node].view.listed;
    return since && step.now - *since >= settled_ && has_roster && !step.states[node].left;
}

bool NoFalseDown::linked(const Step& step, std::size_t a, std::size_t b) const {
    if (a == b) return true;
    const auto since = step.links.whole_since(a, b);
    const bool same_roster = step.states[a].view.roster_hash == step.states[b].view.roster_hash;
    return since && step.now - *since >= settled_ && same_roster;
}

void NoFalseDown::check(const Step& step, std::size_t viewer, std::size_t subject) {
    std::size_t near = 0;
    std::size_t reaching = 0;
    for (std::size_t other = 0; other < step.ids.size(); ++other) {
        if (other == subject || !step.states[other].honest || !awake(step, other) || !linked(step, viewer, other)) continue;
        ++near;
        if (linked(step, other, subject)) ++reaching;
    }
    if (near > 0 && reaching * 2 >= near) {
        violated(step.now, "S1: " + step.ids[viewer].str() + " calls " + step.ids[subject].str() + " down, which " +
                               std::to_string(reaching) + " of " + std::to_string(near) + " near it reach both ways");
    }
}

void NoFalseDown::on_step(const Step& step) {
    for (std::size_t viewer = 0; viewer < step.ids.size(); ++viewer) {
        if (!step.states[viewer].honest || !awake(step, viewer)) continue;
        for (const mesh::NodeView& node : step.states[viewer].nodes) {
            if (node.status != mesh::Status::down) continue;
            const std::size_t subject = index_of(step.ids, node.id);
            if (subject < step.ids.size() && awake(step, subject)) check(step, viewer, subject);
        }
    }
}

}  // namespace meshmon::sim
