#include "sim/checkers/finds_the_dead.hpp"

#include <algorithm>

namespace meshmon::sim {

using mesh::Status;

namespace {

constexpr Duration kUnheard = std::chrono::seconds(60);  // of whom nothing is held is not judged sooner

std::size_t reached_directly(const Step& step, const Truth::Core& core, std::size_t viewer) {
    return static_cast<std::size_t>(
        std::ranges::count_if(core.members, [&](std::size_t other) { return step.truth.whole(viewer, other); }));
}

}  // namespace

void FindsTheDead::on_step(const Step& step) {
    note_who_is_well(step);
    for (std::size_t viewer = 0; viewer < step.ids.size(); ++viewer) {
        const Truth::Core* core = step.truth.core_of(viewer);
        if (core == nullptr || !core->calm_since) continue;
        if (voters(step, *core) >= Bounds::quorum(step.states[viewer].nodes.size())) look(step, viewer, *core);
    }
}

/// Who starved finds itself unhealthy for a while, and has no vote.
std::size_t FindsTheDead::voters(const Step& step, const Truth::Core& core) const {
    return static_cast<std::size_t>(std::ranges::count_if(core.members, [&](std::size_t member) {
        const auto fed_at = step.states[member].fed_at;
        return !fed_at || step.now - *fed_at > bounds_.after_starving();
    }));
}

void FindsTheDead::note_who_is_well(const Step& step) {
    const std::size_t nodes = step.ids.size();
    well_.resize(nodes * nodes, true);
    const auto for_long = [&](MonoTime since) { return step.now - since > bounds_.recovery(); };
    for (std::size_t subject = 0; subject < nodes; ++subject) {
        const auto settled = step.truth.settled_since(subject);
        bool well = settled && for_long(*settled);
        for (std::size_t other = 0; other < nodes && well; ++other) {
            if (other == subject || !step.truth.settled_since(other)) continue;
            well = step.truth.whole(other, subject) && for_long(step.truth.tie(other, subject).since);
        }
        for (std::size_t viewer = 0; viewer < nodes; ++viewer) {
            if (!step.truth.apart_since(viewer, subject)) well_[viewer * nodes + subject] = well;
        }
    }
}

void FindsTheDead::look(const Step& step, std::size_t viewer, const Truth::Core& core) {
    const NodeState& state = step.states[viewer];
    for (std::size_t i = 0; i < state.nodes.size(); ++i) {
        const mesh::NodeView& node = state.nodes[i];
        const std::size_t subject = step.truth.subjects(viewer)[i];
        if (node.status == Status::down || node.self || !node.key_known || subject == step.ids.size()) continue;
        const auto apart = step.truth.apart_since(viewer, subject);
        if (!apart) continue;
        MonoTime since = std::max(*apart, *core.calm_since);
        if (!node.head) since = std::max(since, *step.truth.settled_since(viewer) + kUnheard);
        if (step.now - since <= bound(step, core, viewer, subject, node)) continue;
        const bool nobody_may_tell = node.status == Status::unknown && node.evidence.votes == 0;
        if (nobody_may_tell || !outnumbers(step, core, viewer, subject)) continue;
        violated(step.now, "L1: " + step.ids[viewer].str() + " calls " + node.id.str() + " " +
                               std::string(to_string(node.status)) + (node.contested ? ", contested" : "") +
                               ", of which nothing was heard for " + to_short_text(step.now - *apart) + " in a core of " +
                               std::to_string(core.members.size()) + " that is calm for " +
                               to_short_text(step.now - *core.calm_since));
    }
}

Duration FindsTheDead::bound(const Step& step, const Truth::Core& core, std::size_t viewer, std::size_t subject,
                             const mesh::NodeView& dead) const {
    const bool dialed = dead.link && dead.link->dials;
    Duration bound = dialed ? bounds_.detection() : bounds_.detection_by_silence();
    if (reached_directly(step, core, viewer) < Bounds::quorum(step.states[viewer].nodes.size())) bound += bounds_.few_reached();
    const auto proof_ago = dead.evidence.proof_of_life_ago;
    const MonoTime apart_since = *step.truth.apart_since(viewer, subject);
    // By a relay, or by somebody who held back what it said and lets it out now.
    const bool came_round = proof_ago && step.now - *proof_ago > apart_since;
    const bool was_accused = !well_[viewer * step.ids.size() + subject];
    const bool calmed_later = *core.calm_since > apart_since;  // who came later hears of the death and of the life together
    if (came_round || was_accused || calmed_later) bound += bounds_.late_head();
    const bool one_waited = std::ranges::any_of(
        core.members, [&](std::size_t voter) { return step.states[voter].waited(apart_since, bounds_.after_own_pause()); });
    if (calmed_later || one_waited) bound += bounds_.after_own_pause();
    return bound;
}

bool FindsTheDead::outnumbers(const Step& step, const Truth::Core& core, std::size_t viewer, std::size_t dead) const {
    // Of who was gone before the viewer began, it may hear by relays alone, and late: such a head proves life for a while.
    const MonoTime begun = *step.truth.settled_since(viewer);
    const bool takes_late_heads = step.now - begun <= bounds_.relayed_life();
    const MonoTime death = *step.truth.apart_since(viewer, dead);
    std::size_t others = 0;
    for (const std::size_t other : step.truth.subjects(viewer)) {
        if (other == step.ids.size() || other == dead || std::ranges::binary_search(core.members, other)) continue;
        const auto apart = step.truth.apart_since(viewer, other);
        if (!apart || *apart > death || (takes_late_heads && *apart <= begun)) ++others;
    }
    return core.members.size() * 4 >= (core.members.size() + others) * 3;
}

}  // namespace meshmon::sim
