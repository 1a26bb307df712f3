#include "cli/status_report.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

#include "cli/json_reader.hpp"
#include "cli/output.hpp"
#include "cli/suggest.hpp"
#include "config/revision.hpp"

namespace meshmon::cli {
namespace {

namespace json = boost::json;

std::optional<Duration> age(const json::object& object, std::string_view name) {
    const auto seconds = read_number(object, name);
    if (!seconds || *seconds < 0 || *seconds > 1e9) return std::nullopt;
    return from_seconds(*seconds);
}

std::optional<Duration> ago(const json::object& object, std::string_view name, std::optional<WallTime> at) {
    const auto time = parse_rfc3339(read_text(object, name));
    if (!time || !at) return std::nullopt;
    return std::max<Duration>(*at - *time, Duration::zero());
}

std::optional<Duration> least(std::optional<Duration> a, std::optional<Duration> b) {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

TestimonyLine read_testimony(const json::object& object, std::optional<WallTime> at) {
    return {.observer = read_text(object, "observer"),
            .says = read_text(object, "says"),
            .reason = read_text(object, "reason"),
            .since_ago = ago(object, "since", at),
            .counts = read_flag(object, "counts"),
            .why_not = read_text(object, "why_not"),
            .one_way = read_flag(object, "one_way"),
            .lossy = read_flag(object, "lossy"),
            .slow = read_flag(object, "slow")};
}

void read_link(const json::object& link, NodeLine& node) {
    node.rtt_ms = read_number(link, "rtt_smoothed_ms");
    if (!node.rtt_ms) node.rtt_ms = read_number(link, "rtt_ms");
    node.loss = read_number(link, "loss");
    node.clock_offset_ms = read_number(link, "clock_offset_ms");
    node.heard_ago = least(node.heard_ago, least(age(link, "last_success_age_s"), age(link, "last_heard_age_s")));
}

NodeLine read_node(const json::object& object, std::optional<WallTime> at) {
    NodeLine node;
    node.id = read_text(object, "node_id");
    node.self = read_flag(object, "self");
    node.status = read_text(object, "status");
    node.reason = read_text(object, "reason");
    node.reason_text = read_text(object, "reason_text");
    node.contested = read_flag(object, "contested");
    node.since_ago = ago(object, "since", at);
    node.heard_ago = age(object, "head_age_s");
    read_link(read_object(object, "link"), node);
    node.in_up = read_count(read_object(object, "in"), "up");
    node.in_total = read_count(read_object(object, "in"), "total");
    node.out_up = read_count(read_object(object, "out"), "up");
    node.out_total = read_count(read_object(object, "out"), "total");
    node.config_revision = read_text(object, "config_revision");
    node.version = read_text(object, "software_version");
    node.url = read_text(object, "url");
    node.fingerprint = read_text(object, "fingerprint");
    node.self_health = read_text(object, "self_health");
    if (const json::object& proof = read_object(object, "contradiction"); !proof.empty())
        node.contradiction = fmt::format("{}.{}", read_count(proof, "epoch"), read_count(proof, "seq"));
    const json::object& evidence = read_object(object, "evidence");
    node.votes = read_count(evidence, "votes");
    node.says_up = read_count(evidence, "says_up");
    node.says_down = read_count(evidence, "says_down");
    for (const json::value& each : read_array(evidence, "testimonies")) {
        if (each.is_object()) node.testimonies.push_back(read_testimony(each.get_object(), at));
    }
    return node;
}

std::vector<std::vector<std::string>> read_name_lists(const json::array& array) {
    std::vector<std::vector<std::string>> lists;
    for (const json::value& each : array) {
        if (each.is_array()) lists.push_back(read_texts(each.get_array()));
    }
    return lists;
}

PartitionLines read_partition(const json::object& object) {
    PartitionLines lines;
    lines.sides = read_name_lists(read_array(object, "sides"));
    lines.groups = read_name_lists(read_array(object, "groups"));
    lines.bridges = read_texts(read_array(object, "bridges"));
    lines.silent = read_texts(read_array(object, "silent"));
    for (const auto& pair : read_name_lists(read_array(object, "broken_links"))) {
        if (pair.size() == 2) lines.broken_links.emplace_back(pair[0], pair[1]);
    }
    if (read_number(object, "own_side")) lines.own_side = read_count(object, "own_side");
    return lines;
}

std::size_t same_revision(const json::array& revisions, const std::string& revision) {
    return static_cast<std::size_t>(std::ranges::count_if(revisions, [&](const json::value& each) {
        return each.is_object() && read_text(each.get_object(), "config_revision") == revision;
    }));
}

ProblemLine read_problem(const json::object& object) {
    ProblemLine problem{.code = read_text(object, "code"),
                        .severity = read_text(object, "severity"),
                        .title = read_text(object, "title"),
                        .detail = read_text(object, "detail"),
                        .remedy = read_text(object, "remedy"),
                        .network = read_text(object, "network_id"),
                        .file = read_text(object, "file"),
                        .line = std::nullopt,
                        .excerpt = read_text(object, "excerpt")};
    if (read_number(object, "line")) problem.line = static_cast<std::int64_t>(read_count(object, "line"));
    return problem;
}

NetworkStatus read_summary(const json::object& object) {
    NetworkStatus network;
    network.id = read_text(object, "network_id");
    network.directory = read_text(object, "directory");
    network.viewer = read_text(object, "node_id");
    network.running = read_text(object, "state") == "running";
    return network;
}

void read_network(const json::object& object, NetworkStatus& network) {
    const std::string at = read_text(object, "at");
    if (parse_rfc3339(at)) network.at = at.substr(11, 8) + "Z";
    network.node_count = read_count(object, "node_count");
    network.seen = read_count(object, "seen");
    network.quorum = read_count(object, "quorum");
    network.has_quorum = read_flag(object, "has_quorum", true);
    network.listed = read_flag(object, "listed", true);
    network.config_revision = read_text(object, "config_revision");
    network.same_revision = same_revision(read_array(object, "revisions"), network.config_revision);
    network.partition = read_partition(read_object(object, "partition"));
}

/// What `said` runs, beside what the viewer does. Who does not tell its node list counts as having the same.
std::string difference(const json::object& said, const json::object& own) {
    const std::string roster = read_text(said, "roster_hash");
    return std::string(config::difference_words(read_text(said, "config_revision") == read_text(own, "config_revision"),
                                                roster.empty() || roster == read_text(own, "roster_hash")));
}

void read_drift(const json::object& object, NetworkStatus& network) {
    const auto at = parse_rfc3339(read_text(object, "at"));
    for (const json::value& each : read_array(object, "revisions")) {
        if (!each.is_object()) continue;
        const json::object& said = each.get_object();
        const auto node = std::ranges::find(network.nodes, read_text(said, "node_id"), &NodeLine::id);
        if (node == network.nodes.end()) continue;
        node->drift = read_text(said, "drift");
        if (node->drift == "other") node->difference = difference(said, object);
        node->trouble = read_text(said, "trouble");
        node->differs_for = ago(said, "differs_since", at);
    }
}

Error unknown_node(const std::string& wanted, const json::array& nodes, const NetworkStatus& network) {
    std::vector<std::string> names;
    for (const json::value& each : nodes) {
        if (each.is_object()) names.push_back(read_text(each.get_object(), "node_id"));
    }
    const auto meant = closest(wanted, names);
    return fail("cli.unknown_node", fmt::format("network {} has no node '{}'{}", network.id, wanted, did_you_mean(wanted, names)),
                fmt::format("meshmon status{}", meant ? " --node " + *meant : ""));
}

/// All nodes, or with --node the one of that name with every testimony.
Result<json::array> fetch_nodes(const StatusQuery& query, const GetJson& get_json, NetworkStatus& network) {
    const std::string base = fmt::format("{}/api/v1/networks/{}/nodes", query.api, network.id);
    const auto list = get_json(base);
    if (!list) return list.error();
    const json::object& answer = list->get_object();
    const auto at = parse_rfc3339(read_text(answer, "at"));
    json::array nodes = read_array(answer, "nodes");
    if (query.node) {
        const auto named = [&](const json::value& each) {
            return each.is_object() && read_text(each.get_object(), "node_id") == *query.node;
        };
        if (std::ranges::none_of(nodes, named)) return unknown_node(*query.node, nodes, network);
        const auto one = get_json(base + "/" + *query.node);
        if (!one) return one.error();
        nodes = {*one};
    }
    for (const json::value& each : nodes) {
        if (each.is_object()) network.nodes.push_back(read_node(each.get_object(), at));
    }
    return nodes;
}

Result<json::object> fetch_network(const StatusQuery& query, const GetJson& get_json, const json::object& summary,
                                   NetworkStatus& network) {
    json::object merged = summary;
    merged["nodes"] = json::array();
    if (!network.running) return merged;
    const auto detail = get_json(fmt::format("{}/api/v1/networks/{}", query.api, network.id));
    if (!detail) return detail.error();
    read_network(detail->get_object(), network);
    for (const auto& member : detail->get_object()) merged[member.key()] = member.value();
    auto nodes = fetch_nodes(query, get_json, network);
    if (!nodes) return nodes.error();
    read_drift(detail->get_object(), network);
    merged["nodes"] = std::move(*nodes);
    return merged;
}

Error unknown_network(const std::string& wanted, const json::array& summaries) {
    std::vector<std::string> names;
    for (const json::value& each : summaries) {
        if (!each.is_object()) continue;
        const std::string id = read_text(each.get_object(), "network_id");
        names.push_back(id.empty() ? read_text(each.get_object(), "directory") : id);
    }
    return fail(
        "cli.unknown_network",
        fmt::format("this node has no network '{}' (it has: {}){}", wanted, fmt::join(names, ", "), did_you_mean(wanted, names)),
        "meshmon status");
}

Result<json::array> fetch_networks(const StatusQuery& query, const GetJson& get_json, StatusReport& report) {
    const auto list = get_json(query.api + "/api/v1/networks");
    if (!list) return list.error();
    const json::array& summaries = read_array(list->get_object(), "networks");
    json::array merged;
    std::optional<Error> no_such_node;
    for (const json::value& each : summaries) {
        if (!each.is_object()) continue;
        NetworkStatus network = read_summary(each.get_object());
        if (query.network && network.id != *query.network && network.directory != *query.network) continue;
        auto whole = fetch_network(query, get_json, each.get_object(), network);
        if (!whole && whole.error().code == "cli.unknown_node") {
            no_such_node = whole.error();
            continue;
        }
        if (!whole) return whole.error();
        if (query.node && network.nodes.empty()) continue;
        merged.push_back(std::move(*whole));
        report.networks.push_back(std::move(network));
    }
    if (report.networks.empty() && no_such_node) return *no_such_node;
    if (report.networks.empty() && query.network) return unknown_network(*query.network, summaries);
    return merged;
}

bool concerns(const ProblemLine& problem, const StatusReport& report) {
    if (problem.network.empty()) return true;
    return std::ranges::any_of(report.networks, [&](const NetworkStatus& network) { return network.id == problem.network; });
}

Result<json::array> fetch_problems(const StatusQuery& query, const GetJson& get_json, StatusReport& report) {
    const auto health = get_json(query.api + "/api/v1/health");
    if (!health) return health.error();
    json::array kept;
    for (const json::value& each : read_array(health->get_object(), "problems")) {
        if (!each.is_object()) continue;
        ProblemLine problem = read_problem(each.get_object());
        if (query.node || !concerns(problem, report)) continue;
        report.problems.push_back(std::move(problem));
        kept.push_back(each);
    }
    return kept;
}

int exit_code_of(const NetworkStatus& network, bool whole_network) {
    if (!network.running) return kDegraded;
    int worst = kOk;
    for (const NodeLine& node : network.nodes) {
        if (node.status == "down") worst = std::max<int>(worst, kDown);
        if (node.status != "up" || node.contested) worst = std::max<int>(worst, kDegraded);
    }
    if (!whole_network) return worst;
    if (network.partition.sides.size() > 1 || !network.partition.groups.empty()) return kDown;
    if (!network.has_quorum || !network.listed || !network.partition.broken_links.empty())
        worst = std::max<int>(worst, kDegraded);
    return worst;
}

}  // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    // 2026-11-22T07:14:31.123Z
    constexpr std::string_view kForm = "0000-00-00T00:00:00.000Z";
    if (text.size() != kForm.size()) return std::nullopt;
    for (std::size_t i = 0; i < kForm.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (kForm[i] == '0' ? !digit : text[i] != kForm[i]) return std::nullopt;
    }
    const auto number = [&](std::size_t at, std::size_t length) {
        int value = 0;
        std::from_chars(text.data() + at, text.data() + at + length, value);
        return value;
    };
    using namespace std::chrono;
    const year_month_day date(year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                              day(static_cast<unsigned>(number(8, 2))));
    if (!date.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 60) return std::nullopt;
    const auto since_epoch = sys_days(date).time_since_epoch() + hours(number(11, 2)) + minutes(number(14, 2)) +
                             seconds(number(17, 2)) + milliseconds(number(20, 3));
    return WallTime(duration_cast<milliseconds>(since_epoch));
}

Result<StatusReport> fetch_status(const StatusQuery& query, const GetJson& get_json) {
    StatusReport report;
    report.api = query.api;
    report.one_node = query.node.has_value();
    const auto me = get_json(query.api + "/api/v1/me");
    if (!me) return me.error();
    auto networks = fetch_networks(query, get_json, report);
    if (!networks) return networks.error();
    auto problems = fetch_problems(query, get_json, report);
    if (!problems) return problems.error();
    report.merged = {{"api", query.api}, {"me", *me}, {"networks", std::move(*networks)}, {"problems", std::move(*problems)}};
    return report;
}

int exit_code(const StatusReport& report) {
    int worst = kOk;
    for (const NetworkStatus& network : report.networks) worst = std::max(worst, exit_code_of(network, !report.one_node));
    for (const ProblemLine& problem : report.problems) {
        if (problem.severity == "error") worst = std::max<int>(worst, kDegraded);
    }
    return worst;
}

}  // namespace meshmon::cli
