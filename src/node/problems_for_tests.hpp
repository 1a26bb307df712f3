#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "node/problems.hpp"

namespace meshmon::node {

inline NodeId id(std::string_view text) { return *NodeId::parse(text); }
inline NetworkId network_id(std::string_view text) { return *NetworkId::parse(text); }

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
        peer.url_state = config::UrlState::usable;
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

    std::vector<api::Problem> find() {
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

    api::Problem only() {
        const auto found = find();
        EXPECT_EQ(found.size(), 1u);
        return found.empty() ? api::Problem{} : found.front();
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
    WallTime now_ = WallTime(std::chrono::seconds(1000));
};

}  // namespace meshmon::node
