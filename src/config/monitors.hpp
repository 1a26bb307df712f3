#pragma once

#include <vector>

#include "config/config.hpp"
#include "config/findings.hpp"
#include "config/reader.hpp"

namespace meshmon::config {

struct MonitorDefaults {
    Duration interval = std::chrono::seconds(30);
    int retry = 3;
};

/// Reads `defaults.monitors`.
[[nodiscard]] MonitorDefaults read_monitor_defaults(YamlNode node, Findings& findings);

/// Reads `monitors[]`. Names in allow[] and block[] are added to `mentioned`.
[[nodiscard]] std::vector<Monitor> read_monitors(YamlNode list, const MonitorDefaults& defaults,
                                                 std::vector<ListedName>& mentioned, Findings& findings);

/// `allow[]` and `block[]` of one entry; a name in both is a warning. What was read is added to `mentioned`.
struct AllowBlock {
    std::vector<NodeId> allow;
    std::vector<NodeId> block;
};
[[nodiscard]] AllowBlock read_allow_block(MapReader& map, std::vector<ListedName>& mentioned, Findings& findings);

inline constexpr Limits kRetryLimits{.smallest = 1, .largest = 100};

}  // namespace meshmon::config
