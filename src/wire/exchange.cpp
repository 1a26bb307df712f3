#include <google/protobuf/arena.h>
#include <meshmon.pb.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "wire/checker.hpp"
#include "wire/codec.hpp"
#include "wire/fields.hpp"
#include "wire/packing.hpp"

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

/// The fields of an exchange as they lie in its bytes: the last one counts where one comes twice.
struct Fields {
    std::uint32_t version = 0, kind = 0;
    ByteView network, from, to, boot_id;
    std::uint64_t counter = 0, nonce = 0;
    std::optional<std::uint64_t> challenge, challenge_echo;
    std::int64_t sent_ms = 0, received_ms = 0;
    ByteView my_version, your_version_held, want;
    std::vector<ByteView> records;
    ByteView roster_hash, config_revision, software_version;
    bool accepted = false;
    std::vector<KeyTag> your_keys;
};

/// A field of numbers that repeats may come in one piece, or as one field each.
bool take_keys(const FieldReader& field, std::vector<KeyTag>& keys) {
    if (field.type() == WireType::fixed32) keys.push_back({static_cast<std::uint32_t>(field.value())});
    if (field.type() != WireType::bytes) return true;
    if (field.content().size() % sizeof(KeyTag::value) != 0) return false;
    for (std::size_t at = 0; at < field.content().size() && keys.size() <= kKeysMax; at += sizeof(KeyTag::value)) {
        std::uint32_t key = 0;
        for (std::size_t i = sizeof key; i > 0; --i) key = key << 8 | static_cast<std::uint8_t>(field.content()[at + i - 1]);
        keys.push_back({key});
    }
    return true;
}

bool take_field(const FieldReader& field, Fields& fields) {
    switch (field.number()) {
        case pb::Exchange::kVersionFieldNumber: field.put(fields.version, WireType::varint); break;
        case pb::Exchange::kKindFieldNumber: field.put(fields.kind, WireType::varint); break;
        case pb::Exchange::kNetworkFieldNumber: field.put(fields.network); break;
        case pb::Exchange::kFromFieldNumber: field.put(fields.from); break;
        case pb::Exchange::kToFieldNumber: field.put(fields.to); break;
        case pb::Exchange::kBootIdFieldNumber: field.put(fields.boot_id); break;
        case pb::Exchange::kCounterFieldNumber: field.put(fields.counter, WireType::varint); break;
        case pb::Exchange::kNonceFieldNumber: field.put(fields.nonce, WireType::fixed64); break;
        case pb::Exchange::kChallengeFieldNumber: field.put(fields.challenge, WireType::fixed64); break;
        case pb::Exchange::kChallengeEchoFieldNumber: field.put(fields.challenge_echo, WireType::fixed64); break;
        case pb::Exchange::kSentMsFieldNumber: field.put(fields.sent_ms, WireType::varint); break;
        case pb::Exchange::kReceivedMsFieldNumber: field.put(fields.received_ms, WireType::varint); break;
        case pb::Exchange::kMyVersionFieldNumber: field.put(fields.my_version); break;
        case pb::Exchange::kYourVersionHeldFieldNumber: field.put(fields.your_version_held); break;
        case pb::Exchange::kWantFieldNumber: field.put(fields.want); break;
        case pb::Exchange::kRecordsFieldNumber:
            if (field.type() != WireType::bytes) break;
            if (fields.records.size() == kRecordsMax) return false;
            fields.records.push_back(field.content());
            break;
        case pb::Exchange::kRosterHashFieldNumber: field.put(fields.roster_hash); break;
        case pb::Exchange::kConfigRevisionFieldNumber: field.put(fields.config_revision); break;
        case pb::Exchange::kSoftwareVersionFieldNumber: field.put(fields.software_version); break;
        case pb::Exchange::kAcceptedFieldNumber: field.put(fields.accepted, WireType::varint); break;
        case pb::Exchange::kYourKeysFieldNumber: return take_keys(field, fields.your_keys);
        default: break;
    }
    return true;
}

/// False where it is no message of this kind, or has too many slots.
bool decode_record(ByteView bytes, SignedRecord& record, Checker& check) {
    ByteView head, signature;
    FieldReader field(bytes);
    while (field.next()) {
        switch (field.number()) {
            case pb::SignedRecord::kHeadFieldNumber: field.put(head); break;
            case pb::SignedRecord::kSignatureFieldNumber: field.put(signature); break;
            case pb::SignedRecord::kKeyFieldNumber: field.put(record.key.value, WireType::fixed32); break;
            case pb::SignedRecord::kSlotsFieldNumber:
                if (field.type() != WireType::bytes) break;
                if (record.slots.size() == kHeadSlotsMax) return false;
                check.require(field.content().size() <= kSlotBytesMax, "a slot is longer than 4096 bytes");
                record.slots.emplace_back(field.content());
                break;
            default: break;
        }
    }
    check.require(!head.empty() && head.size() <= kHeadBytesMax, "a head is not 1..16384 bytes");
    check.array(record.signature, signature, "a signature is not 64 bytes");
    record.head = head;
    return field.ok();
}

void decode_addresses(Exchange& exchange, const Fields& fields, Checker& check) {
    check.require(fields.kind == 1 || fields.kind == 2, "kind is neither request nor answer");
    exchange.kind = static_cast<ExchangeKind>(fields.kind);
    check.name(exchange.network, fields.network, "network is not a name");
    check.name(exchange.from, fields.from, "from is not a name");
    check.name(exchange.to, fields.to, "to is not a name");
    check.array(exchange.boot_id, fields.boot_id, "boot_id is not 16 bytes");
}

void decode_liveness(Exchange& exchange, const Fields& fields, Checker& check) {
    exchange.counter = fields.counter;
    exchange.nonce = fields.nonce;
    exchange.challenge = fields.challenge;
    exchange.challenge_echo = fields.challenge_echo;
    check.wall(exchange.sent_wall, fields.sent_ms, "sent time is not in 1970..2106");
    check.wall(exchange.received_wall, fields.received_ms, "received time is not in 1970..2106");
}

void decode_versions(Exchange& exchange, const Fields& fields, Checker& check) {
    exchange.my_version = decode_version(fields.my_version, "my_version is not a version", check);
    check.require(!exchange.my_version || exchange.my_version->epoch >= 1, "my_version names no head");
    exchange.your_version_held = decode_version(fields.your_version_held, "your_version_held is not a version", check);
    auto want = unpack_versions(fields.want, kWantMax);
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
    const auto malformed = [] {
        return fail("wire.malformed",
                    "exchange: not a sequence of fields, more than 1024 records, or more than 168 slots in one");
    };
    Fields fields;
    FieldReader field(bytes);
    while (field.next()) {
        if (!take_field(field, fields)) return malformed();
    }
    if (!field.ok()) return malformed();
    if (fields.version != kProtocolVersion) {
        return fail("wire.version", "exchange: protocol version " + std::to_string(fields.version) + " inside the box");
    }

    Checker check("exchange");
    Result<Exchange> decoded{std::in_place};
    Exchange& exchange = *decoded;
    decode_addresses(exchange, fields, check);
    decode_liveness(exchange, fields, check);
    decode_versions(exchange, fields, check);
    exchange.accepted = fields.accepted;
    check.require(fields.your_keys.size() <= kKeysMax, "your_keys is more than 2 keys");
    exchange.your_keys = std::move(fields.your_keys);
    exchange.records.resize(fields.records.size());
    for (std::size_t i = 0; i < fields.records.size(); ++i) {
        if (!decode_record(fields.records[i], exchange.records[i], check)) return malformed();
    }
    check.array(exchange.roster_hash, fields.roster_hash, "roster_hash is not 8 bytes");
    check.text(exchange.config_revision, fields.config_revision, kRevisionMax,
               "config_revision is not up to 64 printable characters");
    check.text(exchange.software_version, fields.software_version, kSoftwareVersionMax,
               "software_version is not up to 64 printable characters");
    if (!check.ok()) return check.finish(Exchange{});
    return decoded;
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
