#include "sim/checkers/stored_records.hpp"

#include <algorithm>

#include "wire/codec.hpp"

namespace meshmon::sim {

namespace {

/// The key of `owner` that signed the record, now or before it was changed; null if none did.
const crypto::PublicKey* signer(const Step& step, std::size_t owner, const mesh::Record& record) {
    const Bytes input = wire::signing_input(record.head_bytes);
    const auto verifies = [&](const crypto::PublicKey& key) { return step.crypto.verify(key, input, record.signature); };
    if (verifies(step.keys[owner])) return &step.keys[owner];
    const auto former = std::ranges::find_if(step.former_keys[owner], verifies);
    return former == step.former_keys[owner].end() ? nullptr : &*former;
}

}  // namespace

void StoredRecords::on_step(const Step& step) {
    for (std::size_t viewer = 0; viewer < step.ids.size(); ++viewer) {
        const NodeState& state = step.states[viewer];
        if (!state.running || !state.honest) continue;
        for (std::size_t i = 0; i < state.held_records.size(); ++i) {
            const auto& record = state.held_records[i];
            if (!record) continue;
            auto& known = good_[record.get()];
            if (known.lock() == record) continue;
            const std::size_t owner = index_of(step.ids, state.nodes[i].id);
            const std::string what = owner == step.ids.size() ? "S3: of a stranger" : fault(step, owner, *record);
            if (what.empty()) known = record;
            else violated(step.now, what + ", held by " + step.ids[viewer].str() + " of " + state.nodes[i].id.str());
        }
    }
    if (good_.size() < sweep_at_) return;
    std::erase_if(good_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = std::max<std::size_t>(1024, 2 * good_.size());
}

std::string StoredRecords::fault(const Step& step, std::size_t owner, const mesh::Record& record) {
    const auto head = wire::decode_head(record.head_bytes);
    if (!head) return "S3: a head that does not decode";
    if (head->owner != step.ids[owner]) return "S3: a head of " + head->owner.str();
    const crypto::PublicKey* key = signer(step, owner, record);
    if (key == nullptr) return "S3: a head that does not verify";
    const mesh::OwnerIdentity identity = mesh::make_identity(head->network, head->owner, *key);
    if (record.version != mesh::version_of(*head, step.crypto.hash(record.head_bytes), identity))
        return "S5: a head under another version";
    if (record.slots.size() != head->slots.size()) return "S5: not as many slots as the head lists";
    for (std::size_t slot = 0; slot < record.slots.size(); ++slot) {
        const auto& bytes = record.slots[slot];
        if (!bytes || bytes->size() != head->slots[slot].length || step.crypto.hash(*bytes) != head->slots[slot].hash)
            return "S5: a slot that is not what the head lists";
    }
    return {};
}

}  // namespace meshmon::sim
