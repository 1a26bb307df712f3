#include "node/problems.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "node/problems_for_tests.hpp"

namespace meshmon::node {
namespace {

using api::Problem;
using api::Severity;
using config::UrlState;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace std::chrono_literals;

TEST_F(Problems, AreNoneWhereNothingIsWrong) { EXPECT_THAT(find(), IsEmpty()); }

TEST_F(Problems, TellAPeerThatDoesNotKnowUsFromOneWithAnotherKey) {
    fail_link(mesh::Reason::refused_by_peer);
    EXPECT_EQ(only().code, "refused_by_peer");
    EXPECT_THAT(only().remedy, HasSubstr("pubkeys/a.pub of that network on the host of b"));
    fail_link(mesh::Reason::key_mismatch);
    EXPECT_EQ(only().code, "key_mismatch");
    EXPECT_THAT(only().detail, HasSubstr("SHA256:abc"));
    fail_link(mesh::Reason::timeout);
    EXPECT_THAT(find(), IsEmpty()) << "that a peer is down is its status, no problem of this node";
}

/// A clone's files are read by nobody: what is to be changed is the repository.
TEST_F(Problems, SendPeopleToTheRepositoryInGitMode) {
    network().ref.type = config::ConfigType::git;
    const auto sends_there = [this](std::string_view code) {
        const Problem problem = only();
        EXPECT_EQ(problem.code, code);
        EXPECT_THAT(problem.remedy, HasSubstr("repository")) << code;
        for (const std::string& wrong :
             {std::string("on every node"), std::string("output into"), std::string("here anew"), folder()})
            EXPECT_THAT(problem.remedy, Not(HasSubstr(wrong))) << code;
    };
    config::PeerKey& key = network().folder->keys[1];
    const config::PeerKey good = key;
    key.key.reset();
    sends_there("key_missing");
    EXPECT_THAT(only().detail, HasSubstr("the repository has no pubkeys/b.pub"));
    key.error = "it holds an RSA key";
    sends_there("key_unreadable");
    key = good;
    network().folder->config.peers[1].url_state = UrlState::placeholder;
    sends_there("placeholder_url");
    network().folder->config.peers[1].url_state = UrlState::usable;
    fail_link(mesh::Reason::refused_by_peer);
    sends_there("refused_by_peer");
    fail_link(mesh::Reason::key_mismatch);
    sends_there("key_mismatch");
    nodes_[1].link->reason = mesh::Reason::none;
    network().self_listed = false;
    sends_there("not_listed");
    network().self_listed = true;
    api::NodeConfig& config = configs_.emplace_back();
    config.node = id("b");
    config.roster_hash.emplace()[0] = 1;
    config.drift = api::Drift::behind;
    config.differs_since = now_ - 100s;
    EXPECT_THAT(only().remedy, HasSubstr("each takes the newest commit at its next look"));
}

TEST_F(Problems, NameWhoLoadedAnotherRoster) {
    api::NodeConfig& config = configs_.emplace_back();
    config.node = id("b");
    config.revision.content = "81aa0c2";
    config.roster_hash.emplace()[0] = 1;
    config.drift = api::Drift::other;
    config.differs_since = now_ - 9s;
    EXPECT_THAT(find(), IsEmpty()) << "somebody may be copying files just now";
    config.differs_since = now_ - 10s;
    const Problem problem = only();
    EXPECT_EQ(problem.code, "config_drift");
    EXPECT_EQ(problem.severity, Severity::warning);
    EXPECT_EQ(problem.detail,
              "b has other nodes or keys than this node, which runs 9f3c2a1; b runs 81aa0c2 and differs since "
              "1970-01-01T00:16:30.000Z");
    EXPECT_THAT(problem.remedy, HasSubstr("`meshmon config diff a b --network prod`"));
    EXPECT_EQ(problem.node, id("b"));
    config.revision.content = "9f3c2a1";
    EXPECT_THAT(only().detail, testing::StartsWith("b has other keys than this node, which runs 9f3c2a1; "));
}

TEST_F(Problems, SayWhoIsBehindAndWhy) {
    api::NodeConfig& config = configs_.emplace_back();
    config.node = id("b");
    config.revision = {.content = "81aa0c2", .commit = "12ab", .committed = now_, .trouble = "pull-timeout"};
    config.roster_hash.emplace();
    config.drift = api::Drift::behind;
    config.differs_since = now_ - 89s;
    EXPECT_THAT(find(), IsEmpty()) << "it looks once a minute";
    config.differs_since = now_ - 90s;
    EXPECT_EQ(only().severity, Severity::info) << "names and keys are the same";
    EXPECT_THAT(only().detail,
                HasSubstr("b runs 81aa0c2 of commit 12ab, an older one, and differs since 1970-01-01T00:15:10.000Z; "
                          "it cannot fetch its repository: no answer in time (pull-timeout)"));
    config.revision.trouble = config::kTroubleRejected;
    EXPECT_THAT(only().detail, HasSubstr("it rejects a newer config that does not load"));
}

TEST_F(Problems, JudgeAClockOnlyBeyondTheErrorOfTheMeasurement) {
    nodes_[1].link->clock_offset = 3s;
    nodes_[1].link->clock_error = 1100ms;
    EXPECT_THAT(find(), IsEmpty());
    nodes_[1].link->clock_error = 100ms;
    EXPECT_EQ(only().code, "clock_offset");
    EXPECT_EQ(only().detail, "it is 3.0 s ahead of this host's, give or take 100 ms");
}

TEST_F(Problems, BlameTheOwnClockWhereMostDiffer) {
    add_peer("c");
    for (std::size_t i = 1; i < 3; ++i) nodes_[i].link->clock_offset = -10s;
    const Problem problem = only();
    EXPECT_EQ(problem.title, "This host's clock seems to be wrong");
    EXPECT_EQ(problem.detail, "it differs by more than 2 s from 2 of 2 peers; it is 10 s ahead of that of b");
}

TEST_F(Problems, DoNotCallAStartingNodeCutOff) {
    view_->self_health = mesh::SelfHealth::isolated;
    quorum_expected_ = false;
    EXPECT_THAT(find(), IsEmpty());
    quorum_expected_ = true;
    EXPECT_EQ(only().code, "isolated");
}

TEST_F(Problems, ShowWhereTheProofOfAnEquivocationIs) {
    nodes_[1].contradiction = {.epoch = 7, .seq = 3, .one = {}, .other = {}};
    const Problem problem = only();
    EXPECT_EQ(problem.code, "equivocation");
    EXPECT_EQ(problem.severity, Severity::warning);
    EXPECT_EQ(problem.node, nodes_[1].id);
    EXPECT_THAT(problem.detail, HasSubstr("two different states of one version, 7.3"));
    EXPECT_THAT(problem.detail, HasSubstr("--node b --json"));
    nodes_[1].contradiction.reset();
    EXPECT_THAT(find(), IsEmpty()) << "it speaks in a higher epoch";
}

TEST_F(Problems, SayThatTheVersionIsNotWanted) {
    unmet_ = ">=2.0.0";
    view_.reset();
    EXPECT_EQ(only().code, "node_version_unmet");
    EXPECT_EQ(only().detail, "`node_version:` asks for >=2.0.0, and this is 1.0.0: the node has left the network");
}

TEST_F(Problems, ComeWorstFirst) {
    save_error_ = "cannot write /var/lib/meshmon/mesh/prod.state: no space left on device";
    paused_ = 4s;
    network().folder->keys[1].key.reset();
    config::Diagnostic warning;
    warning.severity = config::Severity::warning;
    warning.code = "W100";
    network().diagnostics = {warning};
    std::vector<std::string> codes;
    for (const Problem& problem : find()) codes.push_back(problem.code);
    EXPECT_THAT(codes, testing::ElementsAre("data_unwritable", "key_missing", "loop_lag", "config_warning"));
}

}  // namespace
}  // namespace meshmon::node
