#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "config/findings.hpp"
#include "config/yaml_tree.hpp"

/// Reads values of the kinds that both files consist of; what does not fit becomes an error with its place.
namespace meshmon::config {

struct Limits {
    double smallest = 0;
    double largest = 0;
};

/// One map with the keys that may stand in it. Merge keys (`<<: *anchor`) are followed; a key of its own wins.
///
/// A key that is not asked about before warn_unknown() is unknown. Lives as long as the tree and the findings.
class MapReader {
public:
    /// `what` names the map in messages: "networks[]". If `node` is no map, that is an error and the reader is empty.
    MapReader(YamlNode node, std::string what, Findings& findings);

    [[nodiscard]] bool is_map() const { return is_map_; }
    [[nodiscard]] Spot spot() const { return spot_; }

    /// The value of `key`; absent if the key is.
    std::optional<YamlNode> find(std::string_view key);

    /// Where the key itself stands; the map's place if it is absent.
    [[nodiscard]] Spot key_spot(std::string_view key) const;

    /// As find, an error if it is absent.
    std::optional<YamlNode> require(std::string_view key, std::string_view hint);

    /// find, where `key: null` counts as absent.
    std::optional<YamlNode> find_value(std::string_view key);

    /// A warning for each key that was never asked about, with the one that was probably meant.
    void warn_unknown();

private:
    struct Entry {
        YamlNode key;
        YamlNode value;
    };
    void collect(YamlNode map);
    void merge(YamlNode source);
    [[nodiscard]] const Entry* entry(std::string_view key) const;

    std::string what_;
    Findings& findings_;
    Spot spot_;
    bool is_map_ = false;
    std::vector<Entry> entries_;
    std::unordered_map<std::string_view, std::size_t> by_key_;  ///< maps from strangers may have very many keys
    std::vector<std::string_view> asked_;
};

/// "a list", "a map", "nothing", "'text'": how a value is named in a message.
[[nodiscard]] std::string describe(YamlNode node);

/// Each absent with an error if the value is of another kind or out of its limits. `what` names the key.
std::optional<std::string> read_text(YamlNode node, std::string_view what, std::size_t longest, Findings& findings);
std::optional<double> read_number(YamlNode node, std::string_view what, Limits limits, Findings& findings);
std::optional<int> read_count(YamlNode node, std::string_view what, Limits limits, Findings& findings);
std::optional<Duration> read_seconds(YamlNode node, std::string_view what, Limits limits, Findings& findings);
std::optional<std::string_view> read_choice(YamlNode node, std::string_view what, std::span<const std::string_view> choices,
                                            Findings& findings);
std::optional<NodeId> read_node_id(YamlNode node, std::string_view what, Findings& findings);
std::optional<NetworkId> read_network_id(YamlNode node, std::string_view what, Findings& findings);

/// The items of a list; null is an empty one. Anything else is an error, and empty.
std::vector<YamlNode> read_list(YamlNode node, std::string_view what, Findings& findings);

struct ListedName {
    NodeId id;
    Spot spot;
};

/// A list of node names, each once; a second is left out silently.
std::vector<ListedName> read_node_ids(YamlNode node, std::string_view what, Findings& findings);

}  // namespace meshmon::config
