#include "config/reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "config/codes.hpp"
#include "config/suggest.hpp"

namespace meshmon::config {

MapReader::MapReader(YamlNode node, std::string what, Findings& findings)
    : what_(std::move(what)), findings_(findings), spot_(node.spot()) {
    is_map_ = node.kind() == YamlKind::map;
    if (is_map_) {
        collect(node);
    } else {
        findings_.error(code::kWrongKind, spot_, fmt::format("{} must be a map of keys, not {}", what_, describe(node)),
                        "write key: value, one a line");
    }
}

void MapReader::collect(YamlNode map) {
    std::vector<YamlNode> merges;
    for (std::size_t i = 0; i + 1 < map.size(); i += 2) {
        const Entry candidate{.key = map.at(i), .value = map.at(i + 1)};
        if (candidate.key.kind() != YamlKind::scalar) continue;  // an error already
        if (candidate.key.text() == "<<") {
            merges.push_back(candidate.value);
        } else if (by_key_.emplace(candidate.key.text(), entries_.size()).second) {
            entries_.push_back(candidate);
        }
    }
    for (const YamlNode source : merges) merge(source);
}

void MapReader::merge(YamlNode source) {
    if (source.kind() == YamlKind::map) return collect(source);
    if (source.kind() == YamlKind::list) {
        for (std::size_t i = 0; i < source.size(); ++i) {
            if (source.at(i).kind() == YamlKind::map) collect(source.at(i));
        }
        return;
    }
    findings_.error(code::kWrongKind, source.spot(), fmt::format("'<<' merges maps, not {}", describe(source)),
                    "write <<: *anchor");
}

const MapReader::Entry* MapReader::entry(std::string_view key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : &entries_[found->second];
}

std::optional<YamlNode> MapReader::find(std::string_view key) {
    asked_.push_back(key);
    const Entry* found = entry(key);
    return found == nullptr ? std::nullopt : std::optional(found->value);
}

Spot MapReader::key_spot(std::string_view key) const {
    const Entry* found = entry(key);
    return found == nullptr ? spot_ : found->key.spot();
}

std::optional<YamlNode> MapReader::require(std::string_view key, std::string_view hint) {
    const std::optional<YamlNode> found = find(key);
    if (!found && is_map_) {
        findings_.error(code::kKeyRequired, spot_, fmt::format("{} lacks the key '{}'", what_, key), std::string(hint));
    }
    return found;
}

std::optional<YamlNode> MapReader::find_value(std::string_view key) {
    const std::optional<YamlNode> found = find(key);
    return found && found->kind() == YamlKind::null ? std::nullopt : found;
}

void MapReader::warn_unknown() {
    for (const Entry& e : entries_) {
        const std::string_view key = e.key.text();
        if (std::ranges::find(asked_, key) != asked_.end()) continue;
        const bool shown = findings_.keeps(Severity::warning);
        const std::optional<std::string_view> meant = shown ? closest(key, asked_) : std::nullopt;
        findings_.warning(code::kUnknownKey, e.key.spot(),
                          fmt::format("unknown key {} in {}; it has no effect", in_quotes(key), what_),
                          meant ? fmt::format("did you mean '{}'?", *meant) : "remove it, or look for its name in the reference");
    }
}

std::string describe(YamlNode node) {
    switch (node.kind()) {
        case YamlKind::null: return "nothing";
        case YamlKind::scalar: return in_quotes(node.text());
        case YamlKind::list: return "a list";
        case YamlKind::map: return "a map";
    }
    return {};
}

namespace {

bool is_scalar(YamlNode node, std::string_view what, std::string_view kind, Findings& findings) {
    if (node.kind() == YamlKind::scalar) return true;
    findings.error(code::kWrongKind, node.spot(), fmt::format("{} must be {}, not {}", what, kind, describe(node)));
    return false;
}

std::optional<double> to_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

bool has_control(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const Character character = character_at(text, at);
        if (is_unshowable(character.value)) return true;
        at += character.bytes;
    }
    return false;
}

template <typename Id>
std::optional<Id> read_name(YamlNode node, std::string_view what, Findings& findings) {
    if (!is_scalar(node, what, "a name", findings)) return std::nullopt;
    Result<Id> id = Id::parse(node.text());
    if (id) return *id;
    findings.error(code::kBadName, node.spot(), fmt::format("{} {} is not a valid name", what, in_quotes(node.text())),
                   "at most 64 of a-z 0-9 . _ - and a letter or digit in front");
    return std::nullopt;
}

}  // namespace

std::optional<std::string> read_text(YamlNode node, std::string_view what, std::size_t longest, Findings& findings) {
    if (!is_scalar(node, what, "text", findings)) return std::nullopt;
    if (node.text().empty() || node.text().size() > longest || has_control(node.text())) {
        findings.error(code::kBadText, node.spot(), fmt::format("{} must be one line of 1 to {} bytes", what, longest));
        return std::nullopt;
    }
    return std::string(node.text());
}

std::optional<double> read_number(YamlNode node, std::string_view what, Limits limits, Findings& findings) {
    if (!is_scalar(node, what, "a number", findings)) return std::nullopt;
    const std::optional<double> value = to_number(node.text());
    const std::string range = fmt::format("a number from {} to {}", limits.smallest, limits.largest);
    if (!value) {
        findings.error(code::kBadNumber, node.spot(), fmt::format("{} {} is not a number", what, in_quotes(node.text())),
                       "write " + range + ", without a unit");
        return std::nullopt;
    }
    if (*value < limits.smallest || *value > limits.largest) {
        findings.error(code::kBadNumber, node.spot(), fmt::format("{} {} is out of its limits", what, in_quotes(node.text())),
                       "write " + range);
        return std::nullopt;
    }
    return value;
}

std::optional<int> read_count(YamlNode node, std::string_view what, Limits limits, Findings& findings) {
    const std::optional<double> value = read_number(node, what, limits, findings);
    if (!value) return std::nullopt;
    if (std::trunc(*value) == *value) return static_cast<int>(*value);
    findings.error(code::kBadNumber, node.spot(), fmt::format("{} {} is not a whole number", what, in_quotes(node.text())));
    return std::nullopt;
}

std::optional<Duration> read_seconds(YamlNode node, std::string_view what, Limits limits, Findings& findings) {
    const std::optional<double> value = read_number(node, what, limits, findings);
    return value ? std::optional(from_seconds(*value)) : std::nullopt;
}

std::optional<std::string_view> read_choice(YamlNode node, std::string_view what, std::span<const std::string_view> choices,
                                            Findings& findings) {
    if (!is_scalar(node, what, "one of a few words", findings)) return std::nullopt;
    const auto found = std::ranges::find(choices, node.text());
    if (found != choices.end()) return *found;
    const std::optional<std::string_view> meant = closest(node.text(), choices);
    findings.error(code::kBadChoice, node.spot(),
                   fmt::format("{} {} is none of {}", what, in_quotes(node.text()), fmt::join(choices, ", ")),
                   meant ? fmt::format("did you mean '{}'?", *meant) : std::string());
    return std::nullopt;
}

std::optional<NodeId> read_node_id(YamlNode node, std::string_view what, Findings& findings) {
    return read_name<NodeId>(node, what, findings);
}

std::optional<NetworkId> read_network_id(YamlNode node, std::string_view what, Findings& findings) {
    return read_name<NetworkId>(node, what, findings);
}

std::vector<YamlNode> read_list(YamlNode node, std::string_view what, Findings& findings) {
    std::vector<YamlNode> items;
    if (node.kind() == YamlKind::list) {
        items.reserve(node.size());
        for (std::size_t i = 0; i < node.size(); ++i) items.push_back(node.at(i));
    } else if (node.kind() != YamlKind::null) {
        findings.error(code::kWrongKind, node.spot(), fmt::format("{} must be a list, not {}", what, describe(node)),
                       "write each item in a line of its own, beginning with '- '");
    }
    return items;
}

std::vector<ListedName> read_node_ids(YamlNode node, std::string_view what, Findings& findings) {
    std::vector<ListedName> names;
    std::set<NodeId> seen;
    for (const YamlNode item : read_list(node, what, findings)) {
        const std::optional<NodeId> id = read_node_id(item, what, findings);
        if (id && seen.insert(*id).second) names.push_back({.id = *id, .spot = item.spot()});
    }
    return names;
}

}  // namespace meshmon::config
