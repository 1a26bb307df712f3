#include "sim/truth.hpp"

#include <algorithm>
#include <utility>

#include "base/random.hpp"
#include "sim/bounds.hpp"
#include "sim/checkers/checker.hpp"
#include "sim/identity.hpp"

namespace meshmon::sim {

Truth::Truth(std::size_t nodes)
    : nodes_(nodes),
      outlooks_(nodes),
      settled_(nodes),
      outdated_until_(nodes),
      alive_(nodes),
      ties_(nodes * nodes),
      core_of_(nodes, kNone),
      apart_(nodes * nodes),
      last_word_(nodes * nodes),
      alone_(nodes),
      company_(nodes),
      company_mark_(nodes) {}

void Truth::look(MonoTime now, const std::vector<NodeId>& ids, const std::vector<NodeState>& states, const Links& links) {
    for (std::size_t node = 0; node < nodes_; ++node) {
        if (states[node].running) read_outlook(node, ids, states[node]);
    }
    settle(now, states);
    tie_all(now, states, links);
    find_cores();
    find_who_is_heard(now, states);
}

void Truth::read_outlook(std::size_t viewer, const std::vector<NodeId>& ids, const NodeState& state) {
    Outlook& outlook = outlooks_[viewer];
    const bool same = outlook.incarnation == state.incarnation && outlook.roster_since == state.roster_since;
    if (same && outlook.subjects.size() == state.nodes.size() && !outlook.subjects.empty()) return;
    outlook = {.incarnation = state.incarnation,
               .roster_since = state.roster_since,
               .subjects = {},
               .dials = std::vector<bool>(nodes_),
               .knows = std::vector<bool>(nodes_)};
    for (const mesh::NodeView& node : state.nodes) {
        const std::size_t subject = index_of(ids, node.id);
        outlook.subjects.push_back(subject);
        if (subject == nodes_) continue;
        outlook.dials[subject] = node.link && node.link->dials;
        const bool led_astray = !node.url.empty() && node.url != base_url(node.id);
        outlook.knows[subject] = node.key_known && !led_astray;
    }
}

/// Who lost its disk, or got an older one back, is not listened to until it was shown its own head: L6 bounds that.
bool Truth::newer_is_held(std::size_t node, const std::vector<NodeState>& states) const {
    const auto& own = states[node].view.head;
    if (!own) return false;
    for (std::size_t viewer = 0; viewer < nodes_; ++viewer) {
        if (viewer == node || !states[viewer].running || !states[viewer].honest) continue;
        const std::vector<std::size_t>& subjects = outlooks_[viewer].subjects;
        const auto place = std::ranges::find(subjects, node);
        if (place == subjects.end()) continue;
        const auto& held = states[viewer].nodes[static_cast<std::size_t>(place - subjects.begin())].head;
        if (held && held->key == own->key && mesh::is_newer(*held, *own)) return true;
    }
    return false;
}

void Truth::settle(MonoTime now, const std::vector<NodeState>& states) {
    for (std::size_t node = 0; node < nodes_; ++node) {
        const NodeState& state = states[node];
        alive_[node] = state.running && !state.paused;
        settled_[node].reset();
        if (!state.running || !state.honest || !state.awake_since || state.left || state.cloned || !state.view.listed) continue;
        if (newer_is_held(node, states)) outdated_until_[node] = now;
        settled_[node] = std::max({*state.awake_since, state.roster_since, state.injected_at, outdated_until_[node]});
    }
}

void Truth::tie_all(MonoTime now, const std::vector<NodeState>& states, const Links& links) {
    if (links.rough()) rough_until_ = now;
    for (std::size_t a = 0; a < nodes_; ++a) {
        for (std::size_t b = a + 1; b < nodes_; ++b)
            ties_[a * nodes_ + b] = ties_[b * nodes_ + a] = tie_of(now, a, b, states, links);
    }
}

Truth::Tie Truth::tie_of(MonoTime now, std::size_t a, std::size_t b, const std::vector<NodeState>& states,
                         const Links& links) const {
    const Outlook& left = outlooks_[a];
    const Outlook& right = outlooks_[b];
    const MonoTime since = std::max(links.changed(a, b, now), rough_until_);
    const bool foreseen_there = states[a].running && !left.dials.empty() && left.dials[b];
    const bool foreseen_back = states[b].running && !right.dials.empty() && right.dials[a];
    const bool works_there = foreseen_there && links.starts(a, b);
    const bool works_back = foreseen_back && links.starts(b, a);
    if (!works_there && !works_back) return {Tie::State::dead, since};
    if (links.rough(a, b, now)) return {Tie::State::rough, since};
    const bool mutual = states[a].running && states[b].running && left.knows[b] && right.knows[a] &&
                        states[a].view.roster_hash == states[b].view.roster_hash;
    const bool whole = mutual && works_there == foreseen_there && works_back == foreseen_back;
    return {whole ? Tie::State::whole : Tie::State::half, since};
}

template <typename Linked>
std::vector<std::vector<std::size_t>> Truth::components(const std::vector<bool>& placed, Linked linked) const {
    std::vector<std::vector<std::size_t>> found;
    std::vector<bool> visited(nodes_);
    for (std::size_t first = 0; first < nodes_; ++first) {
        if (!placed[first] || visited[first]) continue;
        std::vector<std::size_t> component{first};
        visited[first] = true;
        for (std::size_t next = 0; next < component.size(); ++next) {
            for (std::size_t other = 0; other < nodes_; ++other) {
                if (!placed[other] || visited[other] || !linked(component[next], other)) continue;
                visited[other] = true;
                component.push_back(other);
            }
        }
        std::ranges::sort(component);
        found.push_back(std::move(component));
    }
    return found;
}

void Truth::find_cores() {
    std::vector<bool> placed(nodes_);
    for (std::size_t node = 0; node < nodes_; ++node) placed[node] = settled_[node].has_value();
    cores_.clear();
    std::ranges::fill(core_of_, kNone);
    for (auto& members : components(placed, [this](std::size_t a, std::size_t b) { return whole(a, b); })) {
        MonoTime calm_since;
        bool calm = true;
        for (const std::size_t a : members) {
            core_of_[a] = cores_.size();
            calm_since = std::max(calm_since, *settled_[a]);
            for (const std::size_t b : members) {
                if (a == b) continue;
                calm = calm && tie(a, b).state != Tie::State::rough;
                calm_since = std::max(calm_since, tie(a, b).since);
            }
        }
        cores_.push_back({std::move(members), calm ? std::optional(calm_since) : std::nullopt});
    }
}

const Truth::Core* Truth::core_of(std::size_t node) const { return core_of_[node] == kNone ? nullptr : &cores_[core_of_[node]]; }

void Truth::find_who_is_heard(MonoTime now, const std::vector<NodeState>& states) {
    // A liar says what it likes to whom it likes: the stories hand its words over without a network. A clone has its own links.
    const auto roams = [&](std::size_t node) { return !states[node].honest || states[node].cloned; };
    std::vector<bool> speaks(nodes_);
    for (std::size_t node = 0; node < nodes_; ++node) speaks[node] = alive_[node] || roams(node);
    const auto linked = [&](std::size_t a, std::size_t b) { return roams(a) || roams(b) || tie(a, b).state != Tie::State::dead; };
    std::vector<std::size_t> component_of(nodes_, kNone);
    std::size_t number = 0;
    for (const auto& members : components(speaks, linked)) {
        std::uint64_t mark = 0;
        for (const std::size_t node : members) mark = Random(mark ^ node).next();
        for (const std::size_t node : members) {
            component_of[node] = number;
            company_[node] = members.size() - 1;
            const bool alone = members.size() < Bounds::quorum(subjects(node).size());
            const bool same = std::exchange(company_mark_[node], mark) == mark;
            alone_[node] = !alone ? kNever : same ? std::min(alone_[node], now) : now;
        }
        ++number;
    }
    for (std::size_t viewer = 0; viewer < nodes_; ++viewer) {
        if (!speaks[viewer]) alone_[viewer] = kNever;
        for (std::size_t subject = 0; subject < nodes_; ++subject) {
            MonoTime& apart = apart_[viewer * nodes_ + subject];
            const bool heard = speaks[subject] && component_of[viewer] == component_of[subject];
            apart = heard ? kNever : std::min(apart, now);
        }
    }
}

std::optional<MonoTime> Truth::apart_since(std::size_t viewer, std::size_t subject) const {
    const MonoTime since = apart_[viewer * nodes_ + subject];
    return since == kNever ? std::nullopt : std::optional(since);
}

std::optional<MonoTime> Truth::alone_since(std::size_t node) const {
    if (alone_[node] == kNever) return std::nullopt;
    MonoTime since = alone_[node];
    for (std::size_t other = 0; other < nodes_; ++other) {
        if (apart_[node * nodes_ + other] != kNever) since = std::max(since, last_word_[node * nodes_ + other]);
    }
    return since;
}

}  // namespace meshmon::sim
