#include <meshmon.pb.h>

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

constexpr std::string_view kNoSequence = "not a sequence of fields, more than 1024 records, or more than 168 slots in one";

/// Empty stands for absent: a packed version is never empty.
void decode_version(std::optional<Version>& version, ByteView bytes, std::string_view what, Checker& check) {
    if (bytes.empty()) return;
    version = unpack_version(bytes);
    check.require(version.has_value(), what);
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

/// False where they are no sequence of fields, or too many.
bool take_fields(ByteView bytes, Fields& fields) {
    FieldReader field(bytes);
    while (field.next()) {
        if (!take_field(field, fields)) return false;
    }
    return field.ok();
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
    decode_version(exchange.my_version, fields.my_version, "my_version is not a version", check);
    check.require(!exchange.my_version || exchange.my_version->epoch >= 1, "my_version names no head");
    decode_version(exchange.your_version_held, fields.your_version_held, "your_version_held is not a version", check);
    auto want = unpack_versions(fields.want, kWantMax);
    check.require(want.has_value(), "want is not up to 256 versions");
    if (want) exchange.want = *std::move(want);
}

void decode_records(Exchange& exchange, const Fields& fields, Checker& check) {
    exchange.records.resize(fields.records.size());
    for (std::size_t i = 0; i < fields.records.size() && check.ok(); ++i) {
        check.require(decode_record(fields.records[i], exchange.records[i], check), kNoSequence);
    }
}

void decode_introduction(Exchange& exchange, const Fields& fields, Checker& check) {
    check.array(exchange.roster_hash, fields.roster_hash, "roster_hash is not 8 bytes");
    check.text(exchange.config_revision, fields.config_revision, kRevisionMax,
               "config_revision is not up to 64 printable characters");
    check.text(exchange.software_version, fields.software_version, kSoftwareVersionMax,
               "software_version is not up to 64 printable characters");
    exchange.accepted = fields.accepted;
    check.require(fields.your_keys.size() <= kKeysMax, "your_keys is more than 2 keys");
    exchange.your_keys = fields.your_keys;
}

template <typename Out>
void put_versions(FieldWriter<Out> fields, const Exchange& exchange) {
    const std::optional<Version>& mine = exchange.my_version;
    const std::optional<Version>& held = exchange.your_version_held;
    if (mine) fields.nested(pb::Exchange::kMyVersionFieldNumber, [&](auto& out) { put_version(out, *mine); });
    if (held) fields.nested(pb::Exchange::kYourVersionHeldFieldNumber, [&](auto& out) { put_version(out, *held); });
    if (exchange.want.empty()) return;
    fields.nested(pb::Exchange::kWantFieldNumber, [&](auto& out) {
        for (const Version& version : exchange.want) put_version(out, version);
    });
}

template <typename Out>
[[gnu::always_inline]] inline void put_record(FieldWriter<Out> fields, const SignedRecord& record) {
    fields.nested(pb::Exchange::kRecordsFieldNumber, [&](auto& out) {
        FieldWriter inner(out);
        inner.bytes(pb::SignedRecord::kHeadFieldNumber, record.head);
        inner.bytes(pb::SignedRecord::kSignatureFieldNumber, view(record.signature));
        for (const Bytes& slot : record.slots) inner.element(pb::SignedRecord::kSlotsFieldNumber, slot);
        inner.fixed32(pb::SignedRecord::kKeyFieldNumber, record.key.value);
    });
}

template <typename Out>
void put_keys(FieldWriter<Out> fields, const Exchange& exchange) {
    if (exchange.your_keys.empty()) return;
    fields.nested(pb::Exchange::kYourKeysFieldNumber, [&](auto& out) {
        for (const KeyTag key : exchange.your_keys) out.fixed_little(key.value, sizeof key.value);
    });
}

template <typename Out>
void put_fields(FieldWriter<Out> fields, const Exchange& exchange) {
    fields.number(pb::Exchange::kVersionFieldNumber, kProtocolVersion);
    fields.number(pb::Exchange::kKindFieldNumber, static_cast<std::uint32_t>(exchange.kind));
    fields.bytes(pb::Exchange::kNetworkFieldNumber, exchange.network.str());
    fields.bytes(pb::Exchange::kFromFieldNumber, exchange.from.str());
    fields.bytes(pb::Exchange::kToFieldNumber, exchange.to.str());
    fields.bytes(pb::Exchange::kBootIdFieldNumber, view(exchange.boot_id));
    fields.number(pb::Exchange::kCounterFieldNumber, exchange.counter);
    fields.fixed64(pb::Exchange::kNonceFieldNumber, exchange.nonce);
    fields.optional_fixed64(pb::Exchange::kChallengeFieldNumber, exchange.challenge);
    fields.optional_fixed64(pb::Exchange::kChallengeEchoFieldNumber, exchange.challenge_echo);
    fields.number(pb::Exchange::kSentMsFieldNumber, static_cast<std::uint64_t>(wall_to_ms(exchange.sent_wall)));
    fields.number(pb::Exchange::kReceivedMsFieldNumber, static_cast<std::uint64_t>(wall_to_ms(exchange.received_wall)));
    put_versions(fields, exchange);
    for (const SignedRecord& record : exchange.records) put_record(fields, record);
    fields.bytes(pb::Exchange::kRosterHashFieldNumber, view(exchange.roster_hash));
    fields.bytes(pb::Exchange::kConfigRevisionFieldNumber, exchange.config_revision);
    fields.bytes(pb::Exchange::kSoftwareVersionFieldNumber, exchange.software_version);
    fields.number(pb::Exchange::kAcceptedFieldNumber, exchange.accepted ? 1 : 0);
    put_keys(fields, exchange);
}

}  // namespace

Bytes encode(const Exchange& exchange) { return encode_behind(0, exchange); }

Bytes encode_behind(std::size_t room, const Exchange& exchange) {
    Bytes bytes;
    append_packed(bytes, [&](auto& out) {
        out.room(room);
        put_fields(FieldWriter(out), exchange);
    });
    return bytes;
}

Result<Exchange> decode_exchange(ByteView bytes) {
    Checker check("exchange");
    Fields fields;
    check.require(take_fields(bytes, fields), kNoSequence);
    if (!check.ok()) return check.error();
    if (fields.version != kProtocolVersion) {
        return fail("wire.version", "exchange: protocol version " + std::to_string(fields.version) + " inside the box");
    }
    Result<Exchange> decoded{std::in_place};
    decode_addresses(*decoded, fields, check);
    decode_liveness(*decoded, fields, check);
    decode_versions(*decoded, fields, check);
    decode_records(*decoded, fields, check);
    decode_introduction(*decoded, fields, check);
    if (!check.ok()) decoded = check.error();
    return decoded;
}

std::size_t encoded_size(const SignedRecord& record) {
    PackedSize size;
    put_record(FieldWriter(size), record);
    return size.size();
}

}  // namespace meshmon::wire
