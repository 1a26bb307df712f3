#include "sim/checkers/names_sides.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace meshmon::sim {

namespace {

using Side = NamedSides::Side;

bool is_foreseen(const NodeState& state, const NodeId& other) {
    const auto found = std::ranges::find(state.nodes, other, &mesh::NodeView::id);
    return found != state.nodes.end() && found->link && (found->link->dials || found->link->dialed_by);
}

Side to_indices(const Step& step, const std::vector<NodeId>& names) {
    Side side;
    for (const NodeId& id : names) side.insert(index_of(step.ids, id));
    return side;
}

NamedSides read(const Step& step, const mesh::Partition& partition) {
    NamedSides named;
    for (const auto& side : partition.sides) named.sides.insert(to_indices(step, side));
    for (const auto& group : partition.groups) named.groups.insert(to_indices(step, group));
    named.bridges = to_indices(step, partition.bridges);
    for (const auto& [a, b] : partition.broken_links) {
        const std::size_t one = index_of(step.ids, a);
        const std::size_t other = index_of(step.ids, b);
        named.broken_links.emplace(std::min(one, other), std::max(one, other));
    }
    return named;
}

std::string describe(const NamedSides& named) {
    return fmt::format("sides {} groups {} bridges {} broken {}", named.sides, named.groups, named.bridges, named.broken_links);
}

Side reachable_from(std::size_t first, const std::vector<std::size_t>& placed, const Pairs& linked) {
    Side side{first};
    for (bool grows = true; grows;) {
        grows = false;
        for (const std::size_t node : placed) {
            const bool touches = std::ranges::any_of(side, [&](std::size_t member) { return linked(member, node); });
            if (touches && side.insert(node).second) grows = true;
        }
    }
    return side;
}

/// Nodes of one side that are linked to the same nodes, themselves included; at least two.
std::vector<Side> alike(const Side& side, const Pairs& linked) {
    std::map<Side, Side> by_links;
    for (const std::size_t node : side) {
        Side links{node};
        for (const std::size_t other : side) {
            if (linked(node, other)) links.insert(other);
        }
        by_links[links].insert(node);
    }
    std::vector<Side> found;
    for (auto& [links, nodes] : by_links) {
        if (nodes.size() >= 2) found.push_back(std::move(nodes));
    }
    return found;
}

bool all_linked(const std::vector<std::size_t>& placed, const Pairs& linked) {
    return std::ranges::all_of(placed, [&](std::size_t a) {
        return std::ranges::all_of(placed, [&](std::size_t b) { return a == b || linked(a, b); });
    });
}

void name_within(const Side& side, const Pairs& linked, const Pairs& foreseen, NamedSides& named) {
    const std::vector<Side> classes = alike(side, linked);
    const auto apart = [&](const Side& a, const Side& b) { return a != b && !linked(*a.begin(), *b.begin()); };
    std::vector<Side> groups;
    for (const Side& one : classes) {
        if (std::ranges::any_of(classes, [&](const Side& other) { return apart(one, other); })) groups.push_back(one);
    }
    const auto group_of = [&](std::size_t node) {
        return std::ranges::find_if(groups, [&](const Side& group) { return group.contains(node); });
    };
    for (const std::size_t a : side) {
        const auto own = group_of(a);
        const auto touched = std::ranges::count_if(groups, [&](const Side& group) { return linked(a, *group.begin()); });
        if (own == groups.end() && touched >= 2) named.bridges.insert(a);
        for (const std::size_t b : side) {
            const bool between_groups = own != groups.end() && group_of(b) != groups.end() && own != group_of(b);
            if (a < b && !linked(a, b) && !between_groups && foreseen(a, b)) named.broken_links.emplace(a, b);
        }
    }
    named.groups.insert(groups.begin(), groups.end());
}

}  // namespace

NamedSides name_sides(const std::vector<std::size_t>& placed, const Pairs& linked, const Pairs& foreseen) {
    NamedSides named;
    if (!placed.empty() && all_linked(placed, linked)) {  // most of the time, and quickly told
        named.sides.emplace(placed.begin(), placed.end());
        return named;
    }
    for (const std::size_t node : placed) named.sides.insert(reachable_from(node, placed, linked));
    for (const Side& side : named.sides) name_within(side, linked, foreseen, named);
    return named;
}

void NamesSides::on_step(const Step& step) {
    premises_.resize(step.ids.size());
    since_.resize(step.ids.size());
    for (std::size_t viewer = 0; viewer < step.ids.size(); ++viewer) {
        const Truth::Core* core = step.truth.core_of(viewer);
        const bool applies = core != nullptr && core->calm_since && step.truth.company(viewer) + 1 == core->members.size();
        const Premises before = std::exchange(premises_[viewer], applies ? premises_of(step, viewer, *core) : Premises{});
        if (!applies || before != premises_[viewer]) since_[viewer] = step.now;
        if (!applies || !premises_[viewer].all_found) continue;
        MonoTime calm_since = *core->calm_since;
        for (std::size_t other = 0; other < step.ids.size(); ++other) {
            calm_since = std::max(calm_since, step.truth.apart_since(viewer, other).value_or(calm_since));
        }
        const MonoTime found_at = std::max(since_[viewer], calm_since + detection(step, viewer, *core));
        if (step.now - found_at > bounds_.recovery()) look(step, viewer, premises_[viewer].voters, step.now - found_at);
    }
}

/// Who reaches few has no two accusers of whom it lost: they are fresh for it as long as what came round last is current.
Duration NamesSides::detection(const Step& step, std::size_t viewer, const Truth::Core& core) const {
    const auto reached = static_cast<std::size_t>(
        std::ranges::count_if(core.members, [&](std::size_t other) { return step.truth.whole(viewer, other); }));
    const bool few = reached < Bounds::quorum(step.states[viewer].nodes.size());
    return bounds_.detection() + (few ? bounds_.relayed_life() : Duration{});
}

NamesSides::Premises NamesSides::premises_of(const Step& step, std::size_t viewer, const Truth::Core& core) {
    Premises found;
    for (const std::size_t node : core.members) {
        const NodeState& state = step.states[node];
        if (state.view.self_health == mesh::SelfHealth::healthy) found.voters.push_back(node);
    }
    found.all_found = true;
    for (std::size_t i = 0; i < step.states[viewer].nodes.size(); ++i) {
        const mesh::NodeView& node = step.states[viewer].nodes[i];
        const std::size_t subject = step.truth.subjects(viewer)[i];
        if (std::ranges::binary_search(core.members, subject)) {
            const auto& own = step.states[subject].own_record;
            const bool is_heard = own && node.head && own->version.epoch == node.head->epoch;
            const bool can_sign = step.states[subject].writes;  // without its epoch on the disk, not even that it is well again
            if (!is_heard || !can_sign) found.all_found = false;
        } else if (node.status == mesh::Status::up || node.status == mesh::Status::degraded) {
            found.all_found = false;
        }
    }
    return found;
}

void NamesSides::look(const Step& step, std::size_t viewer, const std::vector<std::size_t>& voters, Duration span) {
    const auto linked = [&](std::size_t a, std::size_t b) {
        return a != b && step.truth.tie(a, b).state != Truth::Tie::State::dead;
    };
    const auto foreseen = [&](std::size_t a, std::size_t b) {
        return is_foreseen(step.states[a], step.ids[b]) || is_foreseen(step.states[b], step.ids[a]);
    };
    const NamedSides expected = name_sides(voters, linked, foreseen);
    const NamedSides named = read(step, step.states[viewer].view.partition);
    if (named == expected) return;
    violated(step.now, "L4: " + step.ids[viewer].str() + " names " + describe(named) + ", and not " + describe(expected) +
                           ", for " + to_short_text(span));
}

}  // namespace meshmon::sim
