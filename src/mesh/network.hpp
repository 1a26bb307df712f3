#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/time.hpp"
#include "crypto/crypto.hpp"
#include "mesh/event.hpp"
#include "mesh/holdings.hpp"
#include "mesh/roster.hpp"
#include "mesh/snapshot.hpp"
#include "mesh/vocabulary.hpp"
#include "wire/messages.hpp"

namespace meshmon::mesh {

class RecordPool;
struct Record;

/// One network as this node lives it: records, exchanges, observations, verdicts. The third step of a heartbeat.
///
/// Source: docs/protocol.md, docs/verdicts.md.
/// Place: owned by the driver (or the simulator), one per network. Knows no socket, disk, clock or thread.
/// Threads: one thread only; no call blocks.
/// Time: every call takes `now`; its mono part never decreases (checked). Wall time is for display alone.
/// Determinism: the same inputs in the same order, with the same Crypto and seed, give the same outputs.
/// Use: after any handle_*, drain poll_save, poll_transmit and poll_event until empty, then set a timer by poll_timeout.
class Network {
public:
    /// The other one of two keys that this node has during a rotation.
    struct SecondKey {
        crypto::Crypto* crypto = nullptr;  ///< null: there is none
        bool is_next = false;              ///< it is to follow the key in use; otherwise that followed it
    };

    struct Options {
        std::string software_version;
        std::uint64_t seed = 0;                           ///< of jitter and choice
        std::optional<wire::SavedState> saved;            ///< what the last run left; absent at the first start
        Duration leave_grace = std::chrono::seconds(60);  ///< a clean stop shorter than this is no incident
        RecordPool* pool = nullptr;  ///< shared by networks of one thread that hold the same records; outlives them
        SecondKey second_key{};
    };

    /// Precondition: `crypto` outlives the network and holds the key of `roster.self` that is in use. Draws a new boot id and
    /// asks, by poll_save, for a new epoch to be made durable; no head is signed before.
    Network(Roster roster, crypto::Crypto& crypto, Options options, Now now);
    ~Network();

    // ---- what happened -------------------------------------------------------------------------------------------

    /// What to do with a request before its body is read whole. `first_bytes` is what has come so far (none, then at
    /// least 9 unless the body is shorter). Answers the limit for the body in bytes, or 0: answer 429 without reading on.
    [[nodiscard]] std::size_t body_limit(std::string_view address, ByteView first_bytes, Now now) const;

    struct Reply {
        int status = 200;
        Bytes body;  ///< with 200 a sealed answer, otherwise JSON that names the refusal
        bool sealed = false;
    };
    /// A peer's request, from `address` (without port).
    Reply handle_exchange(std::string_view address, ByteView body, Now now);

    struct Answer {
        enum class Outcome {
            answered,                ///< http_status and body hold
            reused_connection_lost,  ///< reset or end before any byte of the answer, on a connection used before
            failed,                  ///< reason and detail hold
        };
        Outcome outcome = Outcome::failed;
        int http_status = 0;
        Bytes body;
        Reason reason = Reason::none;  ///< dns, connect, timeout, tls or http
        std::string detail;
    };
    /// What became of a Transmit, exactly once for each, at its deadline at the latest. An id no longer known is ignored.
    void handle_answer(std::uint64_t transmit_id, const Answer& answer, Now now);

    /// The time that poll_timeout named has come (or a later one; an earlier one does nothing).
    void handle_timeout(Now now);

    /// Another roster was loaded. `roster.self` and `roster.network` are as before (checked). Keeps all that still applies.
    void handle_roster(Roster roster, Now now);

    /// From now on this node signs under `signing`, and boxes of `second` open too: a rotation begins, goes on to its next key,
    /// or ends. Peers, links and records stay. Precondition: `signing` is the key in use, or its second one; both outlive the
    /// network.
    void handle_keys(crypto::Crypto& signing, SecondKey second, Now now);

    /// This process did not run for `pause` (suspended, starved or stopped): deadlines move on, and nobody is judged
    /// before one full poll. To be called before anything else that happened after the pause.
    void handle_pause(Duration pause, Now now);

    /// This process ran late by `lag`, less than a pause: an exchange that was under way for long of it and times out proves
    /// nothing. To be called before anything else that happened since.
    void handle_lag(Duration lag, Now now);

    /// What poll_save asked for under `ticket` is durable.
    void handle_saved(std::uint64_t ticket, Now now);

    /// Begins a clean stop: signs a head that says `leaving`, sends it to all peers that answer, asks to save floors.
    /// The driver goes on until left() or its own deadline.
    void leave(Now now);
    [[nodiscard]] bool left() const;

    // ---- what to do ----------------------------------------------------------------------------------------------

    struct Transmit {
        std::uint64_t id = 0;
        NodeId to;
        std::string url;  ///< whole: <peer url>/mesh/v1/<network_id>
        Bytes body;
        MonoTime deadline;              ///< connecting included
        bool fresh_connection = false;  ///< not over one that was used before
    };
    [[nodiscard]] std::optional<Transmit> poll_transmit();

    struct Timeout {
        MonoTime when;
        std::string_view why;
    };
    [[nodiscard]] std::optional<Timeout> poll_timeout() const;

    [[nodiscard]] std::optional<Event> poll_event();

    struct Save {
        std::uint64_t ticket = 0;
        Bytes bytes;  ///< whole new content of this network's state file (wire::SavedState)
    };
    /// To be written whole, fsynced, and confirmed by handle_saved. A newer one supersedes an older.
    [[nodiscard]] std::optional<Save> poll_save();

    /// Whether the next key is to be put in use, by handle_keys once that is durable: most nodes are heard to hold it, and all
    /// that this node reaches, for whom it waits five minutes.
    [[nodiscard]] bool next_key_is_due() const;

    // ---- what it shows -------------------------------------------------------------------------------------------

    [[nodiscard]] const Roster& roster() const;
    [[nodiscard]] const wire::BootId& boot_id() const;
    [[nodiscard]] NetworkView view(Now now) const;
    [[nodiscard]] std::vector<NodeView> nodes(Now now) const;  ///< every node of the roster, this one too; ordered by id
    [[nodiscard]] std::optional<NodeView> node(const NodeId& id, Now now) const;  ///< with every testimony
    [[nodiscard]] LinkMatrix links(Now now) const;
    [[nodiscard]] const Counters& counters() const;
    [[nodiscard]] Holdings holdings() const;

    /// The newest record held of a node, this one's own too; null where none is held.
    [[nodiscard]] std::shared_ptr<const Record> record(const NodeId& id) const;

    /// Grows with every change of what view(), nodes() and links() would say, save for ages: for ETags.
    [[nodiscard]] std::uint64_t generation() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace meshmon::mesh
