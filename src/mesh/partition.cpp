#include "mesh/partition.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace meshmon::mesh {

namespace {

using Closed = std::vector<bool>;  // whom a node is linked to, itself included, by position in `placed`

std::vector<Closed> closed_rows(const std::vector<std::size_t>& placed,
                                const std::function<bool(std::size_t, std::size_t)>& linked) {
    std::vector<Closed> rows(placed.size(), Closed(placed.size()));
    for (std::size_t a = 0; a < placed.size(); ++a) {
        rows[a][a] = true;
        for (std::size_t b = a + 1; b < placed.size(); ++b) rows[a][b] = rows[b][a] = linked(placed[a], placed[b]);
    }
    return rows;
}

std::vector<std::vector<std::size_t>> components(const std::vector<Closed>& rows) {
    std::vector<std::vector<std::size_t>> found;
    std::vector<bool> visited(rows.size());
    for (std::size_t start = 0; start < rows.size(); ++start) {
        if (visited[start]) continue;
        std::vector<std::size_t> component{start};
        visited[start] = true;
        for (std::size_t next = 0; next < component.size(); ++next) {
            for (std::size_t other = 0; other < rows.size(); ++other) {
                if (visited[other] || !rows[component[next]][other]) continue;
                visited[other] = true;
                component.push_back(other);
            }
        }
        std::ranges::sort(component);
        found.push_back(std::move(component));
    }
    std::ranges::sort(found, [](const auto& a, const auto& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; });
    return found;
}

/// Classes of at least two nodes with one closed row that lack a link to another such class.
std::vector<std::vector<std::size_t>> separated_groups(const std::vector<Closed>& rows) {
    std::map<Closed, std::vector<std::size_t>> classes;
    for (std::size_t i = 0; i < rows.size(); ++i) classes[rows[i]].push_back(i);
    std::vector<std::vector<std::size_t>> large;
    for (auto& [row, members] : classes) {
        if (members.size() >= 2) large.push_back(std::move(members));
    }
    std::vector<std::vector<std::size_t>> separated;
    for (const auto& group : large) {
        const bool lacks = std::ranges::any_of(
            large, [&](const auto& other) { return &other != &group && !rows[group.front()][other.front()]; });
        if (lacks) separated.push_back(group);
    }
    std::ranges::sort(separated);
    return separated;
}

}  // namespace

Sides find_sides(const std::vector<std::size_t>& placed, const std::function<bool(std::size_t, std::size_t)>& foreseen,
                 const std::function<bool(std::size_t, std::size_t)>& linked) {
    const std::vector<Closed> rows = closed_rows(placed, linked);
    const auto named = [&placed](const std::vector<std::size_t>& positions) {
        std::vector<std::size_t> names;
        for (const std::size_t position : positions) names.push_back(placed[position]);
        return names;
    };
    Sides result;
    std::vector<std::size_t> side_of(placed.size());
    for (const auto& component : components(rows)) {
        for (const std::size_t position : component) side_of[position] = result.sides.size();
        result.sides.push_back(named(component));
    }
    std::vector<std::size_t> group_of(placed.size(), placed.size());
    const auto groups = separated_groups(rows);
    std::set<std::size_t> sides_with_groups;
    for (const auto& group : groups) {
        for (const std::size_t position : group) group_of[position] = group.front();
    }
    const auto split_by_group = [&](std::size_t a, std::size_t b) {
        return group_of[a] != placed.size() && group_of[b] != placed.size() && group_of[a] != group_of[b];
    };
    for (std::size_t a = 0; a < placed.size(); ++a) {
        for (std::size_t b = a + 1; b < placed.size(); ++b) {
            if (rows[a][b] || side_of[a] != side_of[b]) continue;
            if (split_by_group(a, b)) {
                sides_with_groups.insert(side_of[a]);
            } else if (foreseen(placed[a], placed[b])) {
                result.broken_links.emplace_back(placed[a], placed[b]);
            }
        }
    }
    // Groups on different sides are the sides themselves; only those that share a side are a partial partition.
    for (const auto& group : groups) {
        if (sides_with_groups.contains(side_of[group.front()])) result.groups.push_back(named(group));
    }
    for (std::size_t a = 0; a < placed.size(); ++a) {
        if (group_of[a] != placed.size() || !sides_with_groups.contains(side_of[a])) continue;
        std::set<std::size_t> reached;
        for (std::size_t b = 0; b < placed.size(); ++b) {
            if (rows[a][b] && group_of[b] != placed.size()) reached.insert(group_of[b]);
        }
        if (reached.size() >= 2) result.bridges.push_back(placed[a]);
    }
    return result;
}

}  // namespace meshmon::mesh
