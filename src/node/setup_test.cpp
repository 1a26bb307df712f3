#include "node/setup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/fingerprint.hpp"
#include "crypto/keys.hpp"
#include "crypto/pem.hpp"

namespace meshmon::node {
namespace {

using api::SetupStep;
using api::StepState;
using config::UrlState;
using testing::HasSubstr;
using namespace std::chrono_literals;

NodeId id(std::string_view text) { return *NodeId::parse(text); }

/// Network `prod` of a and b as a's daemon sees it, where all is well.
class SetupList : public testing::Test {
protected:
    SetupList() {
        loaded.config_dir = "/etc/meshmon";
        loaded.node_file = "/etc/meshmon/nodeconf.yml";
        loaded.state = config::NodeFileState::loaded;
        config::LoadedNetwork& network = loaded.networks.emplace_back();
        network.ref.directory = "prod";
        network.ref.node_id = id("a");
        network.network = *NetworkId::parse("prod");
        network.self_listed = true;
        network.own_key.emplace();
        network.folder.emplace();
        network.folder->config.network_id = *network.network;
        for (const char* name : {"a", "b"}) {
            config::Peer peer;
            peer.node_id = id(name);
            peer.url = fmt_url(name);
            peer.url_state = UrlState::usable;
            network.folder->config.peers.push_back(peer);
            network.folder->keys.push_back({id(name), std::string("pubkeys/") + name + ".pub", key, "", std::nullopt});
            mesh::NodeView node;
            node.id = id(name);
            node.url = peer.url;
            node.roster_hash = wire::RosterHash{};
            node.software_version = "1.0.0";
            nodes.push_back(node);
        }
        mesh::LinkView& link = nodes[1].link.emplace();
        link.dials = link.dialed_by = true;
        link.status = mesh::Status::up;
        link.last_success_ago = link.last_heard_ago = 1s;
        link.clock_offset = 100ms;
        link.clock_error = 1ms;
        view.emplace();
        view->id = *network.network;
        view->self = id("a");
        view->nodes = view->seen = 2;
        view->has_quorum = true;
    }

    static std::string fmt_url(const std::string& name) { return "http://" + name + ":8000"; }
    config::LoadedNetwork& network() { return loaded.networks.front(); }

    api::Setup find(Running running = Running::yes) {
        Facts facts;
        facts.loaded = &loaded;
        NetworkFacts& entry = facts.networks.emplace_back();
        entry.loaded = &network();
        if (pull) entry.pull = &*pull;
        if (running == Running::yes) {
            entry.view = view;
            entry.nodes = nodes;
        }
        return find_setup(facts, probes, running);
    }

    /// The step of peer b.
    SetupStep step(std::string_view name, Running running = Running::yes) {
        const api::Setup setup = find(running);
        const auto& steps = setup.networks.at(0).peers.at(0).steps;
        const auto found = std::ranges::find(steps, name, &SetupStep::name);
        EXPECT_NE(found, steps.end()) << name;
        return found == steps.end() ? SetupStep{} : *found;
    }

    void fails(mesh::Reason reason, std::string detail) {
        mesh::LinkView& link = *nodes[1].link;
        link.status = mesh::Status::unknown;
        link.reason = reason;
        link.detail = std::move(detail);
        link.last_heard_ago.reset();
    }

    crypto::PublicKey key = crypto::generate_key_pair().public_key;
    config::Loaded loaded;
    std::optional<mesh::NetworkView> view;
    std::vector<mesh::NodeView> nodes;
    PeerProbes probes;
    std::optional<PullState> pull;
};

TEST_F(SetupList, IsCompleteWhereAllIsWell) {
    const api::Setup setup = find();
    for (const SetupStep& each : setup.networks.at(0).peers.at(0).steps) EXPECT_EQ(each.state, StepState::done) << each.name;
    EXPECT_TRUE(is_complete(setup));
}

TEST_F(SetupList, LetsWaitWhatDependsOnAFailureAndNothingElse) {
    fails(mesh::Reason::connect, "connection refused by 10.0.0.2:8000");
    EXPECT_EQ(step("resolves").state, StepState::done);
    EXPECT_EQ(step("connects").state, StepState::failed);
    EXPECT_THAT(step("connects").detail, HasSubstr("connection refused by 10.0.0.2:8000"));
    EXPECT_EQ(step("connects").host, id("b"));
    EXPECT_EQ(step("key_present").state, StepState::done);
    EXPECT_EQ(step("key_matches").state, StepState::waiting);
    EXPECT_THAT(step("key_matches").detail, HasSubstr("connects"));
    EXPECT_EQ(step("sees_us").state, StepState::waiting);
    EXPECT_FALSE(is_complete(find()));
}

TEST_F(SetupList, NamesTheStepForEachReasonOfALink) {
    const std::vector<std::pair<mesh::Reason, std::string_view>> all = {{mesh::Reason::dns, "resolves"},
                                                                        {mesh::Reason::connect, "connects"},
                                                                        {mesh::Reason::timeout, "connects"},
                                                                        {mesh::Reason::tls, "connects"},
                                                                        {mesh::Reason::http, "key_matches"},
                                                                        {mesh::Reason::refused_by_peer, "key_matches"},
                                                                        {mesh::Reason::key_mismatch, "key_matches"},
                                                                        {mesh::Reason::wrong_network, "same_network"},
                                                                        {mesh::Reason::version_mismatch, "version"}};
    for (const auto& [reason, name] : all) {
        fails(reason, "detail");
        const auto setup = find();
        const auto& steps = setup.networks.at(0).peers.at(0).steps;
        EXPECT_EQ(step(name).state, StepState::failed) << name;
        EXPECT_FALSE(step(name).remedy.empty()) << name;
        EXPECT_TRUE(step(name).host.has_value()) << name;
        EXPECT_EQ(std::ranges::count(steps, StepState::failed, &SetupStep::state), 1) << mesh::to_string(reason);
    }
}

TEST_F(SetupList, OffersTheKeyOfAPeerWithoutOne) {
    network().folder->keys[1].key.reset();
    fails(mesh::Reason::key_missing, "");
    nodes[1].link->last_success_ago.reset();
    EXPECT_EQ(step("key_present").state, StepState::failed);
    EXPECT_EQ(step("connects").state, StepState::waiting) << "nobody tried yet";
    probes[{"prod", id("b")}] = {.failure = {}, .detail = "", .status = 200, .offered = key, .took = 3ms};
    EXPECT_EQ(step("connects").state, StepState::done) << "this much needs no key";
    EXPECT_THAT(step("key_present").remedy, HasSubstr("meshmon key fetch b --network prod --confirm " +
                                                      crypto::fingerprint(key).words() + " --config-dir /etc/meshmon"));
    EXPECT_EQ(step("key_matches").state, StepState::waiting);
}

TEST_F(SetupList, NeedsNoWayToANodeThatDialsUs) {
    network().folder->config.peers[1].url_state = UrlState::none;
    nodes[1].link->dials = false;
    EXPECT_EQ(step("url_set").state, StepState::not_needed);
    EXPECT_EQ(step("connects").state, StepState::not_needed);
    EXPECT_EQ(step("key_matches").state, StepState::done);
    EXPECT_TRUE(is_complete(find()));
}

TEST_F(SetupList, WaitsForTheOwnEntryWhereThisNodeIsNotListed) {
    network().self_listed = false;
    fails(mesh::Reason::not_listed, "");
    nodes[1].link->dials = false;
    EXPECT_EQ(find().networks.at(0).steps.at(2).state, StepState::failed);
    EXPECT_EQ(step("resolves").state, StepState::waiting);
    EXPECT_EQ(step("resolves").detail, "for this node's own entry in `node_config:`");
    EXPECT_EQ(step("key_matches").detail, "for `connects`");
}

TEST_F(SetupList, SaysThatAPeerDoesNotReachUs) {
    mesh::Testimony says;
    says.observer = id("b");
    says.says = mesh::Status::down;
    says.reason = mesh::Reason::timeout;
    nodes[0].evidence.testimonies.push_back(says);
    EXPECT_EQ(step("sees_us").state, StepState::failed);
    EXPECT_EQ(step("sees_us").host, id("a"));
    EXPECT_THAT(step("sees_us").detail, HasSubstr("by config.yml here its url is http://a:8000"));
    EXPECT_THAT(step("sees_us").remedy, HasSubstr("on every node, that of b as well"));
}

TEST_F(SetupList, ShowsOtherConfigurationsAndClocks) {
    nodes[1].roster_hash = wire::RosterHash{1};
    nodes[1].link->clock_offset = 5s;
    EXPECT_EQ(step("same_config").state, StepState::failed);
    EXPECT_EQ(step("clock").state, StepState::failed);
    EXPECT_EQ(step("sees_us").state, StepState::done);
}

TEST_F(SetupList, TellsOtherSettingsFromOtherKeys) {
    view->config_revision = nodes[1].config_revision = "9f3c2a1";
    EXPECT_EQ(step("same_config").state, StepState::done);
    nodes[1].config_revision = "81aa0c2";
    EXPECT_EQ(step("same_config").state, StepState::failed) << "a url in config.yml may be another one there";
    EXPECT_EQ(step("same_config").detail, "it has other settings than this node: it runs 81aa0c2, this node 9f3c2a1");
    EXPECT_THAT(step("same_config").remedy, HasSubstr("`meshmon config diff a b --network prod`"));
    nodes[1].roster_hash = wire::RosterHash{1};
    EXPECT_EQ(step("same_config").detail, "it has other nodes or keys than this node: it runs 81aa0c2, this node 9f3c2a1");
    nodes[1].config_revision = "9f3c2a1";
    EXPECT_EQ(step("same_config").detail, "it has other keys than this node, for some node or none: both run 9f3c2a1");
}

TEST_F(SetupList, NamesThePlaceOfAUrlWhosePortMayBeWrong) {
    network().folder->config.peers[1].place = {"config.yml", 6, 5};
    fails(mesh::Reason::connect, "connection refused by 10.0.0.2:8080");
    EXPECT_THAT(step("connects").remedy, HasSubstr("is the port of its url (config.yml:6) the one that it listens on"));
}

TEST_F(SetupList, IsNotCompleteWhileThisHostsClockIsWrong) {
    for (const std::size_t i : {1UL, 2UL}) {
        if (i == 2) {
            config::Peer peer = network().folder->config.peers[1];
            peer.node_id = id("c");
            network().folder->config.peers.push_back(peer);
            network().folder->keys.push_back({id("c"), "pubkeys/c.pub", key, "", std::nullopt});
            nodes.push_back(nodes[1]);
            nodes[2].id = id("c");
        }
        nodes[i].link->clock_offset = -1h;
    }
    EXPECT_EQ(step("clock").state, StepState::failed);
    EXPECT_EQ(step("clock").host, id("a"));
    EXPECT_THAT(step("clock").remedy, HasSubstr("on this host"));
    nodes[1].link->clock_offset = nodes[2].link->clock_offset = 100ms;
    EXPECT_EQ(step("clock").state, StepState::done);
}

TEST_F(SetupList, SaysWhyTheRepositoryIsStillAwaited) {
    network().folder.reset();
    network().waiting = config::Waiting::awaiting_repository;
    network().reason = "no commit is here yet";
    const auto config = [this] { return find().networks.at(0).steps.at(0); };
    EXPECT_EQ(config().state, StepState::waiting);
    pull.emplace().failed = fail("repo.credentials", "h does not let this node in", "put a token there");
    EXPECT_EQ(config().state, StepState::failed);
    EXPECT_EQ(config().detail, "h does not let this node in");
    EXPECT_EQ(config().remedy, "put a token there");
}

TEST_F(SetupList, IsNotCompleteWhileTheNewestCommitDoesNotRun) {
    const auto config = [this] { return find().networks.at(0).steps.at(0); };
    EXPECT_EQ(config().state, StepState::done);
    pull.emplace().failed = fail("repo.unreachable", "h does not answer", "is it up?");
    EXPECT_EQ(config().state, StepState::failed);
    EXPECT_EQ(config().remedy, "is it up?");
    pull.emplace().refused = fail("repo.link", "config.yml is a symbolic link", "commit the file itself");
    EXPECT_EQ(config().detail, "config.yml is a symbolic link");
}

TEST_F(SetupList, KnowsWithoutADaemonWhatAProbeShows) {
    EXPECT_EQ(step("connects", Running::no).state, StepState::waiting);
    const crypto::PublicKey other = crypto::generate_key_pair().public_key;
    probes[{"prod", id("b")}] = {.failure = {}, .detail = "", .status = 200, .offered = other, .took = 3ms};
    EXPECT_EQ(step("key_matches", Running::no).state, StepState::failed);
    EXPECT_THAT(step("key_matches", Running::no).detail, HasSubstr(crypto::fingerprint(other).text()));
    probes[{"prod", id("b")}].offered = key;
    EXPECT_EQ(step("key_matches", Running::no).state, StepState::done);
    EXPECT_EQ(step("same_network", Running::no).state, StepState::done);
    EXPECT_THAT(step("version", Running::no).detail, HasSubstr("meshmon run --config-dir /etc/meshmon"));
    probes[{"prod", id("b")}] = {.failure = net::Failure::dns, .detail = "no such name", .status = 0, .offered = {}, .took = {}};
    EXPECT_EQ(step("resolves", Running::no).state, StepState::failed);
    probes[{"prod", id("b")}] = {.failure = {}, .detail = "", .status = 404, .offered = {}, .took = {}};
    EXPECT_EQ(step("same_network", Running::no).state, StepState::failed);
}

TEST_F(SetupList, BeginsWithTheNodeFile) {
    loaded.state = config::NodeFileState::missing;
    loaded.networks.clear();
    Facts facts;
    facts.loaded = &loaded;
    const api::Setup setup = find_setup(facts, {}, Running::yes);
    ASSERT_FALSE(setup.steps.empty());
    EXPECT_EQ(setup.steps.front().state, StepState::failed);
    EXPECT_THAT(setup.steps.front().remedy, HasSubstr("meshmon init"));
}

TEST(ReadProbe, TakesAKeyOrSaysWhyNot) {
    net::ClientResult result;
    result.outcome = net::Outcome::failed;
    result.failure = net::Failure::connect;
    result.detail = "connection refused";
    EXPECT_EQ(read_probe(result).failure, net::Failure::connect);
    result.outcome = net::Outcome::answered;
    result.response.status = 200;
    result.response.body = "<html>";
    EXPECT_FALSE(read_probe(result).offered);
    const crypto::PublicKey key = crypto::generate_key_pair().public_key;
    result.response.body = crypto::to_pem(key);
    EXPECT_EQ(read_probe(result).offered, key);
}

}  // namespace
}  // namespace meshmon::node
