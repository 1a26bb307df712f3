#pragma once

#include <meshmon.pb.h>

#include "wire/checker.hpp"
#include "wire/codec.hpp"
#include "wire/packing.hpp"

/// The bytes that the library of Protocol Buffers makes of an exchange: ours are the same.
namespace meshmon::wire {

inline Bytes encoded_by_library(const Exchange& exchange) {
    pb::Exchange message;
    message.set_version(kProtocolVersion);
    message.set_kind(static_cast<std::uint32_t>(exchange.kind));
    message.set_network(exchange.network.str());
    message.set_from(exchange.from.str());
    message.set_to(exchange.to.str());
    message.set_boot_id(Bytes(view(exchange.boot_id)));
    message.set_counter(exchange.counter);
    message.set_nonce(exchange.nonce);
    if (exchange.challenge) message.set_challenge(*exchange.challenge);
    if (exchange.challenge_echo) message.set_challenge_echo(*exchange.challenge_echo);
    message.set_sent_ms(wall_to_ms(exchange.sent_wall));
    message.set_received_ms(wall_to_ms(exchange.received_wall));
    const auto add_version = [](Bytes& field, const Version& version) {
        append_packed(field, [&](auto& out) { put_version(out, version); });
    };
    if (exchange.my_version) add_version(*message.mutable_my_version(), *exchange.my_version);
    if (exchange.your_version_held) add_version(*message.mutable_your_version_held(), *exchange.your_version_held);
    for (const Version& version : exchange.want) add_version(*message.mutable_want(), version);
    for (const SignedRecord& record : exchange.records) {
        pb::SignedRecord& added = *message.add_records();
        added.set_head(record.head);
        added.set_signature(Bytes(view(record.signature)));
        for (const Bytes& slot : record.slots) added.add_slots(slot);
        added.set_key(record.key.value);
    }
    message.set_roster_hash(Bytes(view(exchange.roster_hash)));
    message.set_config_revision(exchange.config_revision);
    message.set_software_version(exchange.software_version);
    message.set_accepted(exchange.accepted);
    for (const KeyTag key : exchange.your_keys) message.add_your_keys(key.value);
    return message.SerializeAsString();
}

}  // namespace meshmon::wire
