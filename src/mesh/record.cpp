#include "mesh/record.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "crypto/fingerprint.hpp"
#include "mesh/holdings.hpp"
#include "mesh/mistake.hpp"
#include "mesh/probe.hpp"
#include "mesh/record_pool.hpp"
#include "mesh/roster.hpp"
#include "wire/codec.hpp"

namespace meshmon::mesh {

namespace {

/// Whether the slot was read as this kind when `before` came: another head may list the same bytes under another one.
bool was_read(const Record& before, const std::shared_ptr<const Bytes>& slot, wire::SlotKind kind) {
    for (std::size_t i = 0; i < before.slots.size(); ++i) {
        if (before.slots[i] == slot && before.head.slots[i].kind == kind) return true;
    }
    return false;
}

bool holds_all_slots(const Record& record) {
    return std::ranges::all_of(record.slots, [](const auto& slot) { return slot != nullptr; });
}

/// Null if the record (which may be null, or lack slots) does not hold it.
std::shared_ptr<const Bytes> slot_with(const Record* record, const wire::SlotHash& hash) {
    if (record == nullptr) return nullptr;
    for (std::size_t i = 0; i < record->slots.size(); ++i) {
        if (record->slots[i] && record->head.slots[i].hash == hash) return record->slots[i];
    }
    return nullptr;
}

/// Null where there are none, or not this one.
std::shared_ptr<const Bytes> slot_among(const RosterSlots* made, const wire::SlotRef& ref) {
    if (made == nullptr || ref.kind != wire::SlotKind::peers) return nullptr;
    const auto found = std::ranges::find(*made, ref.hash, &RosterSlots::value_type::first);
    return found == made->end() ? nullptr : found->second;
}

std::shared_ptr<const Bytes> keep(const crypto::Hash& hash, const Bytes& bytes, RecordPool* pool) {
    return pool != nullptr ? pool->keep(hash, bytes) : std::make_shared<const Bytes>(bytes);
}

}  // namespace

OwnerIdentity make_identity(const NetworkId& network, const NodeId& node, const crypto::PublicKey& key) {
    return {network, node, node_tag(node), {crypto::fingerprint(key).key_tag()}, key};
}

const Bytes* Record::slot(wire::SlotKind kind, std::uint32_t page) const {
    for (std::size_t i = 0; i < head.slots.size(); ++i) {
        if (head.slots[i].kind == kind && head.slots[i].page == page) return slots[i].get();
    }
    return nullptr;
}

std::size_t Record::bytes() const {
    std::size_t total = head_bytes.size() + signature.size();
    for (const wire::SlotRef& ref : head.slots) total += ref.length;
    return total;
}

bool is_newer(const wire::Version& a, const wire::Version& b) { return std::tie(a.epoch, a.seq) > std::tie(b.epoch, b.seq); }

bool is_other_truth(const wire::Version& a, const wire::Version& b) {
    return a.key == b.key && a.epoch == b.epoch && a.seq == b.seq && a.head_hash != b.head_hash;
}

wire::Version version_of(const wire::Head& head, const crypto::Hash& hash, const OwnerIdentity& owner) {
    wire::Version version{owner.node_tag, owner.key_tag, head.epoch, head.seq, 0};
    for (std::size_t i = 0; i < 4; ++i) version.head_hash = version.head_hash << 8 | hash[i];
    return version;
}

wire::SignedRecord delta(const Record& record, const std::optional<wire::Version>& held, const RosterSlots* made_there) {
    const wire::Version& mine = record.version;
    const bool same_epoch = held && held->key == mine.key && held->epoch == mine.epoch && held->seq <= mine.seq;
    std::uint64_t since = same_epoch ? held->seq : 0;
    if (made(Mistake::counts_delta_from_one_on)) ++since;
    wire::SignedRecord out{record.head_bytes, record.signature, {}, mine.key};
    for (std::size_t i = 0; i < record.slots.size(); ++i) {
        const wire::SlotRef& ref = record.head.slots[i];
        if (ref.changed_seq > since && !slot_among(made_there, ref)) out.slots.push_back(*record.slots[i]);
    }
    if (made(Mistake::serves_stray_slots)) out.slots.push_back("a slot that no head lists");
    return out;
}

std::optional<wire::Version> HeldRecord::version() const {
    if (!current_) return std::nullopt;
    if (made(Mistake::names_what_is_pending) && pending_) return pending_->version;
    return current_->version;
}

void HeldRecord::add_to(Holdings& sum) const {
    const auto present = [](const Record* record) {
        if (record == nullptr) return std::ptrdiff_t{0};
        return std::ranges::count_if(record->slots, [](const auto& slot) { return slot != nullptr; });
    };
    sum.records += current_ ? 1 : 0;
    sum.pending += pending_ ? 1 : 0;
    sum.slots += static_cast<std::size_t>(present(current_.get()) + present(pending_.get()));
    sum.heads += verified_.size() + (floor_ ? 1 : 0) + (equivocation_ ? 2 : 0);
    sum.proofs += equivocation_ ? 1 : 0;
}

void HeldRecord::set_floor(const wire::Floor& floor) { floor_ = floor; }

bool HeldRecord::is_below_floor(const wire::Version& version) const {
    return floor_ && floor_->key == version.key && std::tie(version.epoch, version.seq) < std::tie(floor_->epoch, floor_->seq);
}

HeldRecord::Outcome HeldRecord::offer(const wire::SignedRecord& offered, wire::Head head, const OwnerIdentity& owner,
                                      const crypto::Crypto& crypto, MonoTime now, std::uint64_t& verifications, RecordPool* pool,
                                      const RosterSlots* made_here) {
    const crypto::Hash hash = crypto.hash(offered.head);
    const wire::Version version = version_of(head, hash, owner);
    if (made(Mistake::verifies_everything)) {
        ++verifications;
        (void)crypto.verify(owner.key, wire::signing_input(offered.head), offered.signature);
    }
    if (is_below_floor(version) && !made(Mistake::forgets_floors)) {
        passes(Probe::head_below_floor);
        return Outcome::known;
    }
    const Verified* other_truth = contradicted_by(version, head.boot_id);
    if (other_truth != nullptr && equivocation_ && other_truth->boot_id == head.boot_id) return Outcome::known;
    const bool may_fall = made(Mistake::takes_older_epochs) && current_ && version != current_->version;
    if (other_truth == nullptr && current_ && !is_newer(version, current_->version) && !may_fall) return Outcome::known;
    const Verified* seen = verified_before(version, offered.head);
    if (seen != nullptr && other_truth != nullptr) return Outcome::known;
    const bool is_pending = pending_ && pending_->version == version && pending_->head_bytes == offered.head;
    if (!is_pending) {
        if (pending_ && is_newer(version, pending_->version)) passes(Probe::pending_head_overtaken);
        if (pending_ && other_truth == nullptr && is_newer(pending_->version, version)) {
            // The same process will bring the slots that are missing. Those of another may never come.
            if (pending_->head.boot_id == head.boot_id || refused_ == hash) return Outcome::known;
            if (!comes_whole(head, offered.slots, crypto, made_here)) return Outcome::known;
        }
        if (refused_ == hash) return Outcome::known;
    }
    if (!is_pending && seen == nullptr) {
        if (!pace_.allows(now)) return Outcome::rate_limited;
        ++verifications;
        const bool is_signed = crypto.verify(owner.key, wire::signing_input(offered.head), offered.signature);
        if (!is_signed && !made(Mistake::takes_heads_unverified)) return Outcome::bad_signature;
        pace_.spend();
        if (other_truth != nullptr) {
            refused_ = hash;  // once is enough, however often it is brought
            return contradiction(*other_truth, offered, head);
        }
        // The one that waits for its slots stays: it is verified once.
        const bool waits = pending_ && !verified_.empty() && verified_.front().version == pending_->version;
        if (verified_.size() == kVerifiedKept) verified_.erase(verified_.begin() + (waits ? 1 : 0));
        verified_.push_back({keep(hash, offered.head, pool), offered.signature, version, head.boot_id});
    }
    const wire::Signature signature = is_pending ? pending_->signature
                                      : seen     ? seen->signature
                                                 : offered.signature;  // as verified
    Record candidate{offered.head, signature, std::move(head), version, {}};
    const Outcome outcome = complete(std::move(candidate), offered.slots, hash, crypto, pool, made_here);
    if (outcome == Outcome::pending) passes(Probe::head_pending);
    if (outcome == Outcome::accepted && is_pending) passes(Probe::pending_head_completed);
    if (outcome == Outcome::malformed) {
        passes(Probe::malformed_slots);
        refused_ = hash;
        if (is_pending) pending_.reset();
    }
    return outcome;
}

/// An older head under another boot id is no news: a process without its disk begins below what the last one signed.
const HeldRecord::Verified* HeldRecord::contradicted_by(const wire::Version& version, const wire::BootId& boot_id) const {
    const bool is_older = current_ && is_newer(current_->version, version);
    for (const Verified& verified : verified_) {
        if (is_other_truth(verified.version, version) && (!is_older || verified.boot_id == boot_id)) return &verified;
    }
    return nullptr;
}

std::optional<wire::SignedRecord> HeldRecord::in_the_way_of(const wire::Version& version) const {
    if (current_ && !is_newer(version, current_->version)) return std::nullopt;
    for (const Verified& verified : verified_) {
        if (is_other_truth(verified.version, version))
            return wire::SignedRecord{*verified.head, verified.signature, {}, verified.version.key};
    }
    return std::nullopt;
}

const HeldRecord::Verified* HeldRecord::verified_before(const wire::Version& version, const Bytes& head) const {
    const auto found = std::ranges::find_if(
        verified_, [&](const Verified& verified) { return verified.version == version && *verified.head == head; });
    return found == verified_.end() ? nullptr : &*found;
}

HeldRecord::Outcome HeldRecord::contradiction(const Verified& verified, const wire::SignedRecord& offered,
                                              const wire::Head& head) {
    if (head.boot_id != verified.boot_id) return Outcome::fork;
    const wire::KeyTag key = verified.version.key;
    equivocation_ = {
        head.epoch, head.seq, {*verified.head, verified.signature, {}, key}, {offered.head, offered.signature, {}, key}};
    return Outcome::equivocation;
}

bool HeldRecord::comes_whole(const wire::Head& head, const std::vector<Bytes>& offered_slots, const crypto::Crypto& crypto,
                             const RosterSlots* made_here) const {
    std::set<wire::SlotHash> offered;
    for (const Bytes& slot : offered_slots) offered.insert(crypto.hash(slot));
    return std::ranges::all_of(head.slots, [&](const wire::SlotRef& ref) {
        return offered.contains(ref.hash) || slot_with(current_.get(), ref.hash) || slot_with(pending_.get(), ref.hash) ||
               slot_among(made_here, ref);
    });
}

HeldRecord::Outcome HeldRecord::complete(Record candidate, const std::vector<Bytes>& offered_slots, const crypto::Hash& hash,
                                         const crypto::Crypto& crypto, RecordPool* pool, const RosterSlots* made_here) {
    std::vector<std::pair<wire::SlotHash, const Bytes*>> offered;
    for (const Bytes& slot : offered_slots) offered.emplace_back(crypto.hash(slot), &slot);
    // What another network of this process read whole needs no second reading: the same head lists the same slots.
    const auto known = pool != nullptr ? pool->find(hash, candidate.head_bytes) : nullptr;
    for (std::size_t i = 0; i < candidate.head.slots.size(); ++i) {
        const wire::SlotRef& ref = candidate.head.slots[i];
        std::shared_ptr<const Bytes> slot = slot_with(current_.get(), ref.hash);
        if (!slot) slot = slot_with(pending_.get(), ref.hash);
        if (!slot) slot = slot_among(made_here, ref);
        if (!slot) {
            const auto came = std::ranges::find(offered, ref.hash, &std::pair<wire::SlotHash, const Bytes*>::first);
            if (came != offered.end()) slot = known ? known->slots[i] : keep(ref.hash, *came->second, pool);
        }
        if (slot && slot->size() != ref.length) return Outcome::malformed;
        candidate.slots.push_back(std::move(slot));
    }
    if (made(Mistake::pending_is_current)) {
        for (auto& slot : candidate.slots) {
            if (!slot) slot = std::make_shared<const Bytes>();
        }
    }
    if (!holds_all_slots(candidate)) {
        pending_ = std::make_unique<const Record>(std::move(candidate));
        return Outcome::pending;
    }
    if (!known && !slots_decode(candidate, current_.get())) return Outcome::malformed;
    current_ = pool != nullptr ? pool->keep(hash, std::move(candidate)) : std::make_shared<const Record>(std::move(candidate));
    if (equivocation_ && current_->head.epoch > equivocation_->epoch) equivocation_.reset();
    if (pending_ && !is_newer(pending_->version, current_->version)) pending_.reset();
    return Outcome::accepted;
}

bool HeadPace::allows(MonoTime now) {
    tokens_ = std::min(kPerSecond, tokens_ + to_seconds(now - at_) * kPerSecond);
    at_ = now;
    return tokens_ >= 1 || made(Mistake::takes_any_pace);
}

bool slots_decode(const Record& record, const Record* before) {
    for (std::size_t i = 0; i < record.slots.size(); ++i) {
        if (before != nullptr && was_read(*before, record.slots[i], record.head.slots[i].kind)) continue;
        const Bytes& bytes = *record.slots[i];
        bool good = true;
        switch (record.head.slots[i].kind) {
            case wire::SlotKind::hello: good = wire::decode_hello(bytes).has_value(); break;
            case wire::SlotKind::peers: good = wire::decode_peers(bytes).has_value(); break;
            case wire::SlotKind::reach: good = wire::decode_reach(bytes).has_value(); break;
            case wire::SlotKind::rtt: good = wire::decode_rtt(bytes).has_value(); break;
            case wire::SlotKind::answers: good = wire::decode_answers(bytes).has_value(); break;
        }
        if (!good) return false;
    }
    return true;
}

}  // namespace meshmon::mesh
