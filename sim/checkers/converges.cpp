#include "sim/checkers/converges.hpp"

#include <algorithm>

#include "mesh/record.hpp"

namespace meshmon::sim {

void Converges::on_step(const Step& step) {
    note_what_is_newest(step);
    for (std::size_t viewer = 0; viewer < step.ids.size(); ++viewer) {
        const Truth::Core* core = step.truth.core_of(viewer);
        if (core == nullptr || !core->calm_since) continue;
        // Until then tries that began under the faults may still run out: L2.
        if (step.now - *core->calm_since < bounds_.recovery() + bounds_.convergence()) continue;
        look(step, viewer, *core);
    }
}

void Converges::note_what_is_newest(const Step& step) {
    signed_.resize(step.ids.size());
    incarnations_.resize(step.ids.size());
    did_not_write_.resize(step.ids.size());
    for (std::size_t owner = 0; owner < step.ids.size(); ++owner) {
        const NodeState& state = step.states[owner];
        if (!state.writes) did_not_write_[owner] = step.now;
        std::deque<Signed>& known = signed_[owner];
        if (state.incarnation != incarnations_[owner]) known.clear();  // what a wiped disk knew may be lost to all
        incarnations_[owner] = state.incarnation;
        const bool is_new =
            state.running && state.own_record && (known.empty() || known.back().version != state.own_record->version);
        if (is_new) known.push_back({step.now, state.own_record->version});
        while (known.size() > 1 && step.now - known[1].at >= bounds_.convergence()) known.pop_front();
    }
}

void Converges::look(const Step& step, std::size_t viewer, const Truth::Core& core) {
    const auto two_hops = [&](std::size_t owner) {
        return std::ranges::any_of(
            core.members, [&](std::size_t relay) { return step.truth.whole(viewer, relay) && step.truth.whole(relay, owner); });
    };
    const NodeState& state = step.states[viewer];
    for (std::size_t i = 0; i < state.nodes.size(); ++i) {
        const std::size_t owner = step.truth.subjects(viewer)[i];
        if (owner == viewer || !std::ranges::binary_search(core.members, owner) || !two_hops(owner)) continue;
        const std::deque<Signed>& known = signed_[owner];
        if (known.empty() || step.now - known.front().at < bounds_.convergence()) continue;
        if (step.now - did_not_write_[owner] < bounds_.recovery() + bounds_.convergence()) continue;
        const auto& held = state.nodes[i].head;
        // Under another key versions do not compare: whose key is changed speaks under both for a while.
        if (held && (held->key != known.front().version.key || !mesh::is_newer(known.front().version, *held))) continue;
        violated(step.now, "L3: " + step.ids[viewer].str() + " does not hold what " + step.ids[owner].str() + " signed " +
                               to_short_text(step.now - known.front().at) + " ago, in a core that is calm for " +
                               to_short_text(step.now - *core.calm_since));
    }
}

}  // namespace meshmon::sim
