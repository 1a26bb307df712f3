#include "config/monitors.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "config/codes.hpp"
#include "config/url.hpp"

namespace meshmon::config {

namespace {

constexpr Limits kInterval{.smallest = 1, .largest = 86'400};
constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kHostMax = 2048;
constexpr std::array<std::string_view, 2> kTypes{"http", "ping"};

std::string read_host(YamlNode node, std::string_view type, Findings& findings) {
    const std::optional<std::string> host = read_text(node, "host", kHostMax, findings);
    if (!host) return {};
    if (type == "http") {
        const Result<void> checked = check_target_url(*host);
        if (!checked) findings.error(code::kBadUrl, node.spot(), checked.error().message, checked.error().hint);
    } else if (host->find_first_of(" /") != std::string::npos || host->starts_with('-')) {
        findings.error(code::kBadText, node.spot(), fmt::format("host {} is no host name or address", in_quotes(*host)),
                       "write the name or the address alone, like example.com");
    }
    return *host;
}

std::optional<Monitor> read_monitor(YamlNode node, const MonitorDefaults& defaults, std::vector<ListedName>& mentioned,
                                    Findings& findings) {
    MapReader map(node, "monitors[]", findings);
    Monitor monitor{.name = {},
                    .type = {},
                    .host = {},
                    .group = {},
                    .interval = defaults.interval,
                    .retry = defaults.retry,
                    .allow = {},
                    .block = {}};
    const auto name = map.require("name", "add name: and a name that no other monitor has");
    const auto type = map.require("type", "add type: http or type: ping");
    const auto host = map.require("host", "add host: and what is to be watched");
    if (name) monitor.name = read_text(*name, "name", kNameBytesMax, findings).value_or("");
    if (type) monitor.type = read_choice(*type, "type", kTypes, findings).value_or("");
    if (host && !monitor.type.empty()) monitor.host = read_host(*host, monitor.type, findings);
    if (const auto group = map.find_value("group")) {
        monitor.group = read_text(*group, "group", kNameBytesMax, findings).value_or("");
    }
    if (const auto interval = map.find_value("interval")) {
        monitor.interval = read_seconds(*interval, "interval", kInterval, findings).value_or(defaults.interval);
    }
    if (const auto retry = map.find_value("retry")) {
        monitor.retry = read_count(*retry, "retry", kRetryLimits, findings).value_or(defaults.retry);
    }
    AllowBlock lists = read_allow_block(map, mentioned, findings);
    monitor.allow = std::move(lists.allow);
    monitor.block = std::move(lists.block);
    map.warn_unknown();
    return monitor.name.empty() ? std::nullopt : std::optional(std::move(monitor));
}

}  // namespace

MonitorDefaults read_monitor_defaults(YamlNode node, Findings& findings) {
    MonitorDefaults defaults;
    MapReader map(node, "defaults.monitors", findings);
    if (const auto interval = map.find_value("interval")) {
        defaults.interval = read_seconds(*interval, "interval", kInterval, findings).value_or(defaults.interval);
    }
    if (const auto retry = map.find_value("retry")) {
        defaults.retry = read_count(*retry, "retry", kRetryLimits, findings).value_or(defaults.retry);
    }
    map.warn_unknown();
    return defaults;
}

std::vector<Monitor> read_monitors(YamlNode list, const MonitorDefaults& defaults, std::vector<ListedName>& mentioned,
                                   Findings& findings) {
    std::vector<Monitor> monitors;
    std::unordered_map<std::string, int> lines;
    for (const YamlNode item : read_list(list, "monitors", findings)) {
        std::optional<Monitor> monitor = read_monitor(item, defaults, mentioned, findings);
        if (!monitor) continue;
        const auto [first, is_new] = lines.emplace(monitor->name, item.spot().line);
        if (!is_new) {
            findings.error(code::kDuplicateMonitor, item.spot(),
                           fmt::format("a second monitor is named {}", in_quotes(monitor->name)),
                           fmt::format("the first is in line {}: give each a name of its own", first->second));
        }
        monitors.push_back(*std::move(monitor));
    }
    return monitors;
}

AllowBlock read_allow_block(MapReader& map, std::vector<ListedName>& mentioned, Findings& findings) {
    AllowBlock lists;
    if (const auto allow = map.find("allow")) {
        for (ListedName& name : read_node_ids(*allow, "allow", findings)) {
            lists.allow.push_back(name.id);
            mentioned.push_back(std::move(name));
        }
    }
    const std::set<NodeId> allowed(lists.allow.begin(), lists.allow.end());
    if (const auto block = map.find("block")) {
        for (ListedName& name : read_node_ids(*block, "block", findings)) {
            if (allowed.contains(name.id)) {
                findings.warning(code::kAllowAndBlock, name.spot,
                                 fmt::format("'{}' is allowed and blocked at once", name.id.str()),
                                 "it counts as blocked: remove it from one of the lists");
            }
            lists.block.push_back(name.id);
            mentioned.push_back(std::move(name));
        }
    }
    return lists;
}

}  // namespace meshmon::config
