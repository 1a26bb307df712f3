#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

#include "config/config.hpp"
#include "config/folder_for_tests.hpp"
#include "config/node_tag.hpp"

namespace meshmon::config {
namespace {

using namespace std::chrono_literals;

Parsed<NetworkConfig> parse(std::string_view text) { return parse_network_config(text, "config.yml"); }
std::string findings(std::string_view text) { return formatted(parse(text).diagnostics); }

/// A file with one node entry of these further lines.
std::string with_entry(std::string_view lines) { return "network_id: n\nnode_config:\n  - node_id: a\n" + std::string(lines); }

/// A file with one good node and these further lines at the top level.
std::string with_lines(std::string_view lines) {
    return "network_id: n\nnode_config:\n  - {node_id: a, url: null}\n" + std::string(lines);
}

std::string many_nodes(int count, std::string_view more = {}) {
    std::string text = "network_id: n\nnode_config:\n";
    for (int i = 0; i < count; ++i) text += "- {node_id: n" + std::to_string(i) + ", url: null}\n";
    return text + std::string(more);
}

TEST(NetworkConfig, LoadsWhatPeopleUseToday) {
    const Parsed<NetworkConfig> parsed = parse(
        "network_id: Test\n"
        "node_config:\n"
        "  - node_id: Server-01\n"
        "    url: https://server-01.example.com:8000\n"
        "  - node_id: server-02\n"
        "    url: https://server-02.example.com:8000\n"
        "    poll_rate: 10\n"
        "    retry: 5\n"
        "    allow: [server-01]\n"
        "  - node_id: server-03\n"
        "    url: https://server-03.example.com:8000\n"
        "    block:\n"
        "      - server-01\n"
        "defaults:\n"
        "  nodes: {poll_rate: 120, retry: 6}\n"
        "  monitors: {interval: 60, retry: 2}\n"
        "node_version:\n"
        "  - '>=0.2.0'\n"
        "  - '<4.0.0'\n"
        "cluster:\n"
        "  rate_limits: {update: 5, priority_update: 0.5}\n"
        "  clock_pulse_interval: 10\n"
        "monitors:\n"
        "  - name: example\n"
        "    type: http\n"
        "    host: http://example.com/\n"
        "    allow: [server-01]\n"
        "  - {name: router, type: ping, host: 192.0.2.1, group: net, interval: 5, retry: 9, block: [server-02]}\n");
    EXPECT_EQ(codes(parsed.diagnostics), "N201 N204");
    ASSERT_TRUE(parsed.ok());
    const NetworkConfig& config = *parsed.value;
    EXPECT_EQ(config.network_id.str(), "test");
    ASSERT_EQ(config.peers.size(), 3U);
    EXPECT_EQ(config.peers[0].node_id.str(), "server-01");
    EXPECT_EQ(config.peers[0].url, "https://server-01.example.com:8000");
    EXPECT_EQ(config.peers[0].url_state, UrlState::usable);
    EXPECT_EQ(config.peers[0].poll_rate, 120s);
    EXPECT_EQ(config.peers[0].retry, 6);
    EXPECT_EQ(config.peers[1].poll_rate, 10s);
    EXPECT_EQ(config.peers[1].retry, 5);
    EXPECT_EQ(config.peers[1].allow, std::vector{NodeId::parse("server-01").value()});
    EXPECT_EQ(config.peers[2].block, std::vector{NodeId::parse("server-01").value()});
    EXPECT_EQ(config.peers[1].place.line, 5);
    EXPECT_EQ(config.peers[1].url_place.line, 6);
    EXPECT_EQ(config.peers[1].url_place.column, 10);
    EXPECT_EQ(config.node_list_place.line, 2);
    EXPECT_EQ(config.version_ranges, (std::vector<std::string>{">=0.2.0", "<4.0.0"}));
    ASSERT_EQ(config.monitors.size(), 2U);
    EXPECT_EQ(config.monitors[0].interval, 60s);
    EXPECT_EQ(config.monitors[0].retry, 2);
    EXPECT_EQ(config.monitors[0].allow.size(), 1U);
    EXPECT_EQ(config.monitors[1].type, "ping");
    EXPECT_EQ(config.monitors[1].host, "192.0.2.1");
    EXPECT_EQ(config.monitors[1].group, "net");
    EXPECT_EQ(config.monitors[1].interval, 5s);
    EXPECT_EQ(config.monitors[1].retry, 9);
}

TEST(NetworkConfig, TakesDefaultsWhereNothingIsNamed) {
    const NetworkConfig config = parse(with_lines("monitors: [{name: m, type: http, host: 'http://x'}]\n")).value.value();
    EXPECT_EQ(config.peers[0].retry, 3);
    EXPECT_EQ(config.monitors[0].interval, 30s);
    EXPECT_EQ(config.monitors[0].retry, 3);
    EXPECT_TRUE(config.version_ranges.empty());
    EXPECT_TRUE(config.peers[0].allow.empty());
}

TEST(NetworkConfig, PollsByTheNumberOfNodesWhereNoPollRateIsNamed) {
    EXPECT_EQ(parse(many_nodes(3)).value->peers[0].poll_rate, 1s);
    EXPECT_EQ(parse(many_nodes(150)).value->peers[0].poll_rate, 1500ms);
    EXPECT_EQ(parse(many_nodes(3500)).value->peers[0].poll_rate, 30s);
    EXPECT_EQ(parse(many_nodes(150, "defaults: {nodes: {poll_rate: 2}}\n")).value->peers[0].poll_rate, 2s);
}

TEST(NetworkConfig, TellsNullFromAMissingUrl) {
    const Parsed<NetworkConfig> null = parse(with_entry("    url: null\n"));
    EXPECT_EQ(null.value->peers[0].url_state, UrlState::none);
    EXPECT_EQ(codes(null.diagnostics), "");
    EXPECT_EQ(findings(with_entry("    retry: 3\n")),
              "config.yml:3:5: error[E013]: node_config[] lacks the key 'url'\n"
              "  3 |   - node_id: a\n"
              "    |     ^ add url: and the address that peers reach it by, or url: null if none can\n");
}

TEST(NetworkConfig, WarnsOfPlaceholders) {
    EXPECT_EQ(findings("network_id: prod\n\nnode_config:\n  - node_id: server-03\n\n\n    url: replace_me\n"),
              "config.yml:7:10: warning[W121]: url of node 'server-03' is still the placeholder \"replace_me\"\n"
              "  7 |     url: replace_me\n"
              "    |          ^^^^^^^^^^ put the address other nodes use to reach it, e.g. https://server-03.example.com:8000\n");
    const Parsed<NetworkConfig> parsed = parse(with_entry("    url: <replace-me>\n"));
    EXPECT_EQ(codes(parsed.diagnostics), "W121");
    EXPECT_EQ(parsed.value->peers[0].url_state, UrlState::placeholder);
    EXPECT_EQ(parsed.value->peers[0].url, "");
}

TEST(NetworkConfig, RefusesABadUrl) {
    EXPECT_EQ(findings(with_entry("    url: node:42069\n")),
              "config.yml:4:10: error[E023]: 'node:42069' is no usable URL: http:// or https:// is missing\n"
              "  4 |     url: node:42069\n"
              "    |          ^^^^^^^^^^ did you mean http://node:42069?\n");
    EXPECT_EQ(codes(parse(with_entry("    url: 'https://a/?x'\n")).diagnostics), "E023");
}

TEST(NetworkConfig, TakesTheTrailingSlashAway) {
    EXPECT_EQ(parse(with_entry("    url: https://a.example.com/mesh/\n")).value->peers[0].url, "https://a.example.com/mesh");
}

TEST(NetworkConfig, TakesFractionalPollRatesWithinLimits) {
    EXPECT_EQ(parse(with_entry("    url: null\n    poll_rate: 0.25\n")).value->peers[0].poll_rate, 250ms);
    EXPECT_EQ(parse(with_entry("    url: null\n    poll_rate: 3600\n")).value->peers[0].poll_rate, 3600s);
    EXPECT_EQ(findings(with_entry("    url: null\n    poll_rate: 0.05\n")),
              "config.yml:5:16: error[E021]: poll_rate '0.05' is out of its limits\n"
              "  5 |     poll_rate: 0.05\n"
              "    |                ^^^^ write a number from 0.1 to 3600\n");
    EXPECT_EQ(findings(with_entry("    url: null\n    poll_rate: 10s\n")),
              "config.yml:5:16: error[E021]: poll_rate '10s' is not a number\n"
              "  5 |     poll_rate: 10s\n"
              "    |                ^^^ write a number from 0.1 to 3600, without a unit\n");
    for (const std::string_view bad : {"nan", "inf", "-1", "1e9", "3601", "0", "''", "[1]", "0x10"}) {
        EXPECT_FALSE(parse(with_entry("    url: null\n    poll_rate: " + std::string(bad) + "\n")).ok()) << bad;
    }
}

TEST(NetworkConfig, TakesRetryFrom1To100) {
    EXPECT_EQ(parse(with_entry("    url: null\n    retry: 100\n")).value->peers[0].retry, 100);
    EXPECT_EQ(findings(with_entry("    url: null\n    retry: 2.5\n")),
              "config.yml:5:12: error[E021]: retry '2.5' is not a whole number\n"
              "  5 |     retry: 2.5\n"
              "    |            ^^^\n");
    for (const std::string_view bad : {"0", "101", "-3", "many"}) {
        EXPECT_FALSE(parse(with_entry("    url: null\n    retry: " + std::string(bad) + "\n")).ok()) << bad;
    }
}

TEST(NetworkConfig, RefusesANodeTwice) {
    EXPECT_EQ(findings(with_lines("") + "  - {node_id: A, url: null}\n"),
              "config.yml:4:15: error[E030]: node 'a' is listed a second time\n"
              "  4 |   - {node_id: A, url: null}\n"
              "    |               ^ the first is in line 3: remove one of them\n");
}

TEST(NetworkConfig, RefusesTwoNodesThatMessagesCannotTellApart) {
    // Found by hashing 40 million names: the first 6 bytes of their hashes are equal.
    EXPECT_EQ(
        findings(
            "network_id: n\nnode_config:\n  - {node_id: node-19669628, url: null}\n  - {node_id: node-38661055, url: null}\n"),
        "config.yml:4:15: error[E031]: nodes 'node-19669628' and 'node-38661055' cannot be told apart in messages: their tags "
        "are "
        "equal\n"
        "  4 |   - {node_id: node-38661055, url: null}\n"
        "    |               ^^^^^^^^^^^^^ rename one of them\n");
}

TEST(NodeTag, IsTheBeginningOfTheNamesHash) {
    // python3 -c 'import hashlib; print(hashlib.blake2b(b"fra-1", digest_size=32).hexdigest()[:12])'
    EXPECT_EQ(to_hex(view(node_tag(NodeId::parse("fra-1").value()))), "9608bc59d1e7");
}

TEST(NetworkConfig, WantsNetworkIdAndNodeConfig) {
    EXPECT_EQ(findings("monitors: []\n"),
              "config.yml:1:1: error[E013]: config.yml lacks the key 'network_id'\n"
              "  1 | monitors: []\n"
              "    | ^ add network_id: and the network's name, equal on all nodes\n"
              "config.yml:1:1: error[E013]: config.yml lacks the key 'node_config'\n"
              "  1 | monitors: []\n"
              "    | ^ add node_config: with an entry for each node\n");
}

TEST(NetworkConfig, TakesAFileCutOffAtNodeConfigForAnError) {
    EXPECT_EQ(findings("network_id: n\nnode_config:\n"),
              "config.yml:3:1: error[E012]: node_config must be a list, not nothing\n"
              "    hint: add an entry for each node, or write node_config: []\n");
    EXPECT_TRUE(parse("network_id: n\nnode_config: []\n").ok());
}

TEST(NetworkConfig, HoldsAtMost10000Nodes) {
    EXPECT_EQ(codes(parse(many_nodes(10'000)).diagnostics), "");
    EXPECT_EQ(findings(many_nodes(10'001)),
              "config.yml:2:1: error[E032]: 10001 nodes; a network has at most 10000\n"
              "  2 | node_config:\n"
              "    | ^^^^^^^^^^^ make several networks of it\n");
}

TEST(NetworkConfig, WarnsOfUnknownNamesInAllowAndBlock) {
    EXPECT_EQ(findings("network_id: n\nnode_config:\n  - {node_id: server-01, url: null, block: [server-1, zebra]}\n"),
              "config.yml:3:45: warning[W102]: no node of this network is named 'server-1'\n"
              "  3 |   - {node_id: server-01, url: null, block: [server-1, zebra]}\n"
              "    |                                             ^^^^^^^^ did you mean 'server-01'?\n"
              "config.yml:3:55: warning[W102]: no node of this network is named 'zebra'\n"
              "  3 |   - {node_id: server-01, url: null, block: [server-1, zebra]}\n"
              "    |                                                       ^^^^^ add it to node_config, or remove it here\n");
}

TEST(NetworkConfig, WarnsOfANameBothAllowedAndBlocked) {
    EXPECT_EQ(findings("network_id: n\nnode_config:\n  - {node_id: a, url: null, allow: [a], block: [A]}\n"),
              "config.yml:3:49: warning[W106]: 'a' is allowed and blocked at once\n"
              "  3 |   - {node_id: a, url: null, allow: [a], block: [A]}\n"
              "    |                                                 ^ it counts as blocked: remove it from one of the lists\n");
}

TEST(NetworkConfig, RefusesAllowThatIsNoListOfNames) {
    EXPECT_EQ(codes(parse(with_entry("    url: null\n    allow: a\n")).diagnostics), "E012");
    EXPECT_EQ(codes(parse(with_entry("    url: null\n    allow: [[a]]\n")).diagnostics), "E012");
    EXPECT_EQ(codes(parse(with_entry("    url: null\n    allow: [a b]\n")).diagnostics), "E020");
    EXPECT_TRUE(parse(with_entry("    url: null\n    allow:\n")).ok());
}

TEST(NetworkConfig, WarnsOfAnUnknownKeyWithADidYouMean) {
    EXPECT_EQ(findings(with_entry("    url: null\n    pollrate: 3\n")),
              "config.yml:5:5: warning[W100]: unknown key 'pollrate' in node_config[]; it has no effect\n"
              "  5 |     pollrate: 3\n"
              "    |     ^^^^^^^^ did you mean 'poll_rate'?\n");
    EXPECT_EQ(codes(parse(with_lines("defaults: {node: {}}\n")).diagnostics), "W100");
    EXPECT_EQ(codes(parse(with_lines("defaults: {nodes: {pol_rate: 1}, monitors: {retri: 1}}\n")).diagnostics), "W100 W100");
}

TEST(NetworkConfig, IgnoresClusterWithOneNote) {
    EXPECT_EQ(findings(with_lines("cluster: {rate_limits: {update: 5}, unheard_of: 1}\n")),
              "config.yml:4:1: note[N201]: 'cluster' is ignored: its settings have no counterpart here\n"
              "  4 | cluster: {rate_limits: {update: 5}, unheard_of: 1}\n"
              "    | ^^^^^^^ it may stay, or be removed\n");
}

TEST(NetworkConfig, WarnsOfRebroadcasts) {
    EXPECT_EQ(findings(with_lines("rebroadcasts: [1]\n")),
              "config.yml:4:1: warning[W103]: 'rebroadcasts' has no effect in this version\n"
              "  4 | rebroadcasts: [1]\n"
              "    | ^^^^^^^^^^^^ it may stay, or be removed\n");
}

TEST(NetworkConfig, SaysThatMonitorsAreNotExecuted) {
    EXPECT_EQ(findings(with_lines("monitors:\n  - {name: m, type: ping, host: example.com}\n")),
              "config.yml:4:1: note[N204]: monitors are read and checked, but not executed by this version\n"
              "  4 | monitors:\n"
              "    | ^^^^^^^^\n");
}

TEST(NetworkConfig, ChecksMonitors) {
    EXPECT_EQ(findings(with_lines("monitors:\n  - {name: m, type: htp, host: x}\n")),
              "config.yml:4:1: note[N204]: monitors are read and checked, but not executed by this version\n"
              "  4 | monitors:\n"
              "    | ^^^^^^^^\n"
              "config.yml:5:21: error[E022]: type 'htp' is none of http, ping\n"
              "  5 |   - {name: m, type: htp, host: x}\n"
              "    |                     ^^^ did you mean 'http'?\n");
    EXPECT_EQ(findings(with_lines("monitors: [{name: '', type: ping, host: x}]\n")),
              "config.yml:4:19: error[E027]: name must be one line of 1 to 128 bytes\n"
              "  4 | monitors: [{name: '', type: ping, host: x}]\n"
              "    |                   ^^\n");
    const auto found = [](std::string_view keys) {
        return codes(parse(with_lines("monitors: [{" + std::string(keys) + "}]\n")).diagnostics);
    };
    EXPECT_EQ(found("name: m, type: http, host: example.com"), "N204 E023");
    EXPECT_EQ(found("name: m, type: ping, host: 'http://example.com'"), "N204 E027");
    EXPECT_EQ(found("name: m, type: ping, host: -f"), "N204 E027");
    EXPECT_EQ(found("name: m, type: ping, host: x, interval: 0.5"), "N204 E021");
    EXPECT_EQ(found("name: m, type: ping, host: x, retry: 0"), "N204 E021");
    EXPECT_EQ(found("name: m, type: ping, host: x, group: 'a\\n'"), "N204");
    EXPECT_EQ(found("name: m, type: ping, host: x, allow: [nobody]"), "N204 W102");
    EXPECT_EQ(found("name: m, type: ping, host: x, url: y"), "N204 W100");
    EXPECT_EQ(found("type: ping"), "E013 E013");
    EXPECT_EQ(
        findings(with_lines("monitors:\n  - {name: m, type: ping, host: x}\n  - {name: m, type: ping, host: y}\n")).substr(123),
        "config.yml:6:5: error[E035]: a second monitor is named 'm'\n"
        "  6 |   - {name: m, type: ping, host: y}\n"
        "    |     ^ the first is in line 5: give each a name of its own\n");
}

TEST(NetworkConfig, ChecksVersionRanges) {
    EXPECT_EQ(parse(with_lines("node_version: '>=0.2.0, <2.0.0'\n")).value->version_ranges,
              std::vector<std::string>{">=0.2.0, <2.0.0"});
    EXPECT_EQ(findings(with_lines("node_version: [latest]\n")),
              "config.yml:4:16: error[E025]: 'latest' is no version range\n"
              "  4 | node_version: [latest]\n"
              "    |                ^^^^^^ write an operator (>= > <= < == !=) and a version, like >=0.2.0\n");
    EXPECT_EQ(codes(parse(with_lines("node_version: {a: b}\n")).diagnostics), "E012");
}

TEST(NetworkConfig, FollowsMergeKeys) {
    const Parsed<NetworkConfig> parsed = parse(
        "network_id: n\n"
        "node_config:\n"
        "  - &first {node_id: a, url: null, retry: 7, poll_rate: 9}\n"
        "  - {<<: *first, node_id: b, poll_rate: 4}\n"
        "  - {<<: [*first], node_id: c}\n");
    EXPECT_EQ(formatted(parsed.diagnostics), "");
    EXPECT_EQ(parsed.value->peers[1].retry, 7);
    EXPECT_EQ(parsed.value->peers[1].poll_rate, 4s);
    EXPECT_EQ(parsed.value->peers[2].poll_rate, 9s);
    EXPECT_EQ(codes(parse("<<: 1\nnetwork_id: n\nnode_config: []\n").diagnostics), "E012");
}

TEST(NetworkConfig, HasARevisionOfItsContent) {
    const std::string text = with_lines("");
    const std::string revision = parse(text).value->revision;
    EXPECT_EQ(revision.size(), 12U);
    EXPECT_EQ(revision.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(parse(text).value->revision, revision);
    EXPECT_NE(parse(text + "\n").value->revision, revision);
}

TEST(NetworkConfig, ReadsAFileOf10000NodesWithHostileListsWithoutComparingAll) {
    std::string text = "network_id: n\nnode_config: [";
    for (int i = 0; i < 5'000; ++i)
        text += "{node_id: n" + std::to_string(i) + ",url: null,block: [x" + std::to_string(i) + "]},";
    const Parsed<NetworkConfig> parsed = parse(text + "]\n");
    EXPECT_TRUE(parsed.ok());
    EXPECT_EQ(parsed.diagnostics.size(), 201U);
    EXPECT_EQ(parsed.diagnostics.back().text, "4800 more findings in this file are not shown");
}

TEST(NetworkConfig, NoticesTwoNodesWithOneUrl) {
    const Parsed<NetworkConfig> parsed = parse(
        "network_id: n\nnode_config:\n  - {node_id: a, url: 'http://x:8000'}\n"
        "  - {node_id: b, url: 'http://x:8000/'}\n  - {node_id: c, url: 'http://x:8001'}\n"
        "  - {node_id: d, url: null}\n  - {node_id: e, url: null}\n");
    EXPECT_TRUE(parsed.ok());
    EXPECT_EQ(
        formatted(parsed.diagnostics),
        "config.yml:4:23: warning[W122]: nodes 'a' and 'b' have one url: one of them cannot be reached by it\n"
        "  4 |   - {node_id: b, url: 'http://x:8000/'}\n"
        "    |                       ^^^^^^^^^^^^^^^^ put each node's own address there; a node that nobody can dial has url: "
        "null\n");
}

TEST(NetworkConfig, SaysAtTheRangeThatAVersionWouldNotJoin) {
    const std::string text = with_lines("node_version: ['>=0.2.0', '>=9.0.0']\n");
    EXPECT_EQ(findings(text), "") << "without a version nothing is said";
    EXPECT_EQ(formatted(parse_network_config(text, "config.yml", "9.1.0").diagnostics), "");
    const Parsed<NetworkConfig> parsed = parse_network_config(text, "config.yml", "1.0.0");
    EXPECT_TRUE(parsed.ok()) << "the file is good, so all else in it is looked at too";
    EXPECT_EQ(formatted(parsed.diagnostics),
              "config.yml:4:27: error[E037]: this meshmon is 1.0.0, which '>=9.0.0' does not allow: it would not join\n"
              "  4 | node_version: ['>=0.2.0', '>=9.0.0']\n"
              "    |                           ^^^^^^^^^ install a version that fits, or change the range on every node\n");
}

}  // namespace
}  // namespace meshmon::config
