// How the network hangs together, and whether who was away was dead or apart.

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mesh/mistake.hpp"
#include "mesh/network_impl.hpp"
#include "mesh/probe.hpp"

namespace meshmon::mesh {

namespace {

constexpr auto kPartitionSpacing = std::chrono::milliseconds(200);
constexpr std::size_t kMissedNamed = 5;

}  // namespace

// ---- outage or partition ---------------------------------------------------------------------------------------------

void Network::Impl::note_absence(std::size_t subject, Status from, Now now) {
    Peer& peer = peers_[subject];
    const Status to = peer.verdict.status();
    const auto is_here = [](Status status) { return status == Status::up || status == Status::degraded; };
    if (is_here(to)) {
        peer.absence.returned();
        tell_if_parted(subject, now);
    } else if (peer.verdict.reason() == Reason::left) {
        peer.absence.forget();
    } else if (const auto& record = peer.held.current(); is_here(from) && record) {
        peer.absence.begin(record->head.boot_id);
    }
}

/// A newer head of the owner was taken, and its row read.
void Network::Impl::note_life_apart(std::size_t owner, Now now) {
    Peer& peer = peers_[owner];
    const wire::Head& head = peer.held.current()->head;
    const bool isolated = head.health == wire::SelfHealth::isolated;
    peer.absence.heard(head.boot_id, isolated ? "found itself isolated" : whom_it_missed(owner, now));
    tell_if_parted(owner, now);
}

/// In words: those whom its record is the first to accuse. What it said before may be of before.
std::string Network::Impl::whom_it_missed(std::size_t owner, Now now) const {
    std::vector<std::string_view> missed;
    for (const auto& [subject, exception] : peers_[owner].row->exceptions()) {
        if (exception.opinion() == Opinion::accuses && exception.accused_at == now.mono)
            missed.push_back(roster_.nodes[subject].id.str());
    }
    if (missed.empty()) return {};
    const std::size_t more = missed.size() - std::min(missed.size(), kMissedNamed);
    missed.resize(missed.size() - more);
    return fmt::format("did not reach {}{}", fmt::join(missed, ", "), more == 0 ? "" : fmt::format(" and {} more", more));
}

void Network::Impl::tell_if_parted(std::size_t index, Now now) {
    const auto parted = peers_[index].absence.poll_parted();
    if (!parted) return;
    passes(Probe::was_partition);
    tell(EventKind::was_partition, index, now, fmt::format("lived meanwhile, and {}: a partition, no outage", *parted));
}

// ---- sides -----------------------------------------------------------------------------------------------------------

/// By node, whom it is linked to. Until somebody accuses, a link that is foreseen is not broken: at a cold start nobody was
/// tried yet.
std::vector<NodeSet> Network::Impl::links_between(const std::vector<std::size_t>& placed) const {
    std::vector<NodeSet> dials(peers_.size(), NodeSet(peers_.size()));  // whose dialing works, by both ends' word
    std::vector<NodeSet> hopes(peers_.size(), NodeSet(peers_.size()));  // foreseen, and accused by neither
    for (const std::size_t from : placed) {
        dials[from] = hopes[from] = peers_[from].row->observes();
        for (const auto& [to, exception] : peers_[from].row->exceptions()) {
            if (exception.out == wire::OutState::ok) dials[from].insert(to);
            else dials[from].erase(to);
        }
    }
    for (const std::size_t by : placed) {
        for (const auto& [about, exception] : peers_[by].row->exceptions()) {
            if (exception.in == wire::InState::silent) dials[about].erase(by);
            if (peers_[by].row->opinion(about) != Opinion::accuses) continue;
            hopes[by].erase(about);
            hopes[about].erase(by);
        }
    }
    for (std::size_t i = 0; i < peers_.size(); ++i) dials[i] |= hopes[i];
    std::vector<NodeSet> linked = dials;
    NodeSet all(peers_.size());
    for (const std::size_t node : placed) all.insert(node);
    for (const std::size_t a : placed) {
        NodeSet missing = all;
        missing -= dials[a];
        missing.for_each([&](std::size_t b) {
            if (dials[b].contains(a) && !made(Mistake::one_direction_is_none)) linked[a].insert(b);
        });
    }
    return linked;
}

/// Whether each of them is to be linked to each other one, and none accuses another: then nothing hangs apart.
bool Network::Impl::nobody_misses_another(const std::vector<std::size_t>& placed) const {
    NodeSet all(peers_.size());
    for (const std::size_t node : placed) all.insert(node);
    return std::ranges::all_of(placed, [&](std::size_t node) {
        const Row& row = *peers_[node].row;
        all.erase(node);
        const bool observes_all = row.observes().contains_all(all);
        all.insert(node);
        return observes_all && std::ranges::none_of(row.complaints(), [&](std::size_t complaint) {
                   const auto& [about, exception] = row.exceptions()[complaint];
                   return all.contains(about) && exception.opinion() == Opinion::accuses;
               });
    });
}

bool Network::Impl::foreseen(std::size_t a, std::size_t b) const {
    return peers_[a].row->observes().contains(b) || peers_[b].row->observes().contains(a);
}

void Network::Impl::find_partition(Now now) {
    std::vector<std::size_t> placed;
    Partition found;
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        const Status status = peers_[i].verdict.status();
        const bool lives = status == Status::up || status == Status::degraded;  // what the dead said last may be fresh for long
        if (lives && peers_[i].why_no_vote.empty()) placed.push_back(i);
        else found.silent.push_back(roster_.nodes[i].id);
    }
    if (!partition_due_ && placed == placed_) return;
    if (partition_at_ && now.mono - *partition_at_ < kPartitionSpacing) {
        return agenda_.set_at_latest({Wake::verdicts, 0}, *partition_at_ + kPartitionSpacing);
    }
    partition_due_ = false;
    partition_at_ = now.mono;
    placed_ = placed;
    const auto named = [this](const std::vector<std::size_t>& indices) {
        std::vector<NodeId> names;
        names.reserve(indices.size());
        for (const std::size_t index : indices) names.push_back(roster_.nodes[index].id);
        return names;
    };
    const bool any_exception =
        std::ranges::any_of(placed, [this](std::size_t i) { return !peers_[i].row->exceptions().empty(); });
    if (!any_exception || nobody_misses_another(placed) || made(Mistake::sides_need_no_link)) {
        if (!placed.empty()) found.sides.push_back(named(placed));
    } else {
        const auto is_foreseen = [this](std::size_t a, std::size_t b) { return foreseen(a, b); };
        const Sides sides = find_sides(placed, is_foreseen, links_between(placed));
        for (const auto& side : sides.sides) found.sides.push_back(named(side));
        if (sides.sides.size() > 1) passes(Probe::several_sides);
        if (!sides.bridges.empty()) passes(Probe::bridge);
        if (!sides.broken_links.empty()) passes(Probe::broken_link);
        for (const auto& group : sides.groups) found.groups.push_back(named(group));
        found.bridges = named(sides.bridges);
        for (const auto& [a, b] : sides.broken_links) found.broken_links.emplace_back(roster_.nodes[a].id, roster_.nodes[b].id);
    }
    for (std::size_t side = 0; side < found.sides.size(); ++side) {
        if (std::ranges::binary_search(found.sides[side], roster_.self)) found.own_side = side;
    }
    const bool was_whole = partition_.whole();
    const bool changed = found.groups != partition_.groups || found.bridges != partition_.bridges ||
                         found.broken_links != partition_.broken_links ||
                         ((found.sides.size() > 1 || partition_.sides.size() > 1) && found.sides != partition_.sides);
    if (found != partition_) ++generation_;  // no event tells who of a whole network has come to have a vote
    partition_ = std::move(found);
    if (!changed || (was_whole && partition_.whole())) return;
    const std::string detail =
        partition_.whole() ? "the network is whole again"
                           : fmt::format("{} sides, {} groups, {} broken links among the nodes heard", partition_.sides.size(),
                                         partition_.groups.size(), partition_.broken_links.size());
    tell({EventKind::partition_changed, {}, Status::unknown, Status::unknown, Reason::none, false, now.wall, detail});
}

}  // namespace meshmon::mesh
