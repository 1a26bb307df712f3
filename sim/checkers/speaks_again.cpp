#include "sim/checkers/speaks_again.hpp"

#include <algorithm>

#include "mesh/record.hpp"

namespace meshmon::sim {

namespace {

constexpr Duration kToldAgain = std::chrono::minutes(1);     // of one clone a node tells no more often
constexpr Duration kJumpSpacing = std::chrono::seconds(10);  // after the second jump of a process
constexpr std::size_t kJumpsAtOnce = 2;

/// Since when it runs undisturbed. What others hold of it excuses nothing here: going above that is what L6 asks for.
MonoTime undisturbed_since(const NodeState& state) {
    return std::max({*state.awake_since, state.roster_since, state.injected_at});
}

}  // namespace

void SpeaksAgain::on_step(const Step& step) {
    note_what_was_told(step);
    for (std::size_t viewer = 0; viewer < step.ids.size(); ++viewer) {
        for (std::size_t other = 0; other < step.ids.size(); ++other) {
            if (other == viewer) continue;
            if (step.states[other].clone) look_for_names(step, viewer, other);
            else look_for_voices(step, viewer, other);
        }
    }
}

void SpeaksAgain::note_what_was_told(const Step& step) {
    did_not_write_.resize(step.ids.size());
    for (std::size_t node = 0; node < step.ids.size(); ++node) {
        if (!step.states[node].writes) did_not_write_[node] = step.now;
        Jumps& jumps = jumps_[node];
        if (jumps.incarnation != step.states[node].incarnation) jumps = {.incarnation = step.states[node].incarnation};
        for (const Told& told : step.states[node].told) {
            if (told.event.kind == mesh::EventKind::epoch_jumped)
                jumps = {.incarnation = jumps.incarnation, .count = jumps.count + 1, .last = told.at};
            if (told.event.kind != mesh::EventKind::clone_suspected) continue;
            named_[{node, index_of(step.ids, told.event.node)}] = told.at;
        }
    }
}

void SpeaksAgain::look_for_voices(const Step& step, std::size_t viewer, std::size_t owner) {
    const auto hears = step.truth.settled_since(viewer);
    if (!step.truth.settled_since(owner) || !hears || !step.truth.whole(viewer, owner)) return;
    const auto& subjects = step.truth.subjects(viewer);
    const auto place = static_cast<std::size_t>(std::ranges::find(subjects, owner) - subjects.begin());
    if (place == subjects.size()) return;
    const auto& own = step.states[owner].own_record;
    const auto& held = step.states[viewer].nodes[place].head;
    const Jumps& jumps = jumps_[owner];
    // Its own time stands still while it does not run. An epoch that it just jumped to, as somebody came back with a newer head
    // of it, nobody can have heard yet.
    const bool spaces = jumps.count >= kJumpsAtOnce;
    const MonoTime may_jump_at = spaces ? std::max(jumps.last, *step.states[owner].awake_since) + kJumpSpacing : jumps.last;
    const MonoTime since =
        std::max({undisturbed_since(step.states[owner]), may_jump_at, *hears, step.truth.tie(viewer, owner).since,
                  did_not_write_[owner], held_since(step, viewer, owner, held ? held->epoch : 0)});
    if (own && held && held->key == own->version.key && held->epoch == own->version.epoch) return;
    const auto itself = named_.find({owner, owner});
    const bool named_itself = itself != named_.end() && itself->second >= *step.states[owner].awake_since;
    if (named_itself || step.now - since <= bounds_.recovery()) return;
    violated(step.now, "L6: " + step.ids[viewer].str() + " has not heard " + step.ids[owner].str() +
                           " under its present epoch, " + (own ? std::to_string(own->version.epoch) : std::string("none")) +
                           ", and holds " + (held ? std::to_string(held->epoch) : std::string("nothing")) +
                           ", though they could talk for " + to_short_text(step.now - since));
}

MonoTime SpeaksAgain::held_since(const Step& step, std::size_t viewer, std::size_t owner, std::uint64_t epoch) {
    Held& held = held_[{viewer, owner}];
    if (held.epoch != epoch) held = {epoch, step.now};
    return held.since;
}

void SpeaksAgain::look_for_names(const Step& step, std::size_t viewer, std::size_t cloned) {
    const NodeState& state = step.states[cloned];
    const auto hears = step.truth.settled_since(viewer);
    const auto original = step.links.whole_since(viewer, cloned, step.now);
    const auto clone = step.links.whole_since(viewer, state.clone->host, step.now);
    if (!hears || !state.awake_since || !original || !clone || !step.states[viewer].view.listed) return;
    const MonoTime since = std::max({*hears, *state.awake_since, state.clone->awake_since, *original, *clone});
    if (step.now - since <= bounds_.recovery()) return;
    const auto named = named_.find({viewer, cloned});
    if (named != named_.end() && named->second >= since - kToldAgain) return;
    violated(step.now, "L6: " + step.ids[viewer].str() + " does not name the clone of " + step.ids[cloned].str() +
                           ", though it could hear both for " + to_short_text(step.now - since));
}

}  // namespace meshmon::sim
