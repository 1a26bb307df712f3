#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "mesh/vocabulary.hpp"
#include "wire/messages.hpp"

/// What a network shows to people: plain values, made on demand. Ages are relative to the `now` they were made at.
namespace meshmon::mesh {

/// What one observer says about a subject, and by which signed head it says so.
struct Testimony {
    NodeId observer;
    Status says = Status::unknown;  ///< up, down, or unknown where it has no opinion
    Reason reason = Reason::none;
    std::optional<WallTime> since;      ///< by the observer's clock
    std::optional<Duration> heard_ago;  ///< how long ago this reached the viewer; absent for the viewer itself
    std::optional<wire::Version> head;  ///< the head under which it was signed; absent for the viewer before its epoch is durable
    bool one_way = false;
    bool lossy = false;
    bool slow = false;
    bool counts = false;       ///< whether it has a vote on this subject now
    std::string_view why_not;  ///< if not: `stale` `unhealthy` `isolated` `leaving` `accused` `equivocated` `no_opinion`
};

struct Evidence {
    std::size_t votes = 0;  ///< fresh observers with an opinion, the viewer included
    std::size_t says_up = 0;
    std::size_t says_down = 0;
    std::size_t says_impaired = 0;  ///< of votes: those that see a one-way, lossy or slow link
    std::optional<Duration> proof_of_life_ago;
    std::string_view proof_kind;         ///< `exchange` or `relayed_head`; empty without one
    std::vector<Testimony> testimonies;  ///< ordered by observer; in lists of nodes only those that are not plainly up
};

/// What this node itself measures towards one peer.
struct LinkView {
    NodeId peer;
    bool dials = false;      ///< this node dials the peer
    bool dialed_by = false;  ///< the peer is to dial this node
    Status status = Status::unknown;
    Reason reason = Reason::none;
    std::string detail;  ///< of the last failure: "connection refused by 127.0.0.1:8001"
    WallTime since;
    std::optional<Duration> last_success_ago;
    std::optional<Duration> last_heard_ago;  ///< its last proven request
    std::optional<Duration> rtt_last, rtt_smoothed, rtt_p50, rtt_p95;
    std::optional<double> loss;            ///< 0..1 of the recent tries
    std::optional<Duration> clock_offset;  ///< its clock minus mine
    std::optional<Duration> clock_error;   ///< at most this far off
    std::optional<wire::RosterHash> roster_hash;
    std::uint64_t failures_in_row = 0;
};

/// Two truths that a node signed under one version: who has its public key can verify both.
struct Contradiction {
    std::uint64_t epoch = 0, seq = 0;
    wire::SignedRecord one, other;  ///< heads and signatures alone
};

struct NodeView {
    NodeId id;
    bool self = false;
    Status status = Status::unknown;
    Reason reason = Reason::none;
    bool contested = false;
    WallTime since;                         ///< when this viewer concluded it
    std::optional<SelfHealth> self_health;  ///< what it says of itself
    std::string url;
    bool key_known = false;
    std::string fingerprint;       ///< "SHA256:..." or empty
    std::string next_fingerprint;  ///< of the key that is to follow it; empty: it has one
    std::string software_version;  ///< what it last said; empty if never heard
    std::string config_revision;
    std::optional<wire::RosterHash> roster_hash;
    std::optional<WallTime> started;             ///< by its own clock
    std::optional<wire::Version> head;           ///< the newest held
    std::optional<Duration> head_ago;            ///< when that head reached this viewer
    std::size_t in_up = 0, in_total = 0;         ///< how many reach it, of those that are to
    std::size_t out_up = 0, out_total = 0;       ///< how many it reaches, of those that it is to
    std::optional<LinkView> link;                ///< absent for self
    std::optional<Contradiction> contradiction;  ///< the proof of an equivocation, until a head of a higher epoch is held
    Evidence evidence;
};

/// Sides and groups of a split network. Names are ordered.
struct Partition {
    std::vector<std::vector<NodeId>> sides;   ///< more than one: split; the largest first
    std::vector<std::vector<NodeId>> groups;  ///< of a partial partition: no link between any two of them
    std::vector<NodeId> bridges;              ///< linked to groups that are not linked to each other
    std::vector<std::pair<NodeId, NodeId>> broken_links;
    std::vector<NodeId> silent;           ///< placed nowhere: no vote
    std::optional<std::size_t> own_side;  ///< index into sides

    [[nodiscard]] bool whole() const { return sides.size() <= 1 && groups.empty() && broken_links.empty(); }
    friend bool operator==(const Partition&, const Partition&) = default;
};

struct RevisionView {
    NodeId node;
    std::string config_revision;
    std::optional<wire::RosterHash> roster_hash;
};

/// How far this node is with a new key of its own.
struct Rotation {
    bool is_next = true;          ///< the second key is to follow the one in use; otherwise that has followed it
    std::string fingerprint;      ///< of the second key
    std::vector<NodeId> lacking;  ///< that are not heard to hold the new key; ordered
    std::size_t holding = 0;      ///< that are
};

struct NetworkView {
    NetworkId id;
    NodeId self;
    bool listed = true;      ///< whether this node is in the network's own list
    std::size_t nodes = 0;   ///< N of the roster
    std::size_t seen = 0;    ///< k of N, this node included
    std::size_t quorum = 0;  ///< Q
    bool has_quorum = false;
    SelfHealth self_health = SelfHealth::healthy;
    std::string config_revision;
    wire::RosterHash roster_hash{};
    std::optional<wire::Version> head;
    std::map<Status, std::size_t> by_status;
    Partition partition;
    std::vector<RevisionView> revisions;  ///< of every node heard, ordered by node
    std::optional<Rotation> rotation;     ///< while this node has two keys
    bool epochs_used_up = false;          ///< this node can sign nothing newer under its key
};

/// One cell of the matrix of links. 12 bytes: there are a million of them for 1000 nodes.
struct LinkCell {
    enum class State : std::uint8_t { none, self, ok, failed, unknown, heard, silent };
    State state = State::none;  ///< none: not foreseen, or nothing heard of the observer
    Reason reason = Reason::none;
    bool one_way = false;
    float rtt_ms = kUnknown;
    float loss = kUnknown;  ///< 0 to 1

    static constexpr float kUnknown = -1;
};
static_assert(sizeof(LinkCell) == 12);

/// The N x N matrix in compact form: row = observer, column = target, both as in `nodes`.
struct LinkMatrix {
    std::vector<NodeId> nodes;
    std::vector<std::optional<Duration>> row_age;  ///< how long ago the observer's row reached the viewer; zero for itself
    std::vector<LinkCell> cells;                   ///< row-major, nodes.size() squared
};

struct Counters {
    std::uint64_t exchanges_started = 0;
    std::uint64_t exchanges_succeeded = 0;
    std::map<Reason, std::uint64_t> exchanges_failed;
    std::uint64_t requests_accepted = 0;
    std::uint64_t requests_unproven = 0;                ///< opened, but without a standing challenge: answered with one
    std::map<std::string_view, std::uint64_t> refused;  ///< by the names in docs/reference/refusals.md
    std::uint64_t heads_signed = 0;
    std::uint64_t heads_verified = 0;
    std::uint64_t heads_accepted = 0;
    std::uint64_t records_sent = 0;
    std::uint64_t bytes_sent = 0;  ///< bodies
    std::uint64_t bytes_received = 0;
    std::uint64_t record_bytes = 0;  ///< held now
};

}  // namespace meshmon::mesh
