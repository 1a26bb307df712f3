#pragma once

#include "base/ids.hpp"
#include "mesh/event.hpp"
#include "node/log_line.hpp"

namespace meshmon::node {

/// How a change in the mesh is logged. Pure.
struct EventLine {
    LogLine line;
    int burst = 0;  ///< how many such lines about one node may be written in a minute; the rest is counted
};
[[nodiscard]] EventLine to_log_line(const mesh::Event& event, const NetworkId& network);

}  // namespace meshmon::node
