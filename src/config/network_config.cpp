#include "config/network_config.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "config/codes.hpp"
#include "config/monitors.hpp"
#include "config/node_tag.hpp"
#include "config/reader.hpp"
#include "config/suggest.hpp"
#include "config/yaml_tree.hpp"
#include "crypto/hash.hpp"

namespace meshmon::config {

namespace {

constexpr std::size_t kNodesMax = 10'000;
constexpr std::size_t kSuggestAmong = 1'000;  // each suggestion compares with every name
constexpr std::size_t kUrlTextMax = 4'096;
constexpr std::size_t kRangeMax = 256;
constexpr std::size_t kRevisionDigits = 12;
constexpr Limits kPollRate{.smallest = 0.1, .largest = 3'600};

struct NodeDefaults {
    std::optional<Duration> poll_rate;
    int retry = 3;
};

/// The poll rate of a network that names none: with N nodes a node makes about 100 exchanges a second at the most.
Duration poll_rate_for(std::size_t nodes) {
    return std::clamp<Duration>(std::chrono::milliseconds(10) * static_cast<std::int64_t>(nodes), std::chrono::seconds(1),
                                std::chrono::seconds(30));
}

bool is_placeholder(std::string_view text) {
    if (text.starts_with('<') && text.ends_with('>')) text = text.substr(1, text.size() - 2);
    return text == "replace_me" || text == "replace-me";
}

class NetworkReader {
public:
    explicit NetworkReader(Findings& findings) : findings_(findings) {}

    NetworkFile read(YamlNode root_node);

private:
    void read_defaults(YamlNode node);
    NodeDefaults read_node_defaults(YamlNode node);
    void read_peers(MapReader& root);
    std::optional<Peer> read_peer(YamlNode node);
    void read_url(YamlNode node, Peer& peer);
    void check_unique(const Peer& peer, const Spot& spot);
    void read_version_ranges(YamlNode node);
    void check_mentioned();
    void note_unbuilt(MapReader& root);

    Findings& findings_;
    NetworkFile file_;
    NodeDefaults node_defaults_;
    MonitorDefaults monitor_defaults_;
    std::vector<ListedName> mentioned_;  ///< in allow[] and block[]
    std::map<NodeId, int> lines_;        ///< of the nodes' entries
    std::map<ByteArray<6>, NodeId> tags_;
    std::map<std::string, NodeId> urls_;
};

NetworkFile NetworkReader::read(YamlNode root_node) {
    MapReader root(root_node, "config.yml", findings_);
    if (const auto id = root.require("network_id", "add network_id: and the network's name, equal on all nodes")) {
        file_.network = read_network_id(*id, "network_id", findings_);
        if (file_.network) file_.config.network_id = *file_.network;
    }
    if (const auto defaults = root.find_value("defaults")) read_defaults(*defaults);
    read_peers(root);
    if (const auto ranges = root.find_value("node_version")) read_version_ranges(*ranges);
    if (const auto monitors = root.find_value("monitors")) {
        file_.config.monitors = read_monitors(*monitors, monitor_defaults_, mentioned_, findings_);
    }
    check_mentioned();
    note_unbuilt(root);
    root.warn_unknown();
    return std::move(file_);
}

void NetworkReader::read_defaults(YamlNode node) {
    MapReader map(node, "defaults", findings_);
    if (const auto nodes = map.find_value("nodes")) node_defaults_ = read_node_defaults(*nodes);
    if (const auto monitors = map.find_value("monitors")) monitor_defaults_ = read_monitor_defaults(*monitors, findings_);
    map.warn_unknown();
}

NodeDefaults NetworkReader::read_node_defaults(YamlNode node) {
    NodeDefaults defaults;
    MapReader map(node, "defaults.nodes", findings_);
    if (const auto rate = map.find_value("poll_rate"))
        defaults.poll_rate = read_seconds(*rate, "poll_rate", kPollRate, findings_);
    if (const auto retry = map.find_value("retry")) {
        defaults.retry = read_count(*retry, "retry", kRetryLimits, findings_).value_or(defaults.retry);
    }
    map.warn_unknown();
    return defaults;
}

void NetworkReader::read_peers(MapReader& root) {
    const auto list = root.require("node_config", "add node_config: with an entry for each node");
    if (!list) return;
    file_.config.node_list_place = findings_.place(root.key_spot("node_config"));
    if (list->kind() == YamlKind::null) {
        // A file cut off here must not be taken for a network that lost all its nodes.
        findings_.error(code::kWrongKind, list->spot(), "node_config must be a list, not nothing",
                        "add an entry for each node, or write node_config: []");
        return;
    }
    if (list->size() > kNodesMax) {
        findings_.error(code::kTooManyNodes, root.key_spot("node_config"),
                        fmt::format("{} nodes; a network has at most {}", list->size(), kNodesMax),
                        "make several networks of it");
        return;
    }
    for (const YamlNode item : read_list(*list, "node_config", findings_)) {
        if (std::optional<Peer> peer = read_peer(item)) file_.config.peers.push_back(*std::move(peer));
    }
    for (Peer& peer : file_.config.peers) {
        if (peer.poll_rate == Duration::zero()) {
            peer.poll_rate = node_defaults_.poll_rate.value_or(poll_rate_for(file_.config.peers.size()));
        }
    }
}

std::optional<Peer> NetworkReader::read_peer(YamlNode node) {
    MapReader map(node, "node_config[]", findings_);
    Peer peer{.node_id = {},
              .url = {},
              .retry = node_defaults_.retry,
              .allow = {},
              .block = {},
              .place = findings_.place(node.spot()),
              .url_place = {}};
    const auto node_id = map.require("node_id", "add node_id: and the node's name");
    if (node_id) peer.node_id = read_node_id(*node_id, "node_id", findings_).value_or(NodeId{});
    if (const auto url = map.require("url", "add url: and the address that peers reach it by, or url: null if none can")) {
        read_url(*url, peer);
    }
    if (const auto rate = map.find_value("poll_rate")) {
        peer.poll_rate = read_seconds(*rate, "poll_rate", kPollRate, findings_).value_or(Duration::zero());
    }
    if (const auto retry = map.find_value("retry")) {
        peer.retry = read_count(*retry, "retry", kRetryLimits, findings_).value_or(peer.retry);
    }
    AllowBlock lists = read_allow_block(map, mentioned_, findings_);
    peer.allow = std::move(lists.allow);
    peer.block = std::move(lists.block);
    map.warn_unknown();
    if (peer.node_id.empty()) return std::nullopt;
    check_unique(peer, node_id->spot());
    return peer;
}

void NetworkReader::read_url(YamlNode node, Peer& peer) {
    peer.url_place = findings_.place(node.spot());
    if (node.kind() == YamlKind::null) return;
    const std::optional<std::string> text = read_text(node, "url", kUrlTextMax, findings_);
    if (!text) return;
    if (is_placeholder(*text)) {
        peer.url_state = UrlState::placeholder;
        findings_.warning(
            code::kPlaceholderUrl, node.spot(),
            fmt::format("url of node '{}' is still the placeholder \"{}\"", peer.node_id.str(), *text),
            fmt::format("put the address other nodes use to reach it, e.g. https://{}.example.com:8000", peer.node_id.str()));
        return;
    }
    Result<std::string> url = parse_peer_url(*text);
    if (!url) {
        findings_.error(code::kBadUrl, node.spot(), url.error().message, url.error().hint);
        return;
    }
    peer.url = *std::move(url);
    peer.url_state = UrlState::usable;
    const auto [other, is_new] = urls_.emplace(peer.url, peer.node_id);
    if (is_new) return;
    findings_.warning(code::kSameUrl, node.spot(),
                      fmt::format("nodes '{}' and '{}' have one url: one of them cannot be reached by it", other->second.str(),
                                  peer.node_id.str()),
                      "put each node's own address there; a node that nobody can dial has url: null");
}

void NetworkReader::check_unique(const Peer& peer, const Spot& spot) {
    const auto [first, is_new] = lines_.emplace(peer.node_id, spot.line);
    if (!is_new) {
        findings_.error(code::kDuplicateNode, spot, fmt::format("node '{}' is listed a second time", peer.node_id.str()),
                        fmt::format("the first is in line {}: remove one of them", first->second));
        return;
    }
    const auto [other, is_free] = tags_.emplace(node_tag(peer.node_id), peer.node_id);
    if (!is_free) {
        findings_.error(code::kTagCollision, spot,
                        fmt::format("nodes '{}' and '{}' cannot be told apart in messages: their tags are equal",
                                    other->second.str(), peer.node_id.str()),
                        "rename one of them");
    }
}

void NetworkReader::read_version_ranges(YamlNode node) {
    std::vector<YamlNode> items{node};
    if (node.kind() != YamlKind::scalar) items = read_list(node, "node_version", findings_);
    for (const YamlNode item : items) {
        std::optional<std::string> range = read_text(item, "node_version", kRangeMax, findings_);
        if (!range) continue;
        const Result<bool> fits = version_fits("0.0.0", *range);
        if (fits) {
            file_.config.version_ranges.push_back(*std::move(range));
            file_.range_spots.push_back(item.spot());
        } else {
            findings_.error(code::kBadRange, item.spot(), fits.error().message, fits.error().hint);
        }
    }
}

void NetworkReader::check_mentioned() {
    std::vector<std::string_view> names;
    if (lines_.size() <= kSuggestAmong) {
        for (const auto& [id, line] : lines_) names.push_back(id.str());
    }
    for (const ListedName& name : mentioned_) {
        if (lines_.contains(name.id)) continue;
        const bool shown = findings_.keeps(Severity::warning);
        const auto meant = shown ? closest(name.id.str(), names) : std::nullopt;
        findings_.warning(code::kUnknownNode, name.spot, fmt::format("no node of this network is named '{}'", name.id.str()),
                          meant ? fmt::format("did you mean '{}'?", *meant) : "add it to node_config, or remove it here");
    }
}

/// What existing files hold and this version does nothing with.
void NetworkReader::note_unbuilt(MapReader& root) {
    if (root.find("cluster")) {
        findings_.note(code::kClusterIgnored, root.key_spot("cluster"),
                       "'cluster' is ignored: its settings have no counterpart here", "it may stay, or be removed");
    }
    if (root.find("rebroadcasts")) {
        findings_.warning(code::kRebroadcasts, root.key_spot("rebroadcasts"), "'rebroadcasts' has no effect in this version",
                          "it may stay, or be removed");
    }
    if (!file_.config.monitors.empty()) {
        findings_.note(code::kMonitorsNotRun, root.key_spot("monitors"),
                       "monitors are read and checked, but not executed by this version");
    }
}

}  // namespace

ByteArray<6> node_tag(const NodeId& id) {
    const crypto::Hash hash = crypto::blake2b_256(id.str());
    ByteArray<6> tag;
    std::copy_n(hash.begin(), tag.size(), tag.begin());
    return tag;
}

NetworkFile read_network_file(std::string_view text, Findings& findings) {
    const std::optional<YamlTree> tree = YamlTree::parse(text, findings);
    if (!tree) return {};
    NetworkFile file = NetworkReader(findings).read(tree->root());
    file.config.revision = to_hex(view(crypto::blake2b_256(text))).substr(0, kRevisionDigits);
    return file;
}

void find_unmet_ranges(const NetworkFile& file, std::string_view version, Findings& findings) {
    if (version.empty()) return;
    for (std::size_t i = 0; i < file.range_spots.size(); ++i) {
        const std::string& range = file.config.version_ranges[i];
        if (version_fits(version, range).value_or(false)) continue;
        findings.error(code::kVersionUnmet, file.range_spots[i],
                       fmt::format("this meshmon is {}, which '{}' does not allow: it would not join", version, range),
                       "install a version that fits, or change the range on every node");
    }
}

Parsed<NetworkConfig> parse_network_config(std::string_view text, const std::filesystem::path& file, std::string_view version) {
    Findings findings(file, text);
    NetworkFile read = read_network_file(text, findings);
    const bool usable = !findings.has_errors();
    find_unmet_ranges(read, version, findings);
    return {.value = usable ? std::optional(std::move(read.config)) : std::nullopt, .diagnostics = findings.take()};
}

Parsed<NetworkConfig> parse_network_config(std::string_view text, const std::filesystem::path& file) {
    return parse_network_config(text, file, {});
}

}  // namespace meshmon::config
