#include <meshmon.pb.h>

#include <string_view>
#include <utility>

#include "wire/checker.hpp"
#include "wire/codec.hpp"
#include "wire/scan.hpp"

namespace meshmon::wire {
namespace {

SlotRef decode_slot_ref(const pb::SlotRef& message, std::uint64_t head_seq, Checker& check) {
    SlotRef slot;
    slot.kind = static_cast<SlotKind>(message.kind());
    slot.page = message.page();
    slot.length = message.length();
    slot.changed_seq = message.changed_seq();
    check.require(message.kind() != 0, "slot without a kind");
    check.require(slot.length <= kSlotBytesMax, "slot longer than 4096 bytes");
    check.require(slot.changed_seq >= 1 && slot.changed_seq <= head_seq, "slot changed at a seq that is not 1..seq");
    check.array(slot.hash, message.hash(), "slot hash is not 32 bytes");
    return slot;
}

}  // namespace

Bytes encode(const Head& head) {
    pb::Head message;
    message.set_network(head.network.str());
    message.set_owner(head.owner.str());
    message.set_epoch(head.epoch);
    message.set_seq(head.seq);
    message.set_boot_id(Bytes(view(head.boot_id)));
    message.set_wall_ms(wall_to_ms(head.wall));
    message.set_roster_hash(Bytes(view(head.roster_hash)));
    message.set_config_revision(head.config_revision);
    message.set_health(static_cast<std::uint32_t>(head.health));
    for (const SlotRef& slot : head.slots) {
        pb::SlotRef& ref = *message.add_slots();
        ref.set_kind(static_cast<std::uint32_t>(slot.kind));
        ref.set_page(slot.page);
        ref.set_length(slot.length);
        ref.set_hash(Bytes(view(slot.hash)));
        ref.set_changed_seq(slot.changed_seq);
    }
    return message.SerializeAsString();
}

Result<Head> decode_head(ByteView bytes) {
    if (bytes.size() > kHeadBytesMax) return fail("wire.malformed", "head: longer than 16384 bytes");
    if (!occurs_at_most(bytes, pb::Head::kSlotsFieldNumber, kHeadSlotsMax)) {
        return fail("wire.malformed", "head: not a sequence of fields, or more than 168 slots");
    }
    const auto message = parse<pb::Head>(bytes, "head");
    if (!message) return message.error();

    Checker check("head");
    Head head;
    check.name(head.network, message->network(), "network is not a name");
    check.name(head.owner, message->owner(), "owner is not a name");
    check.epoch_and_seq(message->epoch(), message->seq());
    head.epoch = message->epoch();
    head.seq = message->seq();
    check.array(head.boot_id, message->boot_id(), "boot_id is not 16 bytes");
    check.wall(head.wall, message->wall_ms(), "wall time is not in 1970..2106");
    check.array(head.roster_hash, message->roster_hash(), "roster_hash is not 8 bytes");
    check.text(head.config_revision, message->config_revision(), kRevisionMax,
               "config_revision is not up to 64 printable characters");
    check.require(message->health() >= 1 && message->health() <= 4, "unknown health");
    head.health = static_cast<SelfHealth>(message->health());
    head.slots.reserve(static_cast<std::size_t>(message->slots_size()));
    for (const pb::SlotRef& ref : message->slots()) {
        const SlotRef slot = decode_slot_ref(ref, head.seq, check);
        if (!head.slots.empty()) {
            const SlotRef& before = head.slots.back();
            check.require(std::pair(before.kind, before.page) < std::pair(slot.kind, slot.page),
                          "slots are not ordered by (kind, page)");
        }
        head.slots.push_back(slot);
    }
    return check.finish(std::move(head));
}

Bytes signing_input(ByteView head_bytes) {
    static constexpr std::string_view kDomain("meshmon head v1\0", 16);
    Bytes input;
    input.reserve(kDomain.size() + head_bytes.size());
    return input.append(kDomain).append(head_bytes);
}

}  // namespace meshmon::wire
