#include "record_model.hpp"

#include <algorithm>
#include <utility>

#include "wire/codec.hpp"

namespace meshmon::fuzz {

namespace {

constexpr Duration kOneHead = std::chrono::milliseconds(50);  // 20 good heads a second
constexpr int kHeadsAtOnce = 20;
constexpr std::size_t kSignedKept = 2;

using EpochAndSeq = std::pair<std::uint64_t, std::uint64_t>;
EpochAndSeq version(const wire::Head& head) { return {head.epoch, head.seq}; }

bool reads(wire::SlotKind kind, const Bytes& bytes) {
    switch (kind) {
        case wire::SlotKind::hello: return wire::decode_hello(bytes).has_value();
        case wire::SlotKind::peers: return wire::decode_peers(bytes).has_value();
        case wire::SlotKind::reach: return wire::decode_reach(bytes).has_value();
        case wire::SlotKind::rtt: return wire::decode_rtt(bytes).has_value();
        case wire::SlotKind::answers: return wire::decode_answers(bytes).has_value();
    }
    return true;  // of a newer node: kept, not read
}

}  // namespace

RecordModel::Outcome RecordModel::offer(const wire::SignedRecord& offered, const wire::Head& head,
                                        const mesh::OwnerIdentity& owner, const crypto::Crypto& crypto, MonoTime now) {
    if (floor_ && floor_->key == owner.key_tag && version(head) < EpochAndSeq(floor_->epoch, floor_->seq)) return Outcome::known;
    const Signed* contradicted = contradicted_by(offered.head, head);
    const bool same_process = contradicted != nullptr && contradicted->head.boot_id == head.boot_id;
    if (same_process && equivocated_in_) return Outcome::known;
    if (contradicted == nullptr && held_ && version(head) <= version(held_->head)) return Outcome::known;
    std::map<wire::SlotHash, Bytes> known;
    if (held_) known.insert(held_->slots.begin(), held_->slots.end());
    if (pending_) known.insert(pending_->slots.begin(), pending_->slots.end());
    for (const Bytes& slot : offered.slots) known.emplace(crypto.hash(slot), slot);
    const bool is_whole = std::ranges::all_of(head.slots, [&](const wire::SlotRef& slot) { return known.contains(slot.hash); });
    const auto before = std::ranges::find(signed_, offered.head, &Signed::head_bytes);
    const bool was_verified = before != signed_.end();
    if (was_verified && contradicted != nullptr) return Outcome::known;
    const bool was_pending = pending_ && pending_->head_bytes == offered.head;
    const wire::Signature signature = was_pending ? pending_->signature : was_verified ? before->signature : offered.signature;
    if (!was_pending) {
        const bool is_overtaken = pending_ && version(head) < version(pending_->head);
        if (contradicted == nullptr && is_overtaken && (pending_->head.boot_id == head.boot_id || !is_whole))
            return Outcome::known;
        if (offered.head == refused_) return Outcome::known;
    }
    if (!was_pending && !was_verified) {
        if (!refill_and_ask(now)) return Outcome::rate_limited;
        ++verifications_;
        if (!crypto.verify(owner.key, wire::signing_input(offered.head), offered.signature)) return Outcome::bad_signature;
        pace_ -= kOneHead;  // good ones alone count
        if (same_process) equivocated_in_ = head.epoch;
        if (contradicted != nullptr) {
            refused_ = offered.head;  // seen once, and no news any more
            return same_process ? Outcome::equivocation : Outcome::fork;
        }
        signed_.push_back({offered.head, offered.signature, head});
        const bool waits = pending_ && signed_.front().head_bytes == pending_->head_bytes;
        if (signed_.size() > kSignedKept) signed_.erase(signed_.begin() + (waits ? 1 : 0));
    }

    Copy copy{offered.head, signature, head, {}};
    bool well_formed = true;
    for (const wire::SlotRef& slot : head.slots) {
        const auto found = known.find(slot.hash);
        if (found == known.end()) continue;
        well_formed = well_formed && found->second.size() == slot.length;
        copy.slots.insert(*found);
    }
    if (is_whole) {
        for (const wire::SlotRef& slot : head.slots) well_formed = well_formed && reads(slot.kind, copy.slots.at(slot.hash));
    }
    if (!well_formed) {
        refused_ = offered.head;
        if (was_pending) pending_.reset();
        return Outcome::malformed;
    }
    if (!is_whole) {
        pending_ = std::move(copy);
        return Outcome::pending;
    }
    held_ = std::move(copy);
    if (equivocated_in_ && held_->head.epoch > *equivocated_in_) equivocated_in_.reset();
    if (pending_ && version(pending_->head) <= version(held_->head)) pending_.reset();
    return Outcome::accepted;
}

/// One of the last heads that the owner signed under this version, and not this one. Of what is older than the record held only
/// what one process signed counts: a process without its disk begins below what the last one signed.
const RecordModel::Signed* RecordModel::contradicted_by(const Bytes& head_bytes, const wire::Head& head) const {
    const bool is_older = held_ && version(head) < version(held_->head);
    for (const Signed& one : signed_) {
        if (version(one.head) != version(head) || one.head_bytes == head_bytes) continue;
        if (!is_older || one.head.boot_id == head.boot_id) return &one;
    }
    return nullptr;
}

bool RecordModel::refill_and_ask(MonoTime now) {
    pace_ = std::min<Duration>(kHeadsAtOnce * kOneHead, pace_ + (now - pace_at_));
    pace_at_ = now;
    return pace_ >= kOneHead;
}

}  // namespace meshmon::fuzz
