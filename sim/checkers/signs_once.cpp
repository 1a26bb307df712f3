#include "sim/checkers/signs_once.hpp"

#include "wire/codec.hpp"

namespace meshmon::sim {

void SignsOnce::on_message(const OpenedMessage& message) {
    for (const wire::SignedRecord& record : message.exchange.records) {
        const auto head = wire::decode_head(record.head);
        const std::size_t owner = head ? index_of(message.ids, head->owner) : message.ids.size();
        if (owner == message.ids.size() || !message.honest[owner]) continue;
        const crypto::Hash hash = message.crypto.hash(record.head);
        const auto [first, fresh] = signed_.emplace(Point{head->owner, head->epoch, head->boot_id, head->seq}, hash);
        if (!fresh && first->second != hash) {
            violated(message.at, "S6: " + head->owner.str() + " signed two heads of epoch " + std::to_string(head->epoch) +
                                     ", seq " + std::to_string(head->seq) + " in one life");
        }
    }
}

}  // namespace meshmon::sim
