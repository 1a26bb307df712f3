#include "sim/checkers/records_hold.hpp"

#include <algorithm>

#include "wire/codec.hpp"

namespace meshmon::sim {

void RecordsHold::on_message(const OpenedMessage& message) {
    for (const wire::SignedRecord& record : message.exchange.records) check(message, record);
}

void RecordsHold::check(const OpenedMessage& message, const wire::SignedRecord& record) {
    ++records_seen_;
    const std::string sender = message.ids[message.from].str();
    const auto head = wire::decode_head(record.head);
    if (!head) return violated(message.at, "S3: " + sender + " sent a head that does not decode: " + head.error().message);
    const std::size_t owner = index_of(message.ids, head->owner);
    if (owner == message.ids.size()) return violated(message.at, "S3: " + sender + " sent a head of a stranger");
    const crypto::Hash hash = message.crypto.hash(record.head);
    if (!verified_.contains({hash, record.signature})) {
        const auto verifies = [&](const crypto::PublicKey& key) {
            return message.crypto.verify(key, wire::signing_input(record.head), record.signature);
        };
        if (!verifies(message.keys[owner]) && std::ranges::none_of(message.former_keys[owner], verifies)) {
            return violated(message.at, "S3: " + sender + " sent a head of " + head->owner.str() + " that does not verify");
        }
        verified_.emplace(hash, record.signature);
    }
    for (const Bytes& slot : record.slots) {
        const crypto::Hash slot_hash = message.crypto.hash(slot);
        if (std::ranges::none_of(head->slots, [&](const wire::SlotRef& ref) { return ref.hash == slot_hash; })) {
            return violated(message.at,
                            "S5: " + sender + " sent a slot that the head of " + head->owner.str() + " does not list");
        }
    }
}

}  // namespace meshmon::sim
