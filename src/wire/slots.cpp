#include <meshmon.pb.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "wire/checker.hpp"
#include "wire/codec.hpp"
#include "wire/packing.hpp"
#include "wire/scan.hpp"

namespace meshmon::wire {
namespace {

constexpr std::size_t kReachEntryBytes = kTagBytes + 1 + 1 + 5;
constexpr std::size_t kRttEntryBytes = kTagBytes + 4 + 2;

/// The entries of a page: `width` bytes each, ordered by the tag that each begins with.
template <typename Entry, typename Read>
std::vector<Entry> unpack_entries(ByteView bytes, std::size_t width, Checker& check, Read read) {
    check.require(bytes.size() % width == 0, "entries are cut short");
    check.require(bytes.size() / width <= kPageNodesMax, "more than 256 entries");
    std::vector<Entry> entries;
    if (!check.ok()) return entries;
    entries.reserve(bytes.size() / width);
    Unpacker unpacker(bytes);
    std::optional<std::uint64_t> before;
    while (!unpacker.empty()) {
        const std::uint64_t tag = unpacker.fixed(kTagBytes);
        check.require(!before || *before < tag, "entries are not ordered by tag");
        before = tag;
        entries.push_back(read(NodeTag{tag}, unpacker));
    }
    return entries;
}

/// Out state in the two lowest bits, in state in the next two, flags above.
std::uint8_t pack_states(const ReachEntry& entry) {
    return static_cast<std::uint8_t>((static_cast<unsigned>(entry.out) & 3U) | ((static_cast<unsigned>(entry.in) & 3U) << 2) |
                                     ((entry.flags & 15U) << 4));
}

ReachEntry unpack_reach_entry(NodeTag tag, Unpacker& unpacker, Checker& check) {
    ReachEntry entry;
    entry.node = tag;
    const auto states = static_cast<unsigned>(unpacker.fixed(1));
    check.require(((states >> 2) & 3U) <= 2, "unknown in state");
    entry.out = static_cast<OutState>(states & 3U);
    entry.in = static_cast<InState>((states >> 2) & 3U);
    entry.flags = static_cast<std::uint8_t>(states >> 4);
    entry.reason = static_cast<std::uint8_t>(unpacker.fixed(1));
    check.wall(entry.since, static_cast<std::int64_t>(unpacker.fixed(5)) * 1000, "since is not in 1970..2106");
    return entry;
}

Result<ByteView> within_slot(ByteView bytes) {
    if (bytes.size() > kSlotBytesMax) return fail("wire.malformed", "slot: longer than 4096 bytes");
    return bytes;
}

}  // namespace

Bytes encode(const Hello& hello) {
    pb::Hello message;
    message.set_software_version(hello.software_version);
    for (const std::string& capability : hello.capabilities) message.add_capabilities(capability);
    message.set_started_ms(wall_to_ms(hello.started));
    return message.SerializeAsString();
}

Result<Hello> decode_hello(ByteView bytes) {
    const auto slot = within_slot(bytes);
    if (!slot) return slot.error();
    if (!occurs_at_most(bytes, pb::Hello::kCapabilitiesFieldNumber, kCapabilitiesMax)) {
        return fail("wire.malformed", "hello: not a sequence of fields, or more than 32 capabilities");
    }
    const auto message = parse<pb::Hello>(bytes, "hello");
    if (!message) return message.error();

    Checker check("hello");
    Hello hello;
    check.text(hello.software_version, message->software_version(), kSoftwareVersionMax,
               "software_version is not up to 64 printable characters");
    check.wall(hello.started, message->started_ms(), "start time is not in 1970..2106");
    for (const std::string& capability : message->capabilities()) {
        check.require(is_valid_name(capability), "capability is not a name");
        hello.capabilities.push_back(capability);
    }
    return check.finish(std::move(hello));
}

Bytes encode(const PeersPage& page) {
    pb::PeersPage message;
    append_packed(*message.mutable_nodes(), [&](auto& out) {
        for (const NodeTag& node : page.nodes) out.fixed(node.value, kTagBytes);
    });
    return message.SerializeAsString();
}

Result<PeersPage> decode_peers(ByteView bytes) {
    const auto slot = within_slot(bytes);
    if (!slot) return slot.error();
    const auto message = parse<pb::PeersPage>(bytes, "peers page");
    if (!message) return message.error();

    Checker check("peers page");
    PeersPage page;
    page.nodes = unpack_entries<NodeTag>(message->nodes(), kTagBytes, check, [](NodeTag tag, Unpacker&) { return tag; });
    return check.finish(std::move(page));
}

Bytes encode(const ReachPage& page) {
    pb::ReachPage message;
    append_packed(*message.mutable_entries(), [&](auto& out) {
        for (const ReachEntry& entry : page.entries) {
            out.fixed(entry.node.value, kTagBytes);
            out.fixed(pack_states(entry), 1);
            out.fixed(entry.reason, 1);
            out.fixed(static_cast<std::uint64_t>(wall_to_ms(entry.since) / 1000), 5);
        }
    });
    return message.SerializeAsString();
}

Result<ReachPage> decode_reach(ByteView bytes) {
    const auto slot = within_slot(bytes);
    if (!slot) return slot.error();
    const auto message = parse<pb::ReachPage>(bytes, "reach page");
    if (!message) return message.error();

    Checker check("reach page");
    ReachPage page;
    page.entries = unpack_entries<ReachEntry>(message->entries(), kReachEntryBytes, check, [&](NodeTag tag, Unpacker& unpacker) {
        return unpack_reach_entry(tag, unpacker, check);
    });
    return check.finish(std::move(page));
}

Bytes encode(const RttPage& page) {
    pb::RttPage message;
    append_packed(*message.mutable_entries(), [&](auto& out) {
        for (const RttEntry& entry : page.entries) {
            out.fixed(entry.node.value, kTagBytes);
            out.fixed(entry.rtt_us, 4);
            out.fixed(entry.loss_permille, 2);
        }
    });
    return message.SerializeAsString();
}

Result<RttPage> decode_rtt(ByteView bytes) {
    const auto slot = within_slot(bytes);
    if (!slot) return slot.error();
    const auto message = parse<pb::RttPage>(bytes, "rtt page");
    if (!message) return message.error();

    Checker check("rtt page");
    RttPage page;
    page.entries = unpack_entries<RttEntry>(message->entries(), kRttEntryBytes, check, [&](NodeTag tag, Unpacker& unpacker) {
        RttEntry entry;
        entry.node = tag;
        entry.rtt_us = static_cast<std::uint32_t>(unpacker.fixed(4));
        entry.loss_permille = static_cast<std::uint32_t>(unpacker.fixed(2));
        check.require(entry.loss_permille <= 1000, "loss is over 1000 permille");
        return entry;
    });
    return check.finish(std::move(page));
}

Bytes encode(const Answers& answers) {
    pb::Answers message;
    append_packed(*message.mutable_accusations(), [&](auto& out) {
        for (const Version& version : answers.accusations) put_version(out, version);
    });
    return message.SerializeAsString();
}

Result<Answers> decode_answers(ByteView bytes) {
    const auto slot = within_slot(bytes);
    if (!slot) return slot.error();
    const auto message = parse<pb::Answers>(bytes, "answers");
    if (!message) return message.error();

    Checker check("answers");
    Answers answers;
    auto versions = unpack_versions(message->accusations(), kAnswersMax);
    check.require(versions.has_value(), "accusations are not up to 32 versions");
    if (versions) answers.accusations = *std::move(versions);
    check.require(std::ranges::all_of(answers.accusations, [](const Version& version) { return version.epoch >= 1; }),
                  "an accusation names no head");
    return check.finish(std::move(answers));
}

}  // namespace meshmon::wire
