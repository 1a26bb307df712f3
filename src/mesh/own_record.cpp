#include "mesh/own_record.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "mesh/mistake.hpp"
#include "mesh/record_pool.hpp"
#include "wire/codec.hpp"

namespace meshmon::mesh {

namespace {

/// The entries about the nodes of one page; both are ordered by tag.
template <typename Entry>
std::vector<Entry> entries_within(const std::vector<Entry>& entries, wire::NodeTag first, wire::NodeTag last) {
    const auto begin = std::ranges::lower_bound(entries, first, {}, &Entry::node);
    const auto end = std::ranges::upper_bound(entries, last, {}, &Entry::node);
    return {begin, end};
}

/// Those of one page; `peers` is ordered.
wire::PeersPage page_of(const std::vector<wire::NodeTag>& peers, std::size_t begin) {
    const std::size_t end = std::min(begin + wire::kPageNodesMax, peers.size());
    const auto at = [&peers](std::size_t i) { return peers.begin() + static_cast<std::ptrdiff_t>(i); };
    return {{at(begin), at(end)}};
}

}  // namespace

RosterSlots roster_slots(std::vector<wire::NodeTag> tags, const crypto::Crypto& crypto, RecordPool* pool) {
    std::ranges::sort(tags);
    RosterSlots slots;
    for (std::size_t begin = 0; begin < tags.size(); begin += wire::kPageNodesMax) {
        const Bytes bytes = wire::encode(page_of(tags, begin));
        const crypto::Hash hash = crypto.hash(bytes);
        slots.emplace_back(hash, pool != nullptr ? pool->keep(hash, bytes) : std::make_shared<const Bytes>(bytes));
    }
    return slots;
}

void OwnRecord::begin_epoch(std::uint64_t epoch) {
    MM_CHECK(epoch > epoch_ && epoch <= wire::kEpochMax, "an epoch must grow");
    epoch_ = epoch;
    seq_ = 0;
    signed_.clear();
}

bool OwnRecord::is_of_another_process(const wire::Version& version) const {
    if (version.key != identity_.key_tag || version.epoch != epoch_ || signed_.empty()) return false;
    const auto found = signed_.find(version.seq);
    return found == signed_.end() ? version.seq > seq_ : found->second != version.head_hash;
}

void OwnRecord::publish(const Content& content, const crypto::Crypto& crypto, WallTime wall) {
    MM_CHECK(epoch_ > 0, "nothing is signed before an epoch is durable");
    if (!made(Mistake::reuses_seq) || seq_ % 4 != 3) ++seq_;
    auto record = std::make_shared<Record>();
    record->head = {identity_.network,   identity_.node,          epoch_,         seq_, boot_id_, wall,
                    content.roster_hash, content.config_revision, content.health, {}};
    for (auto& [key, bytes] : slots_of(content)) {
        const crypto::Hash hash = crypto.hash(bytes);
        wire::SlotRef ref{key.first, key.second, static_cast<std::uint32_t>(bytes.size()), hash, seq_};
        std::shared_ptr<const Bytes> slot;
        if (current_ && current_->head.epoch == epoch_) {
            for (std::size_t i = 0; i < current_->slots.size(); ++i) {
                const wire::SlotRef& before = current_->head.slots[i];
                if (before.kind != key.first || before.page != key.second || before.hash != hash) continue;
                ref.changed_seq = before.changed_seq;
                slot = current_->slots[i];
            }
        }
        record->head.slots.push_back(ref);
        record->slots.push_back(slot ? slot : std::make_shared<const Bytes>(std::move(bytes)));
    }
    record->head_bytes = wire::encode(record->head);
    record->signature = crypto.sign(wire::signing_input(record->head_bytes));
    record->version = version_of(record->head, crypto.hash(record->head_bytes), identity_);
    signed_.emplace(seq_, record->version.head_hash);
    if (signed_.size() > kSignedKept) signed_.erase(signed_.begin());
    current_ = std::move(record);
}

std::map<OwnRecord::SlotKey, Bytes> OwnRecord::slots_of(const Content& content) const {
    std::map<SlotKey, Bytes> slots;
    slots[{wire::SlotKind::hello, 0}] = wire::encode(content.hello);
    if (!content.answers.accusations.empty()) slots[{wire::SlotKind::answers, 0}] = wire::encode(content.answers);
    for (std::size_t begin = 0; begin < content.peers.size(); begin += wire::kPageNodesMax) {
        const auto page = static_cast<std::uint32_t>(begin / wire::kPageNodesMax);
        const wire::PeersPage peers = page_of(content.peers, begin);
        const wire::NodeTag first = peers.nodes.front();
        const wire::NodeTag last = peers.nodes.back();
        slots[{wire::SlotKind::peers, page}] = wire::encode(peers);
        wire::ReachPage reach{entries_within(content.reach, first, last)};
        if (!reach.entries.empty()) slots[{wire::SlotKind::reach, page}] = wire::encode(reach);
        if (content.rtt) {
            wire::RttPage rtt{entries_within(*content.rtt, first, last)};
            if (!rtt.entries.empty()) slots[{wire::SlotKind::rtt, page}] = wire::encode(rtt);
        } else if (current_) {
            if (const Bytes* before = current_->slot(wire::SlotKind::rtt, page)) slots[{wire::SlotKind::rtt, page}] = *before;
        }
    }
    return slots;
}

}  // namespace meshmon::mesh
