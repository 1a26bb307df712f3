#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "config/config.hpp"
#include "config/folder_for_tests.hpp"

namespace meshmon::config {
namespace {

using namespace std::chrono_literals;

Parsed<NodeConfig> parse(std::string_view text) { return parse_node_config(text, "config/nodeconf.yml"); }
std::string findings(std::string_view text) { return formatted(parse(text).diagnostics); }

TEST(NodeConfig, LoadsWhatPeopleUseToday) {
    const Parsed<NodeConfig> parsed = parse(
        "networks:\n"
        "  - directory: my-network\n"
        "    node_id: My-Node\n"
        "    config_type: local        # default\n"
        "    git_repo: null\n"
        "  - directory: public\n"
        "    node_id: observer\n"
        "    config_type: github\n"
        "    git_repo: https://github.com/your-org/meshmon-configs.git\n");
    EXPECT_EQ(formatted(parsed.diagnostics), "");
    ASSERT_TRUE(parsed.ok());
    ASSERT_EQ(parsed.value->networks.size(), 2U);
    const NetworkRef& local = parsed.value->networks[0];
    EXPECT_EQ(local.directory, "my-network");
    EXPECT_EQ(local.node_id.str(), "my-node");  // lower-cased
    EXPECT_EQ(local.type, ConfigType::local);
    EXPECT_EQ(local.place.line, 2);
    const NetworkRef& git = parsed.value->networks[1];
    EXPECT_EQ(git.type, ConfigType::git);
    EXPECT_EQ(git.git_repo, "https://github.com/your-org/meshmon-configs.git");
    EXPECT_EQ(git.git_branch, "");
    EXPECT_EQ(git.git_interval, 60s);
    EXPECT_FALSE(parsed.value->data_dir.has_value());
    EXPECT_EQ(parsed.value->listen, "0.0.0.0:8000");
}

TEST(NodeConfig, ReadsEveryKey) {
    const Parsed<NodeConfig> parsed = parse(
        "networks: [{directory: d, node_id: n, config_type: git, git_repo: 'git@host:a/b', git_branch: main, git_interval: "
        "7.5}]\n"
        "data_dir: state\n"
        "listen: '[::1]:0'\n");
    EXPECT_EQ(formatted(parsed.diagnostics), "");
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed.value->networks[0].git_branch, "main");
    EXPECT_EQ(parsed.value->networks[0].git_interval, 7500ms);
    EXPECT_EQ(parsed.value->listen, "[::1]:0");
}

TEST(NodeConfig, TakesDataDirRelativeToTheConfigFolder) {
    EXPECT_EQ(parse("networks: []\ndata_dir: state\n").value->data_dir, "config/state");
    EXPECT_EQ(parse("networks: []\ndata_dir: /var/lib/meshmon\n").value->data_dir, "/var/lib/meshmon");
}

TEST(NodeConfig, AllowsAnEmptyListAndSaysSo) {
    for (const std::string_view text : {"networks: []\n", "networks:\n"}) {
        const Parsed<NodeConfig> parsed = parse(text);
        EXPECT_TRUE(parsed.ok());
        EXPECT_EQ(codes(parsed.diagnostics), "N205");
    }
    EXPECT_EQ(findings("networks: []\n"),
              "config/nodeconf.yml:1:1: note[N205]: no networks: this node watches nothing yet\n"
              "  1 | networks: []\n"
              "    | ^^^^^^^^ add an entry with directory and node_id\n");
}

TEST(NodeConfig, TakesGitAndGithubForTheSame) {
    for (const std::string_view type : {"git", "github"}) {
        const auto parsed =
            parse("networks: [{directory: d, node_id: n, config_type: " + std::string(type) + ", git_repo: 'https://h/x'}]");
        ASSERT_TRUE(parsed.ok());
        EXPECT_EQ(parsed.value->networks[0].type, ConfigType::git);
    }
}

TEST(NodeConfig, WarnsOfAnUnknownKeyWithADidYouMean) {
    EXPECT_EQ(findings("networks:\n  - directory: d\n    nodeid: x\n    node_id: n\nlogging: yes\n"),
              "config/nodeconf.yml:3:5: warning[W100]: unknown key 'nodeid' in networks[]; it has no effect\n"
              "  3 |     nodeid: x\n"
              "    |     ^^^^^^ did you mean 'node_id'?\n"
              "config/nodeconf.yml:5:1: warning[W100]: unknown key 'logging' in the node file; it has no effect\n"
              "  5 | logging: yes\n"
              "    | ^^^^^^^ remove it, or look for its name in the reference\n");
    EXPECT_TRUE(parse("networks: []\nlogging: yes\n").ok());
}

TEST(NodeConfig, WantsDirectoryAndNodeId) {
    EXPECT_EQ(findings("networks:\n  - config_type: local\n"),
              "config/nodeconf.yml:2:5: error[E013]: networks[] lacks the key 'directory'\n"
              "  2 |   - config_type: local\n"
              "    |     ^ add directory: and the name of the folder under networks/\n"
              "config/nodeconf.yml:2:5: error[E013]: networks[] lacks the key 'node_id'\n"
              "  2 |   - config_type: local\n"
              "    |     ^ add node_id: and this node's name in the network\n");
    EXPECT_EQ(findings("listen: 0.0.0.0:1\n"),
              "config/nodeconf.yml:1:1: error[E013]: the node file lacks the key 'networks'\n"
              "  1 | listen: 0.0.0.0:1\n"
              "    | ^ add networks: with an entry for each network, or networks: []\n");
}

TEST(NodeConfig, RefusesADirectoryThatIsNoSinglePathComponent) {
    for (const std::string_view bad : {"..", ".", "...", "a/b", "/etc", "../x", "-rf", "''", "\"a\\0\""}) {
        EXPECT_FALSE(parse("networks: [{directory: " + std::string(bad) + ", node_id: n}]").ok()) << bad;
    }
    EXPECT_TRUE(is_valid_directory("my network.v2"));
    EXPECT_TRUE(is_valid_directory("...a"));
    EXPECT_FALSE(is_valid_directory(std::string(129, 'a')));
    EXPECT_FALSE(is_valid_directory("a\nb"));
    EXPECT_FALSE(is_valid_directory("a\xFF"));
    EXPECT_EQ(findings("networks:\n  - directory: ../x\n    node_id: n\n"),
              "config/nodeconf.yml:2:16: error[E020]: directory '../x' cannot be a folder under networks/\n"
              "  2 |   - directory: ../x\n"
              "    |                ^^^^ one path component of at most 128 bytes: no '/', not only dots, no '-' in front\n");
}

TEST(NodeConfig, RefusesADirectoryTwice) {
    EXPECT_EQ(findings("networks:\n  - {directory: d, node_id: a}\n  - {directory: d, node_id: b}\n"),
              "config/nodeconf.yml:3:17: error[E033]: directory 'd' stands here a second time\n"
              "  3 |   - {directory: d, node_id: b}\n"
              "    |                 ^ the first is in line 2: each network has a folder of its own\n");
}

TEST(NodeConfig, RefusesABadNodeId) {
    EXPECT_EQ(findings("networks: [{directory: d, node_id: a b}]\n"),
              "config/nodeconf.yml:1:36: error[E020]: node_id 'a b' is not a valid name\n"
              "  1 | networks: [{directory: d, node_id: a b}]\n"
              "    |                                    ^^^ at most 64 of a-z 0-9 . _ - and a letter or digit in front\n");
    EXPECT_EQ(findings("networks: [{directory: d, node_id: }]\n"),
              "config/nodeconf.yml:1:36: error[E012]: node_id must be a name, not nothing\n"
              "  1 | networks: [{directory: d, node_id: }]\n"
              "    |                                    ^\n");
}

TEST(NodeConfig, RefusesWrongKinds) {
    EXPECT_EQ(findings("- a\n"),
              "config/nodeconf.yml:1:1: error[E012]: the node file must be a map of keys, not a list\n"
              "  1 | - a\n"
              "    | ^ write key: value, one a line\n");
    EXPECT_EQ(findings("networks: {directory: d}\n"),
              "config/nodeconf.yml:1:11: error[E012]: networks must be a list, not a map\n"
              "  1 | networks: {directory: d}\n"
              "    |           ^ write each item in a line of its own, beginning with '- '\n");
    EXPECT_EQ(findings("networks: [d]\n"),
              "config/nodeconf.yml:1:12: error[E012]: networks[] must be a map of keys, not 'd'\n"
              "  1 | networks: [d]\n"
              "    |            ^ write key: value, one a line\n");
    EXPECT_EQ(codes(parse("networks: [{directory: [d], node_id: n}]").diagnostics), "E012");
}

TEST(NodeConfig, RefusesAnUnknownConfigType) {
    EXPECT_EQ(findings("networks: [{directory: d, node_id: n, config_type: lokal}]\n"),
              "config/nodeconf.yml:1:52: error[E022]: config_type 'lokal' is none of local, git, github\n"
              "  1 | networks: [{directory: d, node_id: n, config_type: lokal}]\n"
              "    |                                                    ^^^^^ did you mean 'local'?\n");
}

TEST(NodeConfig, ChecksTheGitKeys) {
    EXPECT_EQ(findings("networks: [{directory: d, node_id: n, config_type: git}]\n"),
              "config/nodeconf.yml:1:39: error[E013]: networks[] with config_type git lacks the key 'git_repo'\n"
              "  1 | networks: [{directory: d, node_id: n, config_type: git}]\n"
              "    |                                       ^^^^^^^^^^^ add git_repo: and the repository's URL\n");
    EXPECT_EQ(findings("networks:\n  - directory: d\n    node_id: n\n    config_type: git\n    git_repo: ext::sh\n"),
              "config/nodeconf.yml:5:15: error[E026]: 'ext::sh' is no usable repository: https://, http://, ssh:// or "
              "file:// is "
              "missing\n"
              "  5 |     git_repo: ext::sh\n"
              "    |               ^^^^^^^ write it like https://git.example.com/team/meshmon.git\n");
    const std::string base = "networks: [{directory: d, node_id: n, config_type: git, git_repo: 'https://h/x', ";
    EXPECT_EQ(codes(parse(base + "git_interval: 4}]").diagnostics), "E021");
    EXPECT_EQ(codes(parse(base + "git_interval: 86401}]").diagnostics), "E021");
    EXPECT_EQ(codes(parse(base + "git_interval: 5}]").diagnostics), "");
    EXPECT_EQ(codes(parse(base + "git_branch: --force}]").diagnostics), "E027");
    EXPECT_EQ(codes(parse(base + "git_branch: a..b}]").diagnostics), "E027");
    EXPECT_EQ(codes(parse(base + "git_branch: feature/x}]").diagnostics), "");
}

TEST(NodeConfig, WarnsOfGitRepoInLocalMode) {
    EXPECT_EQ(findings("networks:\n  - directory: d\n    node_id: n\n    git_repo: https://h/x\n"),
              "config/nodeconf.yml:4:5: warning[W130]: git_repo has no effect: config_type is local\n"
              "  4 |     git_repo: https://h/x\n"
              "    |     ^^^^^^^^ add config_type: git, or remove git_repo\n");
}

TEST(NodeConfig, RefusesABadListen) {
    EXPECT_EQ(findings("networks: []\nlisten: 8000\n"),
              "config/nodeconf.yml:1:1: note[N205]: no networks: this node watches nothing yet\n"
              "  1 | networks: []\n"
              "    | ^^^^^^^^ add an entry with directory and node_id\n"
              "config/nodeconf.yml:2:9: error[E024]: cannot listen on '8000': the port is missing\n"
              "  2 | listen: 8000\n"
              "    |         ^^^^ write ADDRESS:PORT, like 0.0.0.0:8000 for all IPv4 addresses or [::]:8000 for IPv6 as well\n");
}

TEST(NodeConfig, ShowsAllFindingsAtOnce) {
    EXPECT_EQ(codes(parse("networks:\n  - {directory: a/b, node_id: -}\n  - {directory: d}\nlisten: x\nliste: y\n").diagnostics),
              "E020 E020 E013 E024 W100");
}

}  // namespace
}  // namespace meshmon::config
