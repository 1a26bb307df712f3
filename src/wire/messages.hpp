#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

/// What nodes say to each other, as plain values. How they become bytes: codec.hpp.
/// Source: docs/protocol.md.
namespace meshmon::wire {

/// A node named in 6 bytes: the first 48 bits of BLAKE2b-256(node_id), big-endian. The config refuses a collision.
struct NodeTag {
    std::uint64_t value = 0;
    friend auto operator<=>(const NodeTag&, const NodeTag&) = default;
};

inline constexpr unsigned kNodeTagBits = 48;

/// A key named in 4 bytes: the first 32 bits of its fingerprint, big-endian.
struct KeyTag {
    std::uint32_t value = 0;
    friend auto operator<=>(const KeyTag&, const KeyTag&) = default;
};

using BootId = ByteArray<16>;     ///< random, one per process start
using RosterHash = ByteArray<8>;  ///< of the node list and keys as loaded; equal means equal, for drift alone
using SlotHash = ByteArray<32>;   ///< BLAKE2b-256 of the slot's bytes
using Signature = ByteArray<64>;

/// Which state of an owner's record: ordered by (epoch, seq) within one key. epoch 0: nothing held.
struct Version {
    NodeTag node;
    KeyTag key;
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;
    std::uint32_t head_hash = 0;  ///< first 4 bytes of BLAKE2b-256 of the head's bytes, big-endian
    friend bool operator==(const Version&, const Version&) = default;
};

/// An open set: a number that is not named here belongs to a newer node; it is kept, and the slot is not looked into.
enum class SlotKind : std::uint32_t { hello = 1, peers = 2, reach = 3, rtt = 4, answers = 5 };

enum class SelfHealth : std::uint32_t { healthy = 1, unhealthy = 2, isolated = 3, leaving = 4 };

struct SlotRef {
    SlotKind kind = SlotKind::hello;
    std::uint32_t page = 0;
    std::uint32_t length = 0;
    SlotHash hash{};
    std::uint64_t changed_seq = 0;  ///< the head's seq at which this slot last changed in this epoch
};

/// What an owner signs: who it is, which version this is, and which slots belong to it, by their hashes.
struct Head {
    NetworkId network;
    NodeId owner;
    std::uint64_t epoch = 0;  ///< 1 .. 2^63 - 1
    std::uint64_t seq = 0;    ///< >= 1
    BootId boot_id{};
    WallTime wall;
    RosterHash roster_hash{};
    std::string config_revision;  ///< at most kRevisionMax characters
    SelfHealth health = SelfHealth::healthy;
    std::vector<SlotRef> slots;  ///< ordered by (kind, page), each once
};

struct Hello {
    std::string software_version;
    std::vector<std::string> capabilities;
    WallTime started;
};

/// One page of whom the owner observes, ordered by tag.
struct PeersPage {
    std::vector<NodeTag> nodes;
};

enum class OutState : std::uint8_t { not_foreseen = 0, ok = 1, failed = 2, unknown = 3 };
enum class InState : std::uint8_t { not_foreseen = 0, heard = 1, silent = 2 };

/// What is wrong with a link that works; a set of bits.
enum class LinkFlag : std::uint8_t { lossy = 1, slow = 2 };

struct ReachEntry {
    NodeTag node;
    OutState out = OutState::not_foreseen;
    InState in = InState::not_foreseen;
    std::uint8_t flags = 0;   ///< LinkFlag bits
    std::uint8_t reason = 0;  ///< mesh::Reason; 0: none. Unknown numbers are kept and shown as "unknown reason"
    WallTime since;           ///< the owner's clock, whole seconds; for display
};

/// Of the nodes in the page of the same number, those that are not plainly up. Ordered by tag.
struct ReachPage {
    std::vector<ReachEntry> entries;
};

struct RttEntry {
    NodeTag node;
    std::uint32_t rtt_us = 0;         ///< smoothed
    std::uint32_t loss_permille = 0;  ///< 0 .. 1000
};

/// Ordered by tag.
struct RttPage {
    std::vector<RttEntry> entries;
};

/// The heads that accuse the owner and that it has seen: signing this proves that it lived after them.
struct Answers {
    std::vector<Version> accusations;  ///< at most kAnswersMax
};

/// A head with its signature and some or all of its slots, as bytes: kept and passed on as they came.
struct SignedRecord {
    Bytes head;
    Signature signature{};
    std::vector<Bytes> slots;
    KeyTag key{};  ///< of the key that signed it; 0: not said
};

enum class ExchangeKind : std::uint32_t { request = 1, answer = 2 };

/// What is inside the box of one exchange.
struct Exchange {
    ExchangeKind kind = ExchangeKind::request;
    NetworkId network;
    NodeId from;
    NodeId to;
    BootId boot_id{};
    std::uint64_t counter = 0;                    ///< requests: grows with each one to this peer
    std::uint64_t nonce = 0;                      ///< requests: fresh; answers: the request's, echoed
    std::optional<std::uint64_t> challenge;       ///< answers: to come back in the next request
    std::optional<std::uint64_t> challenge_echo;  ///< requests: the last answer's challenge
    WallTime sent_wall;
    WallTime received_wall;             ///< answers: when the request arrived
    std::optional<Version> my_version;  ///< absent until the own epoch is durable
    std::optional<Version> your_version_held;
    std::vector<Version> want;  ///< at most kWantMax
    std::vector<SignedRecord> records;
    RosterHash roster_hash{};
    std::string config_revision;
    std::string software_version;
    bool accepted = false;          ///< answers: the request proved its sender alive, and was taken in
    std::vector<KeyTag> your_keys;  ///< the receiver's keys, while the sender's roster lists two; at most kKeysMax
};

/// What travels in an HTTP body, request and answer alike.
struct Envelope {
    std::uint64_t sender = 0;  ///< the short id of the sender's key fingerprint
    ByteArray<24> nonce{};
    ByteView box;  ///< of one that was decoded: in the bytes that it was decoded from
};

/// The newest version of another's record that this node vouches never to fall below again. The head is kept to be shown to
/// an owner that lost its disk: it believes its own signature, not a number.
struct Floor {
    NodeId owner;
    KeyTag key;
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;
    Bytes head;             ///< empty, or as its owner signed it
    Signature signature{};  ///< of the head
};

/// What one network keeps on disk between two runs.
struct SavedState {
    NetworkId network;
    NodeId node;
    KeyTag key;
    std::uint64_t epoch = 0;
    std::vector<Floor> floors;
};

inline constexpr std::uint8_t kProtocolVersion = 1;
inline constexpr std::size_t kEnvelopeOverhead = 1 + 8 + 24;  ///< version, fingerprint, nonce
inline constexpr std::size_t kRevisionMax = 64;               ///< a git commit in hex is 40 or 64
inline constexpr std::size_t kSoftwareVersionMax = 64;
inline constexpr std::size_t kCapabilitiesMax = 32;
inline constexpr std::size_t kPageNodesMax = 256;  ///< 13 bytes each in a reach page: below kSlotBytesMax
inline constexpr std::size_t kSlotBytesMax = 4096;
inline constexpr std::size_t kAnswersMax = 32;
inline constexpr std::size_t kWantMax = 256;
inline constexpr std::size_t kKeysMax = 2;           ///< of one node, during a rotation
inline constexpr std::size_t kRecordsMax = 1024;     ///< in one message; their bytes are limited more tightly
inline constexpr std::size_t kHeadSlotsMax = 168;    ///< slots_max() of the largest roster, 10,000 nodes
inline constexpr std::size_t kHeadBytesMax = 16384;  ///< 168 slots of 50 bytes and the rest fit twice
inline constexpr std::size_t kFloorsMax = 20'000;    ///< two keys for each node of the largest roster
inline constexpr std::uint64_t kEpochMax = (std::uint64_t{1} << 63) - 1;

/// How many slots a head may list in a network of `nodes` nodes.
[[nodiscard]] constexpr std::size_t slots_max(std::size_t nodes) { return 8 + 4 * ((nodes + kPageNodesMax - 1) / kPageNodesMax); }

}  // namespace meshmon::wire
