#include <google/protobuf/arena.h>
#include <meshmon.pb.h>

#include <array>
#include <string>
#include <utility>

#include "wire/checker.hpp"
#include "wire/codec.hpp"
#include "wire/packing.hpp"
#include "wire/scan.hpp"

namespace meshmon::wire {
namespace {

/// A message whose parts lie in one block on the stack, where they fit: else each field is a trip to the heap, and back.
class OnStack {
public:
    OnStack() : arena_(block_.data(), block_.size()), message_(google::protobuf::Arena::CreateMessage<pb::Exchange>(&arena_)) {}
    [[nodiscard]] pb::Exchange& operator*() const { return *message_; }

private:
    alignas(8) std::array<char, 2048> block_;  // a message without records fits
    google::protobuf::Arena arena_;
    pb::Exchange* message_;
};

Bytes pack(const Version& version) {
    Bytes bytes;
    put_version(bytes, version);
    return bytes;
}

/// What a field of `content` bytes takes after its tag.
std::size_t delimited_size(std::size_t content) { return varint_size(content) + content; }

/// Empty stands for absent: a packed version is never empty.
std::optional<Version> decode_version(ByteView bytes, std::string_view what, Checker& check) {
    if (bytes.empty()) return std::nullopt;
    const auto versions = unpack_versions(bytes, 1);
    check.require(versions.has_value(), what);
    if (!versions) return std::nullopt;
    return versions->front();
}

SignedRecord decode_record(const pb::SignedRecord& message, Checker& check) {
    SignedRecord record;
    check.require(!message.head().empty() && message.head().size() <= kHeadBytesMax, "a head is not 1..16384 bytes");
    check.array(record.signature, message.signature(), "a signature is not 64 bytes");
    record.head = message.head();
    record.key.value = message.key();
    record.slots.reserve(static_cast<std::size_t>(message.slots_size()));
    for (const std::string& slot : message.slots()) {
        check.require(slot.size() <= kSlotBytesMax, "a slot is longer than 4096 bytes");
        record.slots.push_back(slot);
    }
    return record;
}

void decode_addresses(Exchange& exchange, const pb::Exchange& message, Checker& check) {
    check.require(message.kind() == 1 || message.kind() == 2, "kind is neither request nor answer");
    exchange.kind = static_cast<ExchangeKind>(message.kind());
    check.name(exchange.network, message.network(), "network is not a name");
    check.name(exchange.from, message.from(), "from is not a name");
    check.name(exchange.to, message.to(), "to is not a name");
    check.array(exchange.boot_id, message.boot_id(), "boot_id is not 16 bytes");
}

void decode_liveness(Exchange& exchange, const pb::Exchange& message, Checker& check) {
    exchange.counter = message.counter();
    exchange.nonce = message.nonce();
    if (message.has_challenge()) exchange.challenge = message.challenge();
    if (message.has_challenge_echo()) exchange.challenge_echo = message.challenge_echo();
    check.wall(exchange.sent_wall, message.sent_ms(), "sent time is not in 1970..2106");
    check.wall(exchange.received_wall, message.received_ms(), "received time is not in 1970..2106");
}

void decode_versions(Exchange& exchange, const pb::Exchange& message, Checker& check) {
    exchange.my_version = decode_version(message.my_version(), "my_version is not a version", check);
    check.require(!exchange.my_version || exchange.my_version->epoch >= 1, "my_version names no head");
    exchange.your_version_held = decode_version(message.your_version_held(), "your_version_held is not a version", check);
    auto want = unpack_versions(message.want(), kWantMax);
    check.require(want.has_value(), "want is not up to 256 versions");
    if (want) exchange.want = *std::move(want);
}

void encode_versions(pb::Exchange& message, const Exchange& exchange) {
    if (exchange.my_version) message.set_my_version(pack(*exchange.my_version));
    if (exchange.your_version_held) message.set_your_version_held(pack(*exchange.your_version_held));
    for (const Version& version : exchange.want) put_version(*message.mutable_want(), version);
}

void encode_record(pb::SignedRecord& message, const SignedRecord& record) {
    message.set_head(record.head);
    message.set_signature(Bytes(view(record.signature)));
    for (const Bytes& slot : record.slots) message.add_slots(slot);
    message.set_key(record.key.value);
}

}  // namespace

Bytes encode(const Exchange& exchange) {
    const OnStack on_stack;
    pb::Exchange& message = *on_stack;
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
    encode_versions(message, exchange);
    for (const SignedRecord& record : exchange.records) encode_record(*message.add_records(), record);
    message.set_roster_hash(Bytes(view(exchange.roster_hash)));
    message.set_config_revision(exchange.config_revision);
    message.set_software_version(exchange.software_version);
    message.set_accepted(exchange.accepted);
    for (const KeyTag key : exchange.your_keys) message.add_your_keys(key.value);
    return message.SerializeAsString();
}

Result<Exchange> decode_exchange(ByteView bytes) {
    if (!occurs_at_most(bytes, pb::Exchange::kRecordsFieldNumber, kRecordsMax, pb::SignedRecord::kSlotsFieldNumber,
                        kHeadSlotsMax)) {
        return fail("wire.malformed",
                    "exchange: not a sequence of fields, more than 1024 records, or more than 168 slots in one");
    }
    const OnStack on_stack;
    pb::Exchange& message = *on_stack;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return fail("wire.malformed", "exchange: not a message of this kind");
    }
    if (message.version() != kProtocolVersion) {
        return fail("wire.version", "exchange: protocol version " + std::to_string(message.version()) + " inside the box");
    }

    Checker check("exchange");
    Exchange exchange;
    decode_addresses(exchange, message, check);
    decode_liveness(exchange, message, check);
    decode_versions(exchange, message, check);
    exchange.accepted = message.accepted();
    check.require(static_cast<std::size_t>(message.your_keys_size()) <= kKeysMax, "your_keys is more than 2 keys");
    for (const std::uint32_t key : message.your_keys()) exchange.your_keys.push_back({key});
    exchange.records.reserve(static_cast<std::size_t>(message.records_size()));
    for (const pb::SignedRecord& record : message.records()) exchange.records.push_back(decode_record(record, check));
    check.array(exchange.roster_hash, message.roster_hash(), "roster_hash is not 8 bytes");
    check.text(exchange.config_revision, message.config_revision(), kRevisionMax,
               "config_revision is not up to 64 printable characters");
    check.text(exchange.software_version, message.software_version(), kSoftwareVersionMax,
               "software_version is not up to 64 printable characters");
    return check.finish(std::move(exchange));
}

std::size_t encoded_size(const SignedRecord& record) {
    static_assert(pb::Exchange::kRecordsFieldNumber == 16);  // the first number whose tag takes two bytes
    std::size_t content = 1 + delimited_size(record.head.size()) + 1 + delimited_size(record.signature.size());
    if (record.head.empty()) content -= 2;  // an empty field is left out
    for (const Bytes& slot : record.slots) content += 1 + delimited_size(slot.size());
    if (record.key.value != 0) content += 1 + sizeof record.key.value;
    return 2 + delimited_size(content);
}

}  // namespace meshmon::wire
