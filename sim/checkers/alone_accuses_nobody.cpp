#include "sim/checkers/alone_accuses_nobody.hpp"

#include <algorithm>

#include "mesh/record.hpp"
#include "mesh/roster.hpp"
#include "wire/codec.hpp"

namespace meshmon::sim {

namespace {

std::set<NodeId> called_down(const NodeState& state) {
    std::set<NodeId> down;
    for (const mesh::NodeView& node : state.nodes) {
        if (node.status == mesh::Status::down && node.reason != mesh::Reason::left) down.insert(node.id);
    }
    return down;
}

/// Verdicts may be gone again by now. Those from before a pause of the process are not what it judges after it; and one that
/// starves may come to some that it takes back in the same burst, when it has read what else waited.
std::set<NodeId> told_down(const NodeState& state) {
    std::set<NodeId> down;
    if (!state.awake_since) return down;
    for (const Told& told : state.told) {
        if (told.calls_down() && (!state.resumed_at || told.at >= *state.resumed_at)) down.insert(told.event.node);
    }
    return down;
}

/// Whether the node's own vote is among those that call `subject` down.
bool says_so_itself(const NodeState& state, const NodeId& self, const NodeId& subject) {
    const auto node = std::ranges::find(state.nodes, subject, &mesh::NodeView::id);
    return node != state.nodes.end() && std::ranges::any_of(node->evidence.testimonies, [&](const mesh::Testimony& word) {
               return word.observer == self && word.counts && word.says == mesh::Status::down;
           });
}

bool accuses(const wire::ReachEntry& entry) {
    return entry.out == wire::OutState::failed ||
           (entry.out == wire::OutState::not_foreseen && entry.in == wire::InState::silent);
}

std::set<std::uint64_t> accused_by(const mesh::Record& record) {
    std::set<std::uint64_t> tags;
    for (std::size_t i = 0; i < record.slots.size(); ++i) {
        if (record.head.slots[i].kind != wire::SlotKind::reach) continue;
        const auto page = wire::decode_reach(*record.slots[i]);
        if (!page) continue;
        for (const wire::ReachEntry& entry : page->entries) {
            if (accuses(entry)) tags.insert(entry.node.value);
        }
    }
    return tags;
}

}  // namespace

void AloneAccusesNobody::on_step(const Step& step) {
    for (std::size_t node = 0; node < step.ids.size(); ++node) {
        const NodeState& state = step.states[node];
        if (!state.running || !state.honest) continue;
        if (state.nodes.size() <= 2) {
            known_.erase(node);
            continue;
        }
        Known& before = known_[node];
        const bool same = before.incarnation == state.incarnation;
        Known now{.incarnation = state.incarnation,
                  .fitness = fitness(step, node),
                  .fit_at = step.now,
                  .in_touch = {},
                  .heard = heard_alone(step, node, same ? std::move(before.heard) : std::set<std::size_t>{}),
                  .down = called_down(state),
                  .told_down = told_down(state),
                  .record = state.own_record,
                  .accused = {}};
        if (same && now.fitness != Fitness::fit) {
            now.fit_at = before.fit_at;
            now.in_touch = std::move(before.in_touch);
            // Whom it loses while it starves and is not alone yet, others may find dead, and it may believe them.
            if (!step.truth.alone_since(node))
                std::erase_if(now.in_touch, [&](std::size_t other) { return !step.truth.whole(node, other); });
            if (now.heard.size() >= Bounds::quorum(state.nodes.size())) now.in_touch.clear();
        } else {
            now.in_touch = in_touch(step, node);
        }
        if (now.record) now.accused = now.record == before.record ? before.accused : accused_by(*now.record);
        if (same) look(step, node, before, now);
        before = std::move(now);
    }
}

AloneAccusesNobody::Fitness AloneAccusesNobody::fitness(const Step& step, std::size_t node) const {
    const NodeState& state = step.states[node];
    if (state.resumed_at && step.now - *state.resumed_at < bounds_.poll()) return Fitness::judges_nobody;
    const bool starves = !state.paused && !state.awake_since;
    return starves || step.truth.alone_since(node) ? Fitness::may_judge_the_lost : Fitness::fit;
}

std::set<std::size_t> AloneAccusesNobody::in_touch(const Step& step, std::size_t node) const {
    std::set<std::size_t> found;
    const auto for_long = [&](const std::optional<MonoTime>& since) { return since && step.now - *since > bounds_.recovery(); };
    if (!for_long(step.truth.settled_since(node))) return found;
    for (std::size_t other = 0; other < step.ids.size(); ++other) {
        const Truth::Tie& tie = step.truth.tie(node, other);
        const bool whole = tie.state == Truth::Tie::State::whole && for_long(tie.since);
        if (whole && for_long(step.truth.settled_since(other))) found.insert(other);
    }
    return found;
}

std::set<std::size_t> AloneAccusesNobody::heard_alone(const Step& step, std::size_t node, std::set<std::size_t> before) const {
    if (!step.truth.alone_since(node)) return {};
    for (std::size_t other = 0; other < step.ids.size(); ++other) {
        if (!step.truth.apart_since(node, other)) before.insert(other);
    }
    return before;
}

bool AloneAccusesNobody::reachable_for_long(const Step& step, std::size_t node, std::size_t subject) const {
    const auto settled = step.truth.settled_since(subject);
    const auto for_long = [&](MonoTime since) { return step.now - since > bounds_.detection() + bounds_.poll(); };
    return settled && for_long(*settled) && step.truth.whole(node, subject) && for_long(step.truth.tie(node, subject).since);
}

void AloneAccusesNobody::look(const Step& step, std::size_t node, const Known& before, const Known& now) {
    if (now.fitness == Fitness::fit || (before.fitness == Fitness::fit && now.fitness != Fitness::judges_nobody)) return;
    // Until it has tried and missed everybody it may take its own trouble for theirs, if theirs began earlier.
    const auto alone_since = step.truth.alone_since(node);
    const Duration unaware = std::max(bounds_.poll() + bounds_.one_try(), bounds_.silence()) +
                             (step.truth.company(node) > 0 ? bounds_.relayed_life() : Duration{});
    const auto settled = step.truth.settled_since(node);
    // One that starves as well has lived less of that time than has passed: it may go on believing what it heard before.
    const bool lives_all_the_time = step.states[node].paused || step.states[node].awake_since;
    const bool has_tried_all = !alone_since || step.now - std::max(*alone_since, settled.value_or(*alone_since)) > unaware;
    const bool can_know = has_tried_all && (!alone_since || lives_all_the_time);
    const std::string who = "S9: " + step.ids[node].str() +
                            (alone_since ? ", alone for " + to_short_text(step.now - *alone_since) : ", just back or starved");
    for (std::size_t subject = 0; subject < step.ids.size(); ++subject) {
        if (now.fitness == Fitness::may_judge_the_lost && !step.truth.alive(subject)) continue;
        const NodeId& id = step.ids[subject];
        const auto lives_since = step.truth.settled_since(subject);
        const bool in_touch = now.in_touch.contains(subject) && lives_since && *lives_since < now.fit_at;
        const bool new_verdict = now.told_down.contains(id) || (now.down.contains(id) && !before.down.contains(id));
        const std::uint64_t tag = mesh::node_tag(id).value;
        // One that starves may well believe those who do not, and what it found before.
        const bool starves = !alone_since && now.fitness == Fitness::may_judge_the_lost;
        if (starves && !reachable_for_long(step, node, subject)) continue;
        const bool may_tell = starves && (before.accused.contains(tag) || !says_so_itself(step.states[node], step.ids[node], id));
        if (new_verdict && !may_tell && (can_know || now.fitness == Fitness::judges_nobody || in_touch)) {
            violated(step.now, who + ", calls " + id.str() + " down");
        }
        if (!can_know || now.record == before.record || !now.record) continue;
        const bool new_accusation = now.accused.contains(tag) && !before.accused.contains(tag);
        if (new_accusation && now.record->head.health == wire::SelfHealth::healthy) {
            violated(step.now, who + ", signs that it does not reach " + id.str());
        }
    }
}

}  // namespace meshmon::sim
