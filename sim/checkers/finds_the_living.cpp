#include "sim/checkers/finds_the_living.hpp"

#include <algorithm>

namespace meshmon::sim {

using mesh::Status;

void FindsTheLiving::on_step(const Step& step) {
    could_not_sign_.resize(step.ids.size());
    for (std::size_t node = 0; node < step.ids.size(); ++node) {
        if (!step.states[node].own_record && !step.states[node].writes) could_not_sign_[node] = step.now;
    }
    for (std::size_t viewer = 0; viewer < step.ids.size(); ++viewer) {
        if (step.truth.settled_since(viewer)) look(step, viewer);
    }
}

void FindsTheLiving::look(const Step& step, std::size_t viewer) {
    const NodeState& state = step.states[viewer];
    const auto all_well = all_well_since(step, viewer);
    for (std::size_t i = 0; i < state.nodes.size(); ++i) {
        const mesh::NodeView& node = state.nodes[i];
        const std::size_t subject = step.truth.subjects(viewer)[i];
        if (node.status == Status::up || node.self || subject == step.ids.size()) continue;
        const bool impaired = node.status == Status::degraded && node.evidence.says_impaired * 4 > node.evidence.votes;
        const auto since = node.status == Status::degraded ? all_well : reached_since(step, viewer, subject);
        if (impaired || !since) continue;
        const Duration waited = state.waited(*since, bounds_.after_own_pause()) ? bounds_.after_own_pause() : Duration{};
        if (step.now - *since <= bounds_.recovery() + waited) continue;
        violated(step.now, "L2: " + step.ids[viewer].str() + " calls " + node.id.str() + " " +
                               std::string(to_string(node.status)) + (node.contested ? ", contested" : "") +
                               ", which it could reach for " + to_short_text(step.now - *since) + "; of " +
                               std::to_string(node.evidence.votes) + " votes " + std::to_string(node.evidence.says_down) +
                               " say down, " + std::to_string(node.evidence.says_impaired) + " impaired");
    }
}

/// Over relays it counts from when they must have served.
std::optional<MonoTime> FindsTheLiving::reached_since(const Step& step, std::size_t viewer, std::size_t subject) const {
    const auto settled = step.truth.settled_since(subject);
    if (!settled) return std::nullopt;
    if (step.truth.whole(viewer, subject)) {
        return std::max({*step.truth.settled_since(viewer), *settled, step.truth.tie(viewer, subject).since});
    }
    const Truth::Core* core = step.truth.core_of(viewer);
    if (core == nullptr || core != step.truth.core_of(subject) || !core->calm_since) return std::nullopt;
    if (core->members.size() < Bounds::quorum(step.states[viewer].nodes.size())) return std::nullopt;
    const bool two_hops = std::ranges::any_of(
        core->members, [&](std::size_t relay) { return step.truth.whole(viewer, relay) && step.truth.whole(relay, subject); });
    return two_hops ? std::optional(*core->calm_since + bounds_.over_relays()) : std::nullopt;
}

std::optional<MonoTime> FindsTheLiving::all_well_since(const Step& step, std::size_t viewer) const {
    const Truth::Core* core = step.truth.core_of(viewer);
    if (core == nullptr || core->members.size() != step.states[viewer].nodes.size()) return std::nullopt;
    std::optional<MonoTime> since = core->calm_since;
    for (const std::size_t a : core->members) {
        for (const std::size_t b : core->members) {
            if (!step.truth.whole(a, b)) return std::nullopt;
        }
        if (since) since = std::max(*since, could_not_sign_[a]);
    }
    return since;
}

}  // namespace meshmon::sim
