#include "cli/config_diff.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <set>

#include "cli/json_reader.hpp"
#include "cli/json_text.hpp"
#include "cli/suggest.hpp"
#include "config/revision.hpp"

namespace meshmon::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kRevisionShown = 12;

Result<json::object> fetch(const std::string& url, const GetJson& get_json) {
    auto answer = get_json(url);
    if (!answer) return answer.error();
    if (!answer->is_object()) return fail("cli.answer", fmt::format("{} answered no object", url));
    return std::move(answer->get_object());
}

/// The one network that is meant: by id or folder, or the only one.
Result<std::string> find_network(const ConfigDiffQuery& query, const GetJson& get_json) {
    const auto answer = fetch(query.api + "/api/v1/networks", get_json);
    if (!answer) return answer.error();
    std::vector<std::string> ids;
    for (const json::value& each : read_array(*answer, "networks")) {
        if (!each.is_object() || read_text(each.get_object(), "state") != "running") continue;
        const std::string id = read_text(each.get_object(), "network_id");
        if (query.network && *query.network != id && *query.network != read_text(each.get_object(), "directory")) continue;
        ids.push_back(id);
    }
    if (ids.size() == 1) return ids.front();
    if (ids.empty())
        return fail("cli.unknown_network", query.network ? fmt::format("no network '{}' runs here", *query.network)
                                                         : std::string("no network runs here"));
    return fail("cli.unknown_network", "this node is in several networks", "name one: --network " + ids.front());
}

class Comparison {
public:
    Comparison(const ConfigDiffQuery& query, const GetJson& get_json, std::string network)
        : query_(query), get_json_(get_json), path_("/api/v1/networks/" + network) {
        diff_.network = std::move(network);
        diff_.left.node = query.left;
        diff_.right.node = query.right;
    }

    Result<ConfigDiff> make() {
        const auto network = fetch(query_.api + path_, get_json_);
        if (!network) return network.error();
        diff_.viewer = read_text(*network, "node_id");
        const auto nodes = fetch(query_.api + path_ + "/nodes", get_json_);
        if (!nodes) return nodes.error();
        for (const json::value& each : read_array(*nodes, "nodes")) {
            if (each.is_object()) urls_[read_text(each.get_object(), "node_id")] = read_text(each.get_object(), "url");
        }
        ConfigSide self;
        self.node = diff_.viewer;
        for (ConfigSide* side : {&diff_.left, &diff_.right, &self}) {
            if (!urls_.contains(side->node)) return unknown_node(side->node);
            read_record(*network, *side);
            read_entries(*side);
        }
        stand_in(diff_.left, diff_.right, self);
        stand_in(diff_.right, diff_.left, self);
        diff_.same = diff_.left.heard && diff_.right.heard && runs_the_same(diff_.left, diff_.right);
        if (diff_.left.why_not.empty() && diff_.right.why_not.empty()) compare();
        return std::move(diff_);
    }

private:
    [[nodiscard]] Error unknown_node(const std::string& node) const {
        std::vector<std::string> names;
        for (const auto& [name, url] : urls_) names.push_back(name);
        return fail("cli.unknown_node",
                    fmt::format("no node '{}' in network '{}'{}", node, diff_.network, did_you_mean(node, names)));
    }

    static void read_record(const json::object& network, ConfigSide& side) {
        for (const json::value& each : read_array(network, "revisions")) {
            if (!each.is_object() || read_text(each.get_object(), "node_id") != side.node) continue;
            const json::object& said = each.get_object();
            side.heard = true;
            side.revision = read_text(said, "config_revision");
            side.roster_hash = read_text(said, "roster_hash");
            side.commit = read_text(said, "commit");
            side.committed = read_text(said, "committed");
            side.trouble = read_text(said, "trouble");
        }
    }

    void read_entries(ConfigSide& side) const {
        const std::string base = side.node == diff_.viewer ? query_.api : urls_.at(side.node);
        if (base.empty()) {
            side.why_not = "the node list names no URL for it";
            return;
        }
        const auto answer = fetch(base + path_ + "/config", get_json_);
        if (!answer) {
            side.why_not = answer.error().message;
            return;
        }
        if (read_text(*answer, "node_id") != side.node) {
            side.why_not = fmt::format("{} answers as '{}'", base, read_text(*answer, "node_id"));
            return;
        }
        if (side.heard &&
            (read_text(*answer, "config_revision") != side.revision || read_text(*answer, "roster_hash") != side.roster_hash)) {
            side.why_not = fmt::format("what {} answers is not what its record says; try again in a few seconds", base);
            return;
        }
        for (const json::value& each : read_array(*answer, "nodes")) {
            if (each.is_object()) side.entries[read_text(each.get_object(), "node_id")] = read_entry(each.get_object());
        }
    }

    static std::map<std::string, std::string> read_entry(const json::object& entry) {
        std::map<std::string, std::string> out;
        for (const auto& [key, value] : entry) {
            if (key == "node_id") continue;
            std::string text = value.is_string() ? std::string(value.get_string()) : json_line(value);
            if (text.ends_with('\n')) text.pop_back();
            out[std::string(key)] = std::move(text);
        }
        return out;
    }

    static bool runs_the_same(const ConfigSide& a, const ConfigSide& b) {
        return a.revision == b.revision && a.roster_hash == b.roster_hash;
    }

    /// Equal hashes are equal configurations, whoever is asked for it.
    static void stand_in(ConfigSide& side, const ConfigSide& other, const ConfigSide& self) {
        if (side.why_not.empty() || !side.heard) return;
        for (const ConfigSide* each : {&other, &self}) {
            if (!each->why_not.empty() || !each->stand_in.empty() || !each->heard || !runs_the_same(side, *each)) continue;
            side.entries = each->entries;
            side.stand_in = each->node;
            side.why_not.clear();
            return;
        }
    }

    void compare() {
        std::set<std::string> names;
        for (const ConfigSide* side : {&diff_.left, &diff_.right}) {
            for (const auto& [name, entry] : side->entries) names.insert(name);
        }
        for (const std::string& name : names) {
            const auto left = diff_.left.entries.find(name);
            const auto right = diff_.right.entries.find(name);
            if (left == diff_.left.entries.end()) diff_.differences.push_back({name, "", "not listed", "listed"});
            else if (right == diff_.right.entries.end()) diff_.differences.push_back({name, "", "listed", "not listed"});
            else compare_entries(name, left->second, right->second);
        }
    }

    void compare_entries(const std::string& name, const std::map<std::string, std::string>& left,
                         const std::map<std::string, std::string>& right) {
        for (const auto& [key, value] : left) {
            const auto other = right.find(key);
            if (other != right.end() && other->second != value) diff_.differences.push_back({name, key, value, other->second});
        }
    }

    const ConfigDiffQuery& query_;
    const GetJson& get_json_;
    std::string path_;
    std::map<std::string, std::string> urls_;
    ConfigDiff diff_;
};

std::string side_text(const ConfigSide& side, const Terminal& terminal) {
    if (!side.heard) return fmt::format("{}: nothing was heard of it yet\n", sanitise(side.node, terminal));
    std::string out = fmt::format("{}: config {}, node list and keys {}", sanitise(side.node, terminal),
                                  sanitise(side.revision.substr(0, kRevisionShown), terminal),
                                  sanitise(side.roster_hash.substr(0, kRevisionShown), terminal));
    if (!side.commit.empty()) out += fmt::format(", commit {}", sanitise(side.commit, terminal));
    if (!side.committed.empty()) out += fmt::format(" of {}", sanitise(side.committed, terminal));
    if (!side.trouble.empty()) out += fmt::format(", it {}", sanitise(config::trouble_words(side.trouble), terminal));
    out += "\n";
    if (!side.stand_in.empty())
        out +=
            fmt::format("  it does not answer; {} runs the same, so its entries are shown\n", sanitise(side.stand_in, terminal));
    if (!side.why_not.empty()) out += fmt::format("  its entries are not known: {}\n", sanitise(side.why_not, terminal));
    return out;
}

json::object side_json(const ConfigSide& side) {
    const auto text = [](const std::string& value) { return value.empty() ? json::value() : json::value(value); };
    return {{"node_id", side.node},
            {"heard", side.heard},
            {"config_revision", text(side.revision)},
            {"roster_hash", text(side.roster_hash)},
            {"commit", text(side.commit)},
            {"committed", text(side.committed)},
            {"trouble", text(side.trouble)},
            {"stand_in", text(side.stand_in)},
            {"why_not", text(side.why_not)}};
}

}  // namespace

Result<ConfigDiff> fetch_config_diff(const ConfigDiffQuery& query, const GetJson& get_json) {
    auto network = find_network(query, get_json);
    if (!network) return network.error();
    return Comparison(query, get_json, *std::move(network)).make();
}

std::string config_diff_text(const ConfigDiff& diff, const Terminal& terminal) {
    std::string out = side_text(diff.left, terminal) + side_text(diff.right, terminal);
    for (const ConfigDifference& each : diff.differences) {
        out += fmt::format("  {}{}{}: {} {} {}\n", sanitise(each.node, terminal), each.what.empty() ? "" : " ",
                           sanitise(each.what, terminal), sanitise(each.left, terminal), terminal.unicode ? "→" : "->",
                           sanitise(each.right, terminal));
    }
    if (diff.same) return out + "the same configuration\n";
    if (!diff.left.why_not.empty() || !diff.right.why_not.empty()) return out;
    if (diff.differences.empty())
        out += "their entries are the same: the files differ in something else (monitors, versions, comments)\n";
    return out;
}

json::object config_diff_json(const ConfigDiff& diff) {
    json::array differences;
    for (const ConfigDifference& each : diff.differences) {
        differences.push_back(json::object{{"node_id", each.node},
                                           {"key", each.what.empty() ? json::value() : json::value(each.what)},
                                           {"left", each.left},
                                           {"right", each.right}});
    }
    return {{"network_id", diff.network},   {"viewpoint", diff.viewer},       {"same", diff.same},
            {"left", side_json(diff.left)}, {"right", side_json(diff.right)}, {"differences", std::move(differences)}};
}

}  // namespace meshmon::cli
