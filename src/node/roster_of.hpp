#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "mesh/roster.hpp"

namespace meshmon::node {

/// The network's folder as the mesh wants it. `own_key` stands for this node's own file in pubkeys/, where that does not hold it,
/// as in git mode it may: the mesh always holds the key of the roster's `self`. Pure.
[[nodiscard]] mesh::Roster roster_of(const config::NetworkFolder& folder, const NodeId& self, const crypto::PublicKey& own_key);

/// What is another in `after`, in words: "added d; removed c; another key for b; another URL for a". Settings beside names, keys
/// and URLs, and another revision alone, are told as such.
[[nodiscard]] std::string describe_changes(const mesh::Roster& before, const mesh::Roster& after);

/// The shortest poll among the nodes that are dialled; one second where there is none.
[[nodiscard]] Duration shortest_poll(const mesh::Roster& roster);

/// The first of node_version[] that `version` does not fit. Ranges were checked when they were loaded.
[[nodiscard]] std::optional<std::string> unmet_version(const config::NetworkConfig& config, std::string_view version);

}  // namespace meshmon::node
