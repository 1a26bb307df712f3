#include "node/problems.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshmon::node {
namespace {

using api::Problem;
using api::Severity;
using config::UrlState;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using namespace std::chrono_literals;

NodeId id(std::string_view text) { return *NodeId::parse(text); }
NetworkId network_id(std::string_view text) { return *NetworkId::parse(text); }

/// A network `prod` of a and b, seen by a, in which nothing is wrong.
class Problems : public testing::Test {
protected:
    Problems() {
        loaded_.config_dir = "/etc/meshmon";
        loaded_.node_file = "/etc/meshmon/nodeconf.yml";
        loaded_.state = config::NodeFileState::loaded;
        loaded_.node.emplace();
        loaded_.networks.resize(1);
        config::LoadedNetwork& network = loaded_.networks.front();
        network.ref.directory = "prod";
        network.ref.node_id = id("a");
        network.network = network_id("prod");
        network.self_listed = true;
        network.folder.emplace();
        network.folder->config.network_id = network_id("prod");
        network.folder->config.node_list_place = {folder() + "config.yml", 3, 1};
        add_peer("a");
        add_peer("b");
        mesh::NetworkView view;
        view.id = network_id("prod");
        view.self = id("a");
        view.nodes = 2;
        view.seen = 2;
        view.quorum = 1;
        view.has_quorum = true;
        view.config_revision = "9f3c2a1";
        view_ = view;
    }

    static std::string folder() { return "/etc/meshmon/networks/prod/"; }

    void add_peer(std::string_view name) {
        config::NetworkFolder& all = *network().folder;
        const int line = 4 + 2 * static_cast<int>(all.config.peers.size());
        config::Peer peer;
        peer.node_id = id(name);
        peer.url_state = UrlState::usable;
        peer.url = "http://" + std::string(name) + ":8000";
        peer.url_place = {folder() + "config.yml", line + 1, 10};
        all.config.peers.push_back(peer);
        all.keys.push_back({id(name), folder() + "pubkeys/" + std::string(name) + ".pub", crypto::PublicKey{}, "", std::nullopt});
        mesh::NodeView node;
        node.id = peer.node_id;
        node.self = name == "a";
        node.status = mesh::Status::up;
        node.url = peer.url;
        node.fingerprint = "SHA256:abc";
        if (!node.self) {
            node.link.emplace();
            node.link->peer = peer.node_id;
            node.link->status = mesh::Status::up;
        }
        nodes_.push_back(node);
    }

    config::LoadedNetwork& network() { return loaded_.networks.front(); }

    std::vector<Problem> find() {
        Facts facts;
        facts.loaded = &loaded_;
        facts.version = "1.0.0";
        facts.listen = "127.0.0.1:8000";
        facts.data_dir = "/var/lib/meshmon";
        facts.paused = paused_;
        facts.save_error = save_error_;
        facts.now = now_;
        for (const config::LoadedNetwork& each : loaded_.networks) {
            NetworkFacts& network = facts.networks.emplace_back();
            network.loaded = &each;
            network.unmet_range = unmet_;
            network.quorum_expected = quorum_expected_;
            network.view = view_;
            network.nodes = nodes_;
            network.configs = configs_;
            network.clones = clones_;
        }
        return find_problems(facts);
    }

    Problem only() {
        const auto found = find();
        EXPECT_EQ(found.size(), 1u);
        return found.empty() ? Problem{} : found.front();
    }

    void fail_link(mesh::Reason reason) {
        nodes_[1].link->status = mesh::Status::unknown;
        nodes_[1].link->reason = reason;
    }

    config::Loaded loaded_;
    std::optional<mesh::NetworkView> view_;
    std::vector<mesh::NodeView> nodes_;
    std::optional<std::string> unmet_;
    std::optional<std::string> save_error_;
    std::optional<Duration> paused_;
    std::set<NodeId> clones_;
    bool quorum_expected_ = true;
    std::vector<api::NodeConfig> configs_;
    WallTime now_ = WallTime(1000s);
};

TEST_F(Problems, AreNoneWhereNothingIsWrong) { EXPECT_THAT(find(), IsEmpty()); }

TEST_F(Problems, NameThePathOfAMissingKeyAndTheCommand) {
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

TEST_F(Problems, SayWhyAKeyFileIsNone) {
    network().folder->keys[1].key.reset();
    network().folder->keys[1].error = "it holds an RSA key";
    const Problem problem = only();
    EXPECT_EQ(problem.code, "key_unreadable");
    EXPECT_THAT(problem.detail, HasSubstr("pubkeys/b.pub: it holds an RSA key; b stays unknown"));
}

TEST_F(Problems, TellAnOwnPublicKeyThatIsNoneFromAMissingOne) {
    network().folder->keys[0].key.reset();
    EXPECT_EQ(only().detail, "/etc/meshmon/networks/prod/pubkeys/a.pub does not exist: the others cannot know this node");
    network().folder->keys[0].error = "it is empty";
    EXPECT_EQ(only().code, "key_unreadable");
    EXPECT_EQ(only().detail,
              "/etc/meshmon/networks/prod/pubkeys/a.pub: it is empty; whoever copies it from here cannot know this node");
}

TEST_F(Problems, NameEveryPathOfAPrivateKeyThatWasOpen) {
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

TEST_F(Problems, NameTheLineOfAPlaceholder) {
    network().folder->config.peers[1].url_state = UrlState::placeholder;
    const Problem problem = only();
    EXPECT_EQ(problem.code, "placeholder_url");
    EXPECT_EQ(problem.detail,
              "/etc/meshmon/networks/prod/config.yml:7:10: url of b is still `replace_me`, so nobody can dial it");
    EXPECT_EQ(problem.line, 7);
}

TEST_F(Problems, PrintTheLinesToAddWhereThisNodeIsNotListed) {
    network().self_listed = false;
    const Problem problem = only();
    EXPECT_EQ(problem.code, "not_listed");
    EXPECT_EQ(problem.severity, Severity::warning);
    EXPECT_THAT(problem.remedy, HasSubstr("\n  - node_id: a\n    url: http://ADDRESS-OF-THIS-HOST:8000"));
    EXPECT_EQ(problem.line, 3);
}

TEST_F(Problems, WaitForTheNodeFileWithoutAnError) {
    loaded_.state = config::NodeFileState::missing;
    loaded_.node.reset();
    loaded_.networks.clear();
    const Problem problem = only();
    EXPECT_EQ(problem.code, "config_waiting");
    EXPECT_EQ(problem.severity, Severity::info);
    EXPECT_EQ(problem.detail, "/etc/meshmon/nodeconf.yml does not exist");
}

TEST_F(Problems, SayThatTheNodeFileWentAwayAndWhatGoesOn) {
    loaded_.state = config::NodeFileState::missing;
    const Problem problem = only();
    EXPECT_EQ(problem.code, "config_invalid");
    EXPECT_EQ(problem.severity, Severity::error);
    EXPECT_EQ(problem.detail,
              "/etc/meshmon/nodeconf.yml does not exist; until it loads this node goes on with what it said before, and listens "
              "on 127.0.0.1:8000");
}

TEST_F(Problems, ShowWhatIsRejectedWhileTheGoodStateRuns) {
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

TEST_F(Problems, SayWhichRejectionHasNoLine) {
    config::Rejected& rejected = network().rejected.emplace();
    rejected.waiting = config::Waiting::key_mismatch;
    rejected.reason = "another key";
    rejected.hint = "mend it";
    const Problem problem = only();
    EXPECT_EQ(problem.code, "key_mismatch");
    EXPECT_THAT(problem.detail, HasSubstr("another key; until it loads"));
    EXPECT_EQ(problem.remedy, "mend it");
}

TEST_F(Problems, SayThatAPeerKeepsTheKeyItHad) {
    network().folder->keys[1].error = "it is empty";
    EXPECT_THAT(only().detail, HasSubstr("b.pub: it is empty; until it can be, the key that it held before counts"));
}

TEST_F(Problems, ShowThePlaceOfWhatDoesNotLoad) {
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
TEST_F(Problems, SayOfACommitThatItIsMendedInTheRepository) {
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

TEST_F(Problems, NameTheAddressWhereTheNodeFileDoesNotLoad) {
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

TEST_F(Problems, AreBoundedForAFileFullOfErrors) {
    config::Diagnostic finding;
    finding.place = {folder() + "config.yml", 1, 1};
    network().diagnostics.assign(5000, finding);
    EXPECT_EQ(find().size(), kFindingsShown);
}

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
