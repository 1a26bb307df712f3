#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "crypto/crypto.hpp"
#include "wire/messages.hpp"

namespace meshmon::mesh {

enum class UrlState { usable, none, placeholder };

struct RosterNode {
    NodeId id;
    std::optional<crypto::PublicKey> key;  ///< absent: its file is missing; the node is shown as key_missing
    std::string url;                       ///< as configured, without a trailing slash; empty unless usable
    UrlState url_state = UrlState::none;
    Duration poll_rate{};                         ///< between exchanges to this node; > 0
    int retry = 3;                                ///< failures in a row until it is down; >= 1
    std::vector<NodeId> allow;                    ///< if not empty: only these dial it
    std::vector<NodeId> block;                    ///< these do not dial it
    std::optional<crypto::PublicKey> previous{};  ///< during a rotation: the key that `key` is to follow

    friend bool operator==(const RosterNode&, const RosterNode&) = default;
};

/// Who belongs to a network, as this node has loaded it. A value; the mesh gets a new one at each change.
struct Roster {
    NetworkId network;
    NodeId self;
    std::vector<RosterNode> nodes;  ///< ordered by id, each once; at most kRosterMax; may lack `self`
    std::string config_revision;    ///< content hash or commit, at most wire::kRevisionMax characters

    [[nodiscard]] const RosterNode* find(const NodeId& id) const;  ///< O(log N)

    /// Whether `from` dials `to` by the config: to has a usable URL, and allow and block permit it.
    [[nodiscard]] bool dials(const NodeId& from, const NodeId& to) const;
    [[nodiscard]] static bool dials(const NodeId& from, const RosterNode& to);

    friend bool operator==(const Roster&, const Roster&) = default;
};

inline constexpr std::size_t kRosterMax = 10'000;

/// Of names and keys alone, both of a node that has two: what must agree for two nodes to mean the same network.
[[nodiscard]] wire::RosterHash roster_hash(const Roster& roster);

[[nodiscard]] wire::NodeTag node_tag(const NodeId& id);

}  // namespace meshmon::mesh
