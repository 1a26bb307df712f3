#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"

namespace meshmon::config {

/// The first 6 bytes of BLAKE2b-256 of a node's name: what the mesh calls nodes by in its messages. No two nodes of a network
/// may share one. Source: docs/protocol.md, "Keys".
[[nodiscard]] ByteArray<6> node_tag(const NodeId& id);

}  // namespace meshmon::config
