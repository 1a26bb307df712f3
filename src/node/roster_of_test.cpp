#include "node/roster_of.hpp"

#include <gtest/gtest.h>

namespace meshmon::node {
namespace {

using namespace std::chrono_literals;

NodeId id(std::string_view text) { return *NodeId::parse(text); }

crypto::PublicKey key(std::uint8_t seed) {
    crypto::PublicKey out;
    out.bytes[0] = seed;
    return out;
}

void add(config::NetworkFolder& folder, std::string_view name, config::UrlState state, Duration poll,
         std::optional<crypto::PublicKey> public_key) {
    config::Peer peer;
    peer.node_id = id(name);
    peer.url_state = state;
    if (state == config::UrlState::usable) peer.url = "http://" + std::string(name) + ":8000";
    peer.poll_rate = poll;
    peer.retry = 5;
    folder.config.peers.push_back(peer);
    folder.keys.push_back({id(name), "", public_key, "", std::nullopt});
}

config::NetworkFolder folder() {
    config::NetworkFolder out;
    out.config.network_id = *NetworkId::parse("prod");
    out.config.revision = "9f3c2a1";
    add(out, "c", config::UrlState::placeholder, 1s, std::nullopt);
    add(out, "a", config::UrlState::usable, 2s, std::nullopt);
    add(out, "b", config::UrlState::usable, 3s, key(2));
    return out;
}

TEST(RosterOf, OrdersByIdAndKeepsKeysWithTheirNodes) {
    const mesh::Roster roster = roster_of(folder(), id("a"), key(9));
    ASSERT_EQ(roster.nodes.size(), 3u);
    EXPECT_EQ(roster.network.str(), "prod");
    EXPECT_EQ(roster.config_revision, "9f3c2a1");
    EXPECT_EQ(roster.nodes[0].id, id("a"));
    EXPECT_EQ(roster.nodes[0].key, key(9)) << "pubkeys/ may lack the own key in git mode";
    EXPECT_EQ(roster.nodes[1].key, key(2));
    EXPECT_EQ(roster.nodes[1].url, "http://b:8000");
    EXPECT_EQ(roster.nodes[1].retry, 5);
    EXPECT_FALSE(roster.nodes[2].key);
    EXPECT_EQ(roster.nodes[2].url_state, mesh::UrlState::placeholder);
}

TEST(RosterOf, MayLackTheNodeItself) {
    const mesh::Roster roster = roster_of(folder(), id("stranger"), key(9));
    EXPECT_EQ(roster.nodes.size(), 3u);
    EXPECT_EQ(roster.find(id("stranger")), nullptr);
}

TEST(ShortestPoll, CountsOnlyThoseThatAreDialled) {
    EXPECT_EQ(shortest_poll(roster_of(folder(), id("a"), key(9))), 3s) << "not a itself, and not c, whose URL is a placeholder";
    EXPECT_EQ(shortest_poll(mesh::Roster{}), 1s);
}

TEST(UnmetVersion, NamesTheFirstRangeThatDoesNotFit) {
    config::NetworkConfig config;
    EXPECT_FALSE(unmet_version(config, "1.0.0"));
    config.version_ranges = {">=0.2.0", "<2.0.0"};
    EXPECT_FALSE(unmet_version(config, "1.0.0"));
    EXPECT_EQ(unmet_version(config, "2.1.0"), "<2.0.0");
}

}  // namespace
}  // namespace meshmon::node
