// What is wrong with the files that a person writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/problems_for_tests.hpp"

namespace meshmon::node {
namespace {

using api::Problem;
using api::Severity;
using config::UrlState;
using testing::HasSubstr;

class ConfigProblems : public Problems {};

TEST_F(ConfigProblems, NameThePathOfAMissingKeyAndTheCommand) {
    network().folder->keys[1].key.reset();
    const Problem problem = only();
    EXPECT_EQ(problem.code, "key_missing");
    EXPECT_EQ(problem.severity, Severity::warning);
    EXPECT_EQ(problem.title, "No public key for b");
    EXPECT_EQ(problem.detail,
              "/etc/meshmon/networks/prod/pubkeys/b.pub does not exist, so b stays unknown and what it sends is refused; all "
              "else runs");
    EXPECT_EQ(problem.remedy,
              "on the host of b run `meshmon key show --network prod`, and put its output into "
              "/etc/meshmon/networks/prod/pubkeys/b.pub here; it is read by itself");
    EXPECT_EQ(problem.node, id("b"));
    EXPECT_EQ(problem.network, network_id("prod"));
    EXPECT_EQ(problem.file, "/etc/meshmon/networks/prod/pubkeys/b.pub");
}

TEST_F(ConfigProblems, SayWhyAKeyFileIsNone) {
    network().folder->keys[1].key.reset();
    network().folder->keys[1].error = "it holds an RSA key";
    const Problem problem = only();
    EXPECT_EQ(problem.code, "key_unreadable");
    EXPECT_THAT(problem.detail, HasSubstr("pubkeys/b.pub: it holds an RSA key; b stays unknown"));
}

TEST_F(ConfigProblems, TellAnOwnPublicKeyThatIsNoneFromAMissingOne) {
    network().folder->keys[0].key.reset();
    EXPECT_EQ(only().detail, "/etc/meshmon/networks/prod/pubkeys/a.pub does not exist: the others cannot know this node");
    network().folder->keys[0].error = "it is empty";
    EXPECT_EQ(only().code, "key_unreadable");
    EXPECT_EQ(only().detail,
              "/etc/meshmon/networks/prod/pubkeys/a.pub: it is empty; whoever copies it from here cannot know this node");
}

TEST_F(ConfigProblems, NameEveryPathOfAPrivateKeyThatWasOpen) {
    const std::string keys = "/etc/meshmon/.private_keys";
    const auto open = [](const std::string& path, std::string text) {
        config::Diagnostic note;
        note.severity = config::Severity::warning;
        note.code = "W110";
        note.text = std::move(text);
        note.place.file = path;
        return note;
    };
    network().own_key.emplace();
    network().own_key->file = keys + "/prod/a.key";
    network().own_key->notes = {open(keys, "others could use it (mode 0755); repaired to 0700")};
    EXPECT_EQ(only().title, "The folder of a private key was open to others");
    EXPECT_EQ(only().detail, keys + ": others could use it (mode 0755); repaired to 0700");
    network().own_key->notes.push_back(open(keys + "/prod/a.key", "others could use it (mode 0644); repaired to 0600"));
    EXPECT_EQ(only().title, "A private key was open to others");
    EXPECT_EQ(only().detail, keys + ": others could use it (mode 0755); repaired to 0700; " + keys +
                                 "/prod/a.key: others could use it (mode 0644); repaired to 0600");
}

TEST_F(ConfigProblems, NameTheLineOfAPlaceholder) {
    network().folder->config.peers[1].url_state = UrlState::placeholder;
    const Problem problem = only();
    EXPECT_EQ(problem.code, "placeholder_url");
    EXPECT_EQ(problem.detail,
              "/etc/meshmon/networks/prod/config.yml:7:10: url of b is still `replace_me`, so nobody can dial it");
    EXPECT_EQ(problem.line, 7);
}

TEST_F(ConfigProblems, PrintTheLinesToAddWhereThisNodeIsNotListed) {
    network().self_listed = false;
    const Problem problem = only();
    EXPECT_EQ(problem.code, "not_listed");
    EXPECT_EQ(problem.severity, Severity::warning);
    EXPECT_THAT(problem.remedy, HasSubstr("\n  - node_id: a\n    url: http://ADDRESS-OF-THIS-HOST:8000"));
    EXPECT_EQ(problem.line, 3);
}

TEST_F(ConfigProblems, WaitForTheNodeFileWithoutAnError) {
    loaded_.state = config::NodeFileState::missing;
    loaded_.node.reset();
    loaded_.networks.clear();
    const Problem problem = only();
    EXPECT_EQ(problem.code, "config_waiting");
    EXPECT_EQ(problem.severity, Severity::info);
    EXPECT_EQ(problem.detail, "/etc/meshmon/nodeconf.yml does not exist");
}

TEST_F(ConfigProblems, SayThatTheNodeFileWentAwayAndWhatGoesOn) {
    loaded_.state = config::NodeFileState::missing;
    const Problem problem = only();
    EXPECT_EQ(problem.code, "config_invalid");
    EXPECT_EQ(problem.severity, Severity::error);
    EXPECT_EQ(problem.detail,
              "/etc/meshmon/nodeconf.yml does not exist; until it loads this node goes on with what it said before, and listens "
              "on 127.0.0.1:8000");
}

TEST_F(ConfigProblems, ShowWhatIsRejectedWhileTheGoodStateRuns) {
    network().folder->config.revision = "a1b2c3";
    config::Rejected& rejected = network().rejected.emplace();
    rejected.commit = config::Commit{.id = "9f3c2a1b00", .branch = "main", .time = {}, .subject = {}};
    config::Diagnostic& finding = rejected.diagnostics.emplace_back();
    finding.code = "E012";
    finding.text = "poll_rate must be greater than 0, not -1";
    finding.hint = "give seconds, for example 5";
    finding.place = {folder() + "config.yml", 9, 16};
    finding.source_line = "    poll_rate: -1";
    finding.caret_length = 2;
    const Problem problem = only();
    EXPECT_EQ(problem.code, "config_invalid");
    EXPECT_EQ(problem.detail,
              "/etc/meshmon/networks/prod/config.yml:9:16: error[E012]: poll_rate must be greater than 0, not -1; commit "
              "main@9f3c2a1; until it loads the network goes on with the last good state, config a1b2c3");
    EXPECT_EQ(problem.excerpt, "  9 |     poll_rate: -1\n    |                ^^ give seconds, for example 5\n");
}

TEST_F(ConfigProblems, SayWhichRejectionHasNoLine) {
    config::Rejected& rejected = network().rejected.emplace();
    rejected.waiting = config::Waiting::key_mismatch;
    rejected.reason = "another key";
    rejected.hint = "mend it";
    const Problem problem = only();
    EXPECT_EQ(problem.code, "key_mismatch");
    EXPECT_THAT(problem.detail, HasSubstr("another key; until it loads"));
    EXPECT_EQ(problem.remedy, "mend it");
}

TEST_F(ConfigProblems, SayThatAPeerKeepsTheKeyItHad) {
    network().folder->keys[1].error = "it is empty";
    EXPECT_THAT(only().detail, HasSubstr("b.pub: it is empty; until it can be, the key that it held before counts"));
}

TEST_F(ConfigProblems, ShowThePlaceOfWhatDoesNotLoad) {
    config::Diagnostic finding;
    finding.code = "E012";
    finding.text = "poll_rate must be greater than 0, not -1";
    finding.hint = "give seconds, for example 5";
    finding.place = {folder() + "config.yml", 9, 16};
    network().waiting = config::Waiting::config_invalid;
    network().folder.reset();
    network().diagnostics = {finding};
    view_.reset();
    const Problem problem = only();
    EXPECT_EQ(problem.code, "config_invalid");
    EXPECT_EQ(problem.severity, Severity::error);
    EXPECT_EQ(problem.detail,
              "/etc/meshmon/networks/prod/config.yml:9:16: error[E012]: poll_rate must be greater than 0, not -1");
    EXPECT_EQ(problem.remedy, "give seconds, for example 5; `meshmon check` on this host shows all findings");
}

/// The file that the place names lies in a commit: on this host there is none to be mended.
TEST_F(ConfigProblems, SayOfACommitThatItIsMendedInTheRepository) {
    config::Diagnostic finding;
    finding.code = "E005";
    finding.text = "a tab in the indentation";
    finding.hint = "YAML is indented by spaces only";
    finding.place = {folder() + "config.yml", 9, 1};
    network().ref.type = config::ConfigType::git;
    network().waiting = config::Waiting::config_invalid;
    network().commit = config::Commit{.id = "9f3c2a1b00", .branch = "main", .time = {}, .subject = {}};
    network().folder.reset();
    network().diagnostics = {finding};
    view_.reset();
    const Problem problem = only();
    EXPECT_EQ(
        problem.detail,
        "/etc/meshmon/networks/prod/config.yml:9:1: error[E005]: a tab in the indentation; commit main@9f3c2a1; the network "
        "waits for one that loads");
    EXPECT_EQ(
        problem.remedy,
        "YAML is indented by spaces only; mend it in the repository, and push; `meshmon check` on this host shows all findings");
    network().diagnostics[0].place = {"/etc/meshmon/.private_keys/prod/a.key", 0, 0};
    EXPECT_EQ(only().remedy, "YAML is indented by spaces only; `meshmon check` on this host shows all findings");
}

TEST_F(ConfigProblems, NameTheAddressWhereTheNodeFileDoesNotLoad) {
    config::Diagnostic finding;
    finding.code = "E013";
    finding.text = "node_id is missing";
    finding.place = {"/etc/meshmon/nodeconf.yml", 2, 5};
    loaded_.state = config::NodeFileState::invalid;
    loaded_.node.reset();
    loaded_.networks.clear();
    loaded_.diagnostics = {finding};
    EXPECT_EQ(only().code, "config_invalid");
    EXPECT_EQ(
        only().detail,
        "/etc/meshmon/nodeconf.yml:2:5: error[E013]: node_id is missing; until it loads this node listens on 127.0.0.1:8000");
}

TEST_F(ConfigProblems, AreBoundedForAFileFullOfErrors) {
    config::Diagnostic finding;
    finding.place = {folder() + "config.yml", 1, 1};
    network().diagnostics.assign(5000, finding);
    EXPECT_EQ(find().size(), kFindingsShown);
}

}  // namespace
}  // namespace meshmon::node
