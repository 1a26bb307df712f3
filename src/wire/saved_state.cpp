#include <meshmon.pb.h>

#include <string>
#include <utility>

#include "wire/checker.hpp"
#include "wire/codec.hpp"
#include "wire/scan.hpp"

namespace meshmon::wire {
namespace {

constexpr std::uint32_t kFormat = 1;

}  // namespace

Bytes encode(const SavedState& state) {
    pb::SavedState message;
    message.set_format(kFormat);
    message.set_network(state.network.str());
    message.set_node(state.node.str());
    message.set_key(state.key.value);
    message.set_epoch(state.epoch);
    for (const Floor& floor : state.floors) {
        pb::SavedState::Floor& entry = *message.add_floors();
        entry.set_owner(floor.owner.str());
        entry.set_key(floor.key.value);
        entry.set_epoch(floor.epoch);
        entry.set_seq(floor.seq);
        if (floor.head.empty()) continue;
        entry.set_head(floor.head);
        entry.set_signature(Bytes(view(floor.signature)));
    }
    return message.SerializeAsString();
}

Result<SavedState> decode_saved_state(ByteView bytes) {
    if (!occurs_at_most(bytes, pb::SavedState::kFloorsFieldNumber, kFloorsMax)) {
        return fail("wire.malformed", "saved state: not a sequence of fields, or more than 20000 floors");
    }
    const auto message = parse<pb::SavedState>(bytes, "saved state");
    if (!message) return message.error();
    if (message->format() != kFormat) {
        return fail("wire.version", "saved state: format " + std::to_string(message->format()) + ", this program writes 1");
    }

    Checker check("saved state");
    SavedState state;
    check.name(state.network, message->network(), "network is not a name");
    check.name(state.node, message->node(), "node is not a name");
    state.key.value = message->key();
    state.epoch = message->epoch();
    check.require(state.epoch >= 1 && state.epoch <= kEpochMax, "epoch is not 1..2^63-1");
    state.floors.reserve(static_cast<std::size_t>(message->floors_size()));
    for (const pb::SavedState::Floor& entry : message->floors()) {
        Floor floor{.owner = {}, .key = {entry.key()}, .epoch = entry.epoch(), .seq = entry.seq(), .head = {}, .signature = {}};
        check.name(floor.owner, entry.owner(), "owner of a floor is not a name");
        check.epoch_and_seq(floor.epoch, floor.seq);
        check.require(entry.head().size() <= kHeadBytesMax, "head of a floor is longer than 16384 bytes");
        floor.head = entry.head();
        if (!floor.head.empty()) check.array(floor.signature, entry.signature(), "signature of a floor is not 64 bytes");
        state.floors.push_back(std::move(floor));
    }
    return check.finish(std::move(state));
}

}  // namespace meshmon::wire
