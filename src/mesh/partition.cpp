#include "mesh/partition.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace meshmon::mesh {

namespace {

using Closed = std::map<std::size_t, NodeSet>;  // by placed node: whom it is linked to, itself included, among the placed

Closed closed_rows(const std::vector<std::size_t>& placed, const NodeSet& all, const std::vector<NodeSet>& linked) {
    Closed rows;
    for (const std::size_t node : placed) {
        NodeSet row = linked[node];
        row &= all;
        row.insert(node);
        rows.emplace_hint(rows.end(), node, std::move(row));
    }
    return rows;
}

std::vector<std::vector<std::size_t>> components(const Closed& rows, const NodeSet& all) {
    std::vector<std::vector<std::size_t>> found;
    NodeSet unvisited = all;
    for (const auto& [start, row] : rows) {
        if (!unvisited.contains(start)) continue;
        std::vector<std::size_t> component{start};
        unvisited.erase(start);
        for (std::size_t next = 0; next < component.size(); ++next) {
            NodeSet reached = rows.at(component[next]);
            reached &= unvisited;
            unvisited -= reached;
            reached.for_each([&component](std::size_t node) { component.push_back(node); });
        }
        std::ranges::sort(component);
        found.push_back(std::move(component));
    }
    std::ranges::sort(found, [](const auto& a, const auto& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; });
    return found;
}

/// Classes of at least two nodes with one closed row that lack a link to another such class.
std::vector<std::vector<std::size_t>> separated_groups(const Closed& rows) {
    std::map<NodeSet, std::vector<std::size_t>> classes;
    for (const auto& [node, row] : rows) classes[row].push_back(node);
    std::vector<std::vector<std::size_t>> large;
    for (auto& [row, members] : classes) {
        if (members.size() >= 2) large.push_back(std::move(members));
    }
    std::vector<std::vector<std::size_t>> separated;
    for (const auto& group : large) {
        const bool lacks = std::ranges::any_of(
            large, [&](const auto& other) { return &other != &group && !rows.at(group.front()).contains(other.front()); });
        if (lacks) separated.push_back(group);
    }
    std::ranges::sort(separated);
    return separated;
}

}  // namespace

Sides find_sides(const std::vector<std::size_t>& placed, const std::function<bool(std::size_t, std::size_t)>& foreseen,
                 const std::vector<NodeSet>& linked) {
    NodeSet all(linked.size());
    for (const std::size_t node : placed) all.insert(node);
    const Closed rows = closed_rows(placed, all, linked);
    Sides result;
    result.sides = components(rows, all);
    std::vector<std::size_t> side_of(linked.size());
    for (std::size_t side = 0; side < result.sides.size(); ++side) {
        for (const std::size_t node : result.sides[side]) side_of[node] = side;
    }
    const std::size_t none = linked.size();
    std::vector<std::size_t> group_of(linked.size(), none);
    const auto groups = separated_groups(rows);
    for (const auto& group : groups) {
        for (const std::size_t node : group) group_of[node] = group.front();
    }
    std::set<std::size_t> sides_with_groups;
    for (const std::size_t a : placed) {
        NodeSet missing = all;
        missing -= rows.at(a);
        missing.for_each([&](std::size_t b) {
            if (b < a || side_of[a] != side_of[b]) return;
            if (group_of[a] != none && group_of[b] != none && group_of[a] != group_of[b]) {
                sides_with_groups.insert(side_of[a]);
            } else if (foreseen(a, b)) {
                result.broken_links.emplace_back(a, b);
            }
        });
    }
    // Groups on different sides are the sides themselves; only those that share a side are a partial partition.
    for (const auto& group : groups) {
        if (sides_with_groups.contains(side_of[group.front()])) result.groups.push_back(group);
    }
    for (const auto& [a, row] : rows) {
        if (group_of[a] != none || !sides_with_groups.contains(side_of[a])) continue;
        std::set<std::size_t> reached;
        row.for_each([&](std::size_t b) {
            if (group_of[b] != none) reached.insert(group_of[b]);
        });
        if (reached.size() >= 2) result.bridges.push_back(a);
    }
    return result;
}

}  // namespace meshmon::mesh
