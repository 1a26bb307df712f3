#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mesh/absence.hpp"
#include "mesh/admission.hpp"
#include "mesh/link.hpp"
#include "mesh/lives.hpp"
#include "mesh/record.hpp"
#include "mesh/replay_window.hpp"
#include "mesh/row.hpp"
#include "mesh/verdict.hpp"

namespace meshmon::mesh {

/// Under which of the keys that an end has two of, during a rotation, something is sealed.
struct Under {
    bool other = false;  ///< this node's other key
    bool next = false;   ///< the peer's next key
    friend bool operator==(const Under&, const Under&) = default;
};

/// What a peer's key shares with this node's own keys.
struct Boxes {
    std::optional<crypto::BoxKey> own;    ///< with the key that this node signs under
    std::optional<crypto::BoxKey> other;  ///< with its other one
};

/// A key that the roster lists to follow the one that a node uses: it does with the node's first head under it.
struct NextKey {
    OwnerIdentity identity;
    std::uint64_t id = 0;     ///< short id of its fingerprint
    std::string fingerprint;  ///< as people see it
    Boxes boxes;
    HeldRecord held;  ///< empty, or a head whose slots are missing yet
};

/// An exchange that this node started and that is not answered yet.
struct Flight {
    std::uint64_t id = 0;
    std::uint64_t nonce = 0;
    MonoTime sent_at;
    MonoTime deadline;
    bool counts = true;   ///< a failure counts towards retry
    bool echoed = false;  ///< it carried a challenge's echo
    bool on_fresh_connection = false;
    Duration lagged{};  ///< of its time this process did not run
    Under under;
    std::uint8_t tried = 0;      ///< Network::Impl::bit_of the keys that it was refused under
    crypto::BoxKey box;          ///< that it was sealed with, whatever becomes of the keys meanwhile
    std::uint64_t peer_key = 0;  ///< short id of the peer's key, which the answer is to bear
};

/// The side of the exchange that this node starts.
struct Outgoing {
    std::optional<Flight> flight;
    std::optional<std::uint64_t> challenge;  ///< the peer's last, to be echoed
    bool due = false;                        ///< another is to start as soon as the one in flight ends
    bool due_counts = true;
    bool early = false;             ///< waits in the queue of early exchanges
    int repeats = 0;                ///< in a row, for fresh challenges
    int excused = 0;                ///< tries since the last answer that failed for want of this node's time
    Under under;                    ///< the keys of the next message
    std::set<std::size_t> carry;    ///< owners whose records go along, wanted or not
    std::size_t record_budget = 0;  ///< bytes of records that the next message may carry
};

/// The side of the exchange that the peer starts.
struct Incoming {
    std::optional<wire::BootId> boot_id;  ///< whose counters the window holds
    ReplayWindow window;
    Challenges challenges;
    Admission::Pass pass;
    double record_tokens = 0;  ///< bytes of records that answers to it may carry
    MonoTime record_tokens_at;
};

/// What the peer said of itself in its last exchange, outside its record.
struct Introduction {
    std::optional<wire::RosterHash> roster_hash;
    std::string config_revision;
    std::string software_version;
    std::optional<Duration> clock_offset;
    std::optional<Duration> clock_error;
    std::optional<wire::Version> version;  ///< of its own record
    std::optional<wire::Version> holds_of_mine;
    std::vector<wire::Version> wants;  ///< of its last answer: the next request brings them
};

/// What proves that the node is alive, as this viewer got it.
struct Life {
    std::optional<MonoTime> exchange_at;  ///< the last exchange with it that proved it
    std::optional<MonoTime> relayed_at;   ///< the last newer head that another brought, where it proves life
    std::optional<MonoTime> answered_at;  ///< the last of these that answers an accusation
    std::size_t bringer = 0;
    bool relay_primed = false;  ///< the first head brought since the last exchange is no proof

    [[nodiscard]] std::optional<MonoTime> last() const { return std::max(exchange_at, relayed_at); }
};

/// How many others a node reaches, and how many reach it, by all rows held.
struct Reached {
    std::size_t out_up = 0, out_total = 0;
    std::size_t in_up = 0, in_total = 0;
};

/// Everything that this node keeps about one node of the roster, itself included.
struct Peer {
    std::optional<OwnerIdentity> identity;  ///< absent where its key is missing
    Boxes boxes;
    std::uint64_t key_id = 0;            ///< short id of its fingerprint
    std::string fingerprint;             ///< as people see it
    std::unique_ptr<NextKey> next;       ///< or null: it has one key
    std::optional<wire::KeyTag> former;  ///< that is still listed, and counts no more
    bool knows_own_key = false;          ///< that this node signs under: an exchange succeeded, or it said so
    bool uses_own_key = false;           ///< an exchange with it succeeded under the key that this node signs under
    bool knows_second_key = false;       ///< this node's other one: an exchange succeeded, or it said so and cannot be asked
    bool says_second_key = false;        ///< it said that it knows that one
    wire::NodeTag tag;

    Link link;
    Reason link_reason_told = Reason::none;  ///< by the last link_status event
    bool one_way_told = false;
    Outgoing outgoing;
    Incoming incoming;
    Introduction introduction;

    HeldRecord held;
    std::shared_ptr<const Row> row;  ///< of its record; null until one is held; changed by set_row alone
    Reached reached;
    std::shared_ptr<const Row> counted;       ///< the row that the tallies hold; null: it has no vote now
    std::optional<MonoTime> record_at;        ///< when its current head reached this node
    std::optional<MonoTime> named_at;         ///< when it last named, in an exchange, the version held as its newest
    std::optional<MonoTime> silence_excused;  ///< the silent_at() that was put off over a lag of this process
    MonoTime relays_ignored_until;
    std::optional<MonoTime> misbehaviour_told_at;
    std::optional<MonoTime> clone_told_at;
    std::optional<MonoTime> config_told_at;
    std::optional<MonoTime> restart_told_at;
    Lives lives;    ///< by exchanges
    Lives signers;  ///< by heads, in the order of their versions

    Life life;
    MonoTime entered_at;  ///< the roster, or this node's start
    Verdict verdict;
    WallTime verdict_since;
    Absence absence;
    bool seen_in_pass = false;               ///< as the last pass over the verdicts found it
    std::string_view why_no_vote = "stale";  ///< likewise; empty where it has a vote

    std::optional<MonoTime> wanted_at;  ///< when a newer record of it was last asked for, of anybody
    std::optional<MonoTime> probed_at;
    std::optional<MonoTime> tried_as_heard_at;   ///< tried because it was heard, though not reached
    std::map<std::size_t, MonoTime> probed_for;  ///< accuser: when its accusation was last followed up

    /// An exchange with it succeeded.
    void exchanged_under(Under under) {
        if (under.other) knows_second_key = true;
        else knows_own_key = uses_own_key = true;
    }
};

}  // namespace meshmon::mesh
