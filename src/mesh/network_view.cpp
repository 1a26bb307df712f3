// What the network shows to people.

#include <algorithm>

#include "mesh/network_impl.hpp"
#include "wire/codec.hpp"

namespace meshmon::mesh {

namespace {

std::optional<Duration> ago(const std::optional<MonoTime>& at, MonoTime now) {
    return at ? std::optional(now - *at) : std::nullopt;
}

SelfHealth to_health(wire::SelfHealth health) {
    switch (health) {
        case wire::SelfHealth::healthy: return SelfHealth::healthy;
        case wire::SelfHealth::unhealthy: return SelfHealth::unhealthy;
        case wire::SelfHealth::isolated: return SelfHealth::isolated;
        case wire::SelfHealth::leaving: return SelfHealth::leaving;
    }
    return SelfHealth::healthy;
}

LinkCell to_cell(const Exception* exception) {
    LinkCell cell;
    if (exception == nullptr) {
        cell.state = LinkCell::State::ok;
        return cell;
    }
    cell.reason = exception->reason;
    cell.one_way = exception->one_way();
    switch (exception->out) {
        case wire::OutState::ok: cell.state = LinkCell::State::ok; return cell;
        case wire::OutState::failed: cell.state = LinkCell::State::failed; return cell;
        case wire::OutState::unknown: cell.state = LinkCell::State::unknown; return cell;
        case wire::OutState::not_foreseen: break;
    }
    switch (exception->in) {
        case wire::InState::heard: cell.state = LinkCell::State::heard; return cell;
        case wire::InState::silent: cell.state = LinkCell::State::silent; return cell;
        case wire::InState::not_foreseen: break;
    }
    cell.state = LinkCell::State::unknown;
    return cell;
}

}  // namespace

std::optional<wire::Version> Network::Impl::version_held(std::size_t index) const {
    return index == self_ ? own_version() : peers_[index].held.version();
}

std::shared_ptr<const Record> Network::Impl::record(const NodeId& id) const {
    if (id == roster_.self) return own_.current();
    const auto index = index_of(id);
    return index ? peers_[*index].held.current() : nullptr;
}

Holdings Network::Impl::holdings() const {
    Holdings sum;
    for (const Peer& peer : peers_) {
        peer.held.add_to(sum);
        if (peer.next) peer.next->held.add_to(sum);
    }
    sum.senders = admission_.size();
    return sum;
}

NetworkView Network::Impl::view(Now now) const {
    NetworkView view;
    view.id = roster_.network;
    view.self = roster_.self;
    view.listed = is_listed();
    view.nodes = roster_.nodes.size();
    view.seen = is_listed() ? count_seen(now) : 0;
    view.quorum = quorum();
    view.has_quorum = has_quorum_;
    view.self_health = health_;
    view.config_revision = roster_.config_revision;
    view.roster_hash = roster_hash_;
    view.head = own_version();
    view.partition = partition_;
    view.rotation = rotation();
    view.epochs_used_up = epochs_used_up_;
    for (const Status status : {Status::up, Status::degraded, Status::down, Status::unknown}) view.by_status[status] = 0;
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        ++view.by_status[peers_[i].verdict.status()];
        const Introduction& said = peers_[i].introduction;
        if (i == self_) view.revisions.push_back({roster_.self, roster_.config_revision, roster_hash_});
        else if (said.roster_hash) view.revisions.push_back({roster_.nodes[i].id, said.config_revision, said.roster_hash});
        else if (const auto& record = peers_[i].held.current()) {
            view.revisions.push_back({roster_.nodes[i].id, record->head.config_revision, record->head.roster_hash});
        }
    }
    return view;
}

std::vector<NodeView> Network::Impl::nodes(Now now) const {
    std::vector<std::vector<std::size_t>> witnesses(peers_.size());  // per subject: who does not find it plainly up
    for (std::size_t observer = 0; observer < peers_.size(); ++observer) {
        const std::shared_ptr<const Row>& row = peers_[observer].row;
        if (!row) continue;
        for (const auto& [subject, exception] : row->exceptions()) witnesses[subject].push_back(observer);
    }
    std::vector<NodeView> views;
    views.reserve(peers_.size());
    for (std::size_t i = 0; i < peers_.size(); ++i) views.push_back(node_view(i, witnesses[i], now));
    return views;
}

std::optional<NodeView> Network::Impl::node(const NodeId& id, Now now) const {
    const auto index = index_of(id);
    if (!index) return std::nullopt;
    std::vector<std::size_t> witnesses;
    for (std::size_t observer = 0; observer < peers_.size(); ++observer) {
        if (peers_[observer].row) witnesses.push_back(observer);
    }
    return node_view(*index, witnesses, now);
}

NodeView Network::Impl::node_view(std::size_t index, const std::vector<std::size_t>& witnesses, Now now) const {
    const Peer& peer = peers_[index];
    const RosterNode& node = roster_.nodes[index];
    NodeView view;
    view.id = node.id;
    view.self = index == self_;
    view.status = peer.verdict.status();
    view.reason = peer.verdict.reason();
    view.contested = peer.verdict.contested();
    view.since = peer.verdict_since;
    view.url = node.url;
    view.key_known = peer.identity.has_value();
    view.fingerprint = peer.fingerprint;
    if (peer.next) view.next_fingerprint = peer.next->fingerprint;
    const std::shared_ptr<const Record>& record = view.self ? own_.current() : peer.held.current();
    if (record) {
        view.self_health = to_health(record->head.health);
        view.config_revision = record->head.config_revision;
        view.roster_hash = record->head.roster_hash;
        view.head = record->version;
        view.head_ago = view.self ? ago(published_at_, now.mono) : ago(peer.record_at, now.mono);
        if (const Bytes* slot = record->slot(wire::SlotKind::hello, 0)) {
            if (const auto hello = wire::decode_hello(*slot)) {
                view.software_version = hello->software_version;
                view.started = hello->started;
            }
        }
    }
    if (const auto& proof = peer.held.equivocation()) view.contradiction = {proof->epoch, proof->seq, proof->one, proof->other};
    if (!peer.introduction.software_version.empty()) view.software_version = peer.introduction.software_version;
    if (peer.introduction.roster_hash) {
        view.roster_hash = peer.introduction.roster_hash;
        view.config_revision = peer.introduction.config_revision;
    }
    if (view.self) {
        view.self_health = health_;
        view.software_version = options_.software_version;
        view.config_revision = roster_.config_revision;
        view.roster_hash = roster_hash_;
        view.started = started_wall_;
    } else {
        view.link = link_view(index, now);
    }
    view.evidence.votes = opinions_[index];
    view.evidence.says_down = index < accusers_.size() ? accusers_[index].size() : 0;
    view.evidence.says_impaired = index < impaired_by_.size() ? impaired_by_[index].size() : 0;
    view.evidence.says_up = view.evidence.votes - view.evidence.says_down;
    view.evidence.proof_of_life_ago = ago(peer.life.last(), now.mono);
    if (peer.life.last()) view.evidence.proof_kind = peer.life.last() == peer.life.exchange_at ? "exchange" : "relayed_head";
    view.in_up = peer.reached.in_up;
    view.in_total = peer.reached.in_total;
    view.out_up = peer.reached.out_up;
    view.out_total = peer.reached.out_total;
    for (const std::size_t witness : witnesses) {
        if (witness != index && peers_[witness].row->observes().contains(index))
            view.evidence.testimonies.push_back(testimony(witness, index, now));
    }
    return view;
}

Testimony Network::Impl::testimony(std::size_t observer, std::size_t subject, Now now) const {
    const Peer& witness = peers_[observer];
    Testimony said;
    said.observer = roster_.nodes[observer].id;
    said.head = version_held(observer);
    if (observer != self_) said.heard_ago = ago(witness.record_at, now.mono);
    const Opinion opinion = witness.row->opinion(subject);
    said.says = opinion == Opinion::up ? Status::up : opinion == Opinion::accuses ? Status::down : Status::unknown;
    if (const Exception* exception = witness.row->exception(subject)) {
        said.reason = exception->reason;
        said.since = exception->since;
        said.one_way = exception->one_way();
        said.lossy = exception->lossy();
        said.slow = exception->slow();
    }
    said.why_not = opinion == Opinion::none ? "no_opinion" : witness.why_no_vote;
    said.counts = said.why_not.empty();
    return said;
}

LinkView Network::Impl::link_view(std::size_t index, Now now) const {
    const Peer& peer = peers_[index];
    const Link& link = peer.link;
    LinkView view;
    view.peer = roster_.nodes[index].id;
    view.dials = link.options().dials;
    view.dialed_by = link.options().dialed_by;
    view.status = link.status();
    view.reason = link.reason();
    view.detail = link.detail();
    view.since = link.since();
    view.last_success_ago = ago(link.last_success(), now.mono);
    view.last_heard_ago = ago(link.last_heard(), now.mono);
    view.rtt_last = link.rtt().last();
    view.rtt_smoothed = link.rtt().smoothed();
    view.rtt_p50 = link.rtt().quantile(0.5);
    view.rtt_p95 = link.rtt().quantile(0.95);
    view.loss = link.loss().loss();
    view.clock_offset = peer.introduction.clock_offset;
    view.clock_error = peer.introduction.clock_error;
    view.roster_hash = peer.introduction.roster_hash;
    view.failures_in_row = link.failures_in_row();
    return view;
}

LinkMatrix Network::Impl::links(Now now) const {
    LinkMatrix matrix;
    const std::size_t n = peers_.size();
    matrix.cells.resize(n * n);
    for (std::size_t from = 0; from < n; ++from) {
        const Peer& observer = peers_[from];
        matrix.nodes.push_back(roster_.nodes[from].id);
        matrix.row_age.push_back(from == self_ ? std::optional(Duration{}) : ago(observer.record_at, now.mono));
        LinkCell* row = &matrix.cells[from * n];
        if (observer.row) {
            for (std::size_t to = 0; to < n; ++to) {
                if (observer.row->observes().contains(to)) row[to] = to_cell(observer.row->exception(to));
            }
        }
        row[from].state = LinkCell::State::self;
        const std::shared_ptr<const Record>& record = from == self_ ? own_.current() : observer.held.current();
        if (!record) continue;
        for (std::size_t i = 0; i < record->slots.size(); ++i) {
            if (record->head.slots[i].kind != wire::SlotKind::rtt) continue;
            const auto page = wire::decode_rtt(*record->slots[i]);
            if (!page) continue;
            for (const wire::RttEntry& entry : page->entries) {
                const auto to = tags_.find(entry.node);
                if (!to || *to == from) continue;
                row[*to].rtt_ms = static_cast<float>(entry.rtt_us) / 1000;
                row[*to].loss = static_cast<float>(entry.loss_permille) / 1000;
            }
        }
    }
    return matrix;
}

}  // namespace meshmon::mesh
