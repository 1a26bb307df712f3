#pragma once

#include <string>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "mesh/vocabulary.hpp"

namespace meshmon::mesh {

enum class EventKind {
    node_status,     ///< a verdict changed: from, to, reason, contested
    node_contested,  ///< a standing verdict became contested, or is no longer
    link_status,     ///< what this node itself finds about `node` changed: from, to, reason
    quorum_lost,     ///< this node sees fewer than Q nodes
    quorum_regained,
    partition_changed,  ///< sides, groups or broken links changed; detail says how
    self_health,        ///< this node's own health changed; detail names it
    was_partition,      ///< a node that was down or unknown is back, and lived meanwhile; detail names what it missed
    node_restarted,     ///< a node speaks under a new boot id
    equivocation,       ///< a node signed two heads of one version; a proof is kept
    clone_suspected,    ///< a second process holds a node's identity
    key_changed,        ///< a node, or this one, speaks under its new key; detail names it
    epoch_jumped,       ///< this node found a newer head of its own and speaks above it
    roster_changed,     ///< this node loaded another roster
    peer_config,        ///< a node runs another config revision than before; detail names it
    peer_misbehaved,    ///< a peer sent what an honest one does not; at most once per peer and minute
};

[[nodiscard]] std::string_view to_string(EventKind kind);

/// Something that changed. Small, and complete in itself: history, feed and log need nothing else.
struct Event {
    EventKind kind = EventKind::node_status;
    NodeId node;  ///< whom it is about; empty: the network or this node
    Status from = Status::unknown;
    Status to = Status::unknown;
    Reason reason = Reason::none;
    bool contested = false;
    WallTime at;
    std::string detail;  ///< one sentence for people
};

}  // namespace meshmon::mesh
