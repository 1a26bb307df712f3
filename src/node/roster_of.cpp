#include "node/roster_of.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"
#include "node/problems.hpp"

namespace meshmon::node {
namespace {

mesh::UrlState state_of(config::UrlState state) {
    switch (state) {
        case config::UrlState::usable: return mesh::UrlState::usable;
        case config::UrlState::none: return mesh::UrlState::none;
        case config::UrlState::placeholder: return mesh::UrlState::placeholder;
    }
    return mesh::UrlState::none;
}

}  // namespace

mesh::Roster roster_of(const config::NetworkFolder& folder, const NodeId& self, const crypto::PublicKey& own_key) {
    MM_CHECK(folder.keys.size() == folder.config.peers.size(), "a loaded folder has one key entry per peer");
    mesh::Roster roster;
    roster.network = folder.config.network_id;
    roster.self = self;
    roster.config_revision = folder.config.revision;
    roster.nodes.reserve(folder.config.peers.size());
    for (std::size_t i = 0; i < folder.config.peers.size(); ++i) {
        const config::Peer& peer = folder.config.peers[i];
        mesh::RosterNode& node = roster.nodes.emplace_back();
        node.id = peer.node_id;
        node.key = folder.keys[i].key;
        node.previous = folder.keys[i].previous;
        if (peer.node_id == self && node.key != own_key && node.previous != own_key) {
            node.key = own_key;
            node.previous.reset();
        }
        node.url = peer.url;
        node.url_state = state_of(peer.url_state);
        node.poll_rate = peer.poll_rate;
        node.retry = peer.retry;
        node.allow = peer.allow;
        node.block = peer.block;
    }
    std::ranges::sort(roster.nodes, {}, &mesh::RosterNode::id);
    return roster;
}

std::string describe_changes(const mesh::Roster& before, const mesh::Roster& after) {
    std::vector<NodeId> added, removed, keys, rotations, ends, urls, settings;
    for (const mesh::RosterNode& node : after.nodes) {
        const mesh::RosterNode* was = before.find(node.id);
        if (was == nullptr) added.push_back(node.id);
        else if (node.previous && !was->previous && node.previous == was->key) rotations.push_back(node.id);
        else if (!node.previous && was->previous && node.key == was->key) ends.push_back(node.id);
        else if (was->key != node.key || was->previous != node.previous) keys.push_back(node.id);
        else if (was->url != node.url || was->url_state != node.url_state) urls.push_back(node.id);
        else if (*was != node) settings.push_back(node.id);
    }
    for (const mesh::RosterNode& node : before.nodes) {
        if (after.find(node.id) == nullptr) removed.push_back(node.id);
    }
    std::string out;
    const auto say = [&](std::string_view what, const std::vector<NodeId>& nodes) {
        if (!nodes.empty()) out += fmt::format("{}{} {}", out.empty() ? "" : "; ", what, list_names(nodes));
    };
    say("added", added);
    say("removed", removed);
    say("another key for", keys);
    say("a second key for", rotations);
    say("the new key alone for", ends);
    say("another URL for", urls);
    say("other settings for", settings);
    return out.empty() ? "nothing that the mesh looks at changed" : out;
}

Duration shortest_poll(const mesh::Roster& roster) {
    std::optional<Duration> shortest;
    for (const mesh::RosterNode& node : roster.nodes) {
        if (node.id != roster.self && mesh::Roster::dials(roster.self, node))
            shortest = std::min(shortest.value_or(node.poll_rate), node.poll_rate);
    }
    return shortest.value_or(std::chrono::seconds(1));
}

std::optional<std::string> unmet_version(const config::NetworkConfig& config, std::string_view version) {
    for (const std::string& range : config.version_ranges) {
        const Result<bool> fits = config::version_fits(version, range);
        if (!fits || !*fits) return range;
    }
    return std::nullopt;
}

}  // namespace meshmon::node
