#pragma once

#include <string>

#include "cli/status_report.hpp"
#include "cli/terminal.hpp"

namespace meshmon::cli {

/// The report for people on a terminal: per network a line of context, the table of nodes, sides where it is split; then the
/// problems of this node. Elsewhere the nodes of all networks as tab-separated values, the rest in lines that begin with '#'.
/// Pure; every text that came from the daemon is sanitised.
[[nodiscard]] std::string status_text(const StatusReport& report, const Terminal& terminal);

/// One clause on why the node is not plainly up, and who says so: "down: said by nyc-1 (timeout, 12 s)". Empty if it is.
[[nodiscard]] std::string remark(const NodeLine& node, const Terminal& terminal);

}  // namespace meshmon::cli
