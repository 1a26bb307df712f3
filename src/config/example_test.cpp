#include "config/example.hpp"

#include <gtest/gtest.h>

#include <string>

#include "config/folder_for_tests.hpp"

namespace meshmon::config {
namespace {

NodeId node(std::string_view text) { return NodeId::parse(text).value(); }
NetworkId network(std::string_view text) { return NetworkId::parse(text).value(); }

TEST(Example, OfANetworkLoadsWithThePlaceholderAlone) {
    const std::string text = example_network_config(network("prod"), node("fra-1"));
    const Parsed<NetworkConfig> parsed = parse_network_config(text, "config.yml");
    EXPECT_EQ(codes(parsed.diagnostics), "W121");
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed.value->network_id, network("prod"));
    ASSERT_EQ(parsed.value->peers.size(), 1U);
    EXPECT_EQ(parsed.value->peers[0].node_id, node("fra-1"));
    EXPECT_EQ(parsed.value->peers[0].url_state, UrlState::placeholder);
    EXPECT_NE(text.find("    url: replace_me\n"), std::string::npos);
}

TEST(Example, OfANetworkTakesAUrl) {
    const auto parsed = parse_network_config(example_network_config(network("prod"), node("fra-1"), "http://10.0.0.1:8000"), "c");
    EXPECT_EQ(formatted(parsed.diagnostics), "");
    EXPECT_EQ(parsed.value->peers[0].url, "http://10.0.0.1:8000");
}

TEST(Example, LoadsWithNamesThatYamlTakesForSomethingElse) {
    for (const std::string_view name : {"null", "1", "1.0", "true", "no", "0x1"}) {
        const auto parsed = parse_network_config(example_network_config(network(name), node(name)), "c");
        ASSERT_TRUE(parsed.ok()) << formatted(parsed.diagnostics);
        EXPECT_EQ(parsed.value->network_id.str(), name);
        const auto own = parse_node_config(example_node_config(name, node(name)), "c");
        ASSERT_TRUE(own.ok()) << formatted(own.diagnostics);
        EXPECT_EQ(own.value->networks[0].directory, name);
        EXPECT_EQ(own.value->networks[0].node_id.str(), name);
    }
}

TEST(Example, OfANodeFileLoadsInEachMode) {
    for (const std::string_view directory : {"prod", "my network", "it's: #1", "@home"}) {
        const auto local = parse_node_config(example_node_config(directory, node("fra-1")), "c");
        EXPECT_EQ(formatted(local.diagnostics), "");
        EXPECT_EQ(local.value->networks[0].directory, directory);
        EXPECT_EQ(local.value->networks[0].type, ConfigType::local);
    }
    const auto git = parse_node_config(example_node_config("prod", node("fra-1"), "git@host:team/mesh.git"), "c");
    EXPECT_EQ(formatted(git.diagnostics), "");
    EXPECT_EQ(git.value->networks[0].git_repo, "git@host:team/mesh.git");
    EXPECT_EQ(codes(parse_node_config(example_node_config(), "c").diagnostics), "N205");
}

TEST(CreateNetworkExample, NeverOverwrites) {
    const TestFolder folder;
    NetworkRef ref;
    ref.directory = "My Network!";
    ref.node_id = node("fra-1");
    const auto created = create_network_example(folder.path(), ref);
    ASSERT_TRUE(created);
    EXPECT_EQ(*created, folder.path() / "networks/My Network!/config.yml");
    EXPECT_TRUE(folder.has("networks/My Network!/pubkeys"));
    const std::string text = folder.read("networks/My Network!/config.yml");
    EXPECT_EQ(parse_network_config(text, "c").value->network_id.str(), "my-network-");
    EXPECT_EQ(create_network_example(folder.path(), ref, "http://x").error().code, "config.exists");
    EXPECT_EQ(folder.read("networks/My Network!/config.yml"), text);
}

TEST(CreateNetworkExample, NamesANetworkWhateverTheFolderIsCalled) {
    for (const std::string_view directory : {"---", "\xC3\xA9", "_x", "UPPER"}) {
        const TestFolder folder;
        NetworkRef ref;
        ref.directory = directory;
        ref.node_id = node("n");
        const auto created = create_network_example(folder.path(), ref);
        ASSERT_TRUE(created);
        EXPECT_TRUE(parse_network_config(folder.read(created->lexically_relative(folder.path())), "c").ok()) << directory;
    }
}

TEST(CreateNodeFile, MakesTheFolderAndNeverOverwrites) {
    const TestFolder folder;
    ASSERT_TRUE(create_node_file(folder.path() / "config", "nodeconf.yml", "networks: []\n"));
    EXPECT_EQ(create_node_file(folder.path() / "config", "nodeconf.yml", "x").error().code, "config.exists");
    EXPECT_EQ(folder.read("config/nodeconf.yml"), "networks: []\n");
}

}  // namespace
}  // namespace meshmon::config
