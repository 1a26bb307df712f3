#include "config/good_copies.hpp"

#include <gtest/gtest.h>

#include <string>

#include "config/folder_for_tests.hpp"
#include "crypto/keys.hpp"
#include "crypto/pem.hpp"

namespace meshmon::config {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNodeFile = "networks:\n  - {directory: prod, node_id: a}\n";
constexpr std::string_view kNetwork =
    "network_id: mesh\nnode_config:\n  - {node_id: a, url: 'http://a'}\n  - {node_id: b, url: 'http://b'}\n";

/// A node that loaded once and keeps copies, as the daemon does it.
class Good : public testing::Test {
protected:
    Good() {
        folder.write("nodeconf.yml", kNodeFile);
        folder.write("networks/prod/config.yml", kNetwork);
        folder.write("networks/prod/pubkeys/b.pub", crypto::to_pem(b));
        copies = good_copies_of(load(), {});
    }
    [[nodiscard]] Loaded load(bool runs = false) const {
        return config::load(
            {.config_dir = folder.path(),
             .node_file = "nodeconf.yml",
             .mode = LoadMode::run,
             .good = copies,
             .running = runs ? std::map<std::string, NodeId>{{"prod", *NodeId::parse("a")}} : std::map<std::string, NodeId>{}});
    }
    void take(const Loaded& loaded) { copies = good_copies_of(loaded, copies); }

    TestFolder folder;
    crypto::PublicKey b = crypto::generate_key_pair().public_key;
    GoodCopies copies;
};

TEST_F(Good, CopiesComeBackFromTheDisk) {
    const fs::path data = folder.path() / ".data";
    copies.networks["git"] = std::make_shared<const NetworkFiles>(NetworkFiles{
        .config = std::string("binary \0 too", 12),
        .keys = {{"x.pub", ""}},
        .commit = Commit{.id = "9f3c", .branch = "main", .time = WallTime(std::chrono::seconds(77)), .subject = "add x"}});
    ASSERT_TRUE(save_good_copies(data, copies, {}));
    const KeptCopies kept = load_good_copies(data);
    EXPECT_TRUE(kept.warnings.empty());
    EXPECT_EQ(kept.copies.node_file, kNodeFile);
    ASSERT_EQ(kept.copies.networks.size(), 2U);
    for (const auto& [directory, files] : copies.networks) EXPECT_EQ(*kept.copies.networks.at(directory), *files);
    EXPECT_EQ(mode_of(data / "config/prod.network"), 0600U);
}

TEST_F(Good, CopiesThatAreDamagedCountAsAbsent) {
    const fs::path data = folder.path() / ".data";
    ASSERT_TRUE(save_good_copies(data, copies, {}));
    std::string bytes = folder.read(".data/config/prod.network");
    bytes.back() ^= 1;
    folder.write(".data/config/prod.network", bytes);
    folder.write(".data/config/node", "");
    const KeptCopies kept = load_good_copies(data);
    EXPECT_EQ(kept.warnings.size(), 2U);
    EXPECT_FALSE(kept.copies.node_file);
    EXPECT_TRUE(kept.copies.networks.empty());
}

TEST_F(Good, CopiesOfNetworksThatWereLeftAreRemoved) {
    const fs::path data = folder.path() / ".data";
    ASSERT_TRUE(save_good_copies(data, copies, {}));
    folder.write("nodeconf.yml", "networks: []\n");
    const GoodCopies now = good_copies_of(load(), copies);
    ASSERT_TRUE(save_good_copies(data, now, copies));
    EXPECT_TRUE(load_good_copies(data).copies.networks.empty());
    EXPECT_FALSE(folder.has(".data/config/prod.network"));
}

TEST_F(Good, CopyOfANetworkStandsInForABrokenOne) {
    folder.write("networks/prod/config.yml", "network_id: mesh\nnode_config: 5\n");
    const Loaded loaded = load();
    const LoadedNetwork& network = loaded.networks[0];
    ASSERT_TRUE(network.loaded());
    EXPECT_EQ(network.folder->config.peers.size(), 2U);
    EXPECT_EQ(network.folder->keys[1].key, b);
    ASSERT_TRUE(network.rejected);
    EXPECT_EQ(network.rejected->waiting, Waiting::config_invalid);
    EXPECT_EQ(codes(network.rejected->diagnostics), "E012");
    EXPECT_EQ(codes(loaded.all()), "E012") << "what is shown is the files' state, not the copy's";
    EXPECT_EQ(good_copies_of(loaded, copies).networks.at("prod"), copies.networks.at("prod"));
    folder.write("networks/prod/config.yml", kNetwork);
    EXPECT_FALSE(load().networks[0].rejected);
}

TEST_F(Good, CopyStandsInForAMissingFileAndNoExampleIsMade) {
    fs::remove(folder.path() / "networks/prod/config.yml");
    const Loaded loaded = load();
    ASSERT_TRUE(loaded.networks[0].rejected);
    EXPECT_EQ(codes(loaded.networks[0].rejected->diagnostics), "E039");
    EXPECT_FALSE(folder.has("networks/prod/config.yml"));
}

TEST_F(Good, CopyStandsInForAnotherOwnKeyInPubkeys) {
    folder.write("networks/prod/pubkeys/a.pub", crypto::to_pem(b));
    const LoadedNetwork network = load().networks[0];
    ASSERT_TRUE(network.rejected);
    EXPECT_EQ(network.rejected->waiting, Waiting::key_mismatch);
}

TEST_F(Good, CopyOfTheNodeFileStandsInWhileNetworksAreReadAnew) {
    folder.write("nodeconf.yml", "listen: 127.0.0.1:9000\nnetworks: what\n");
    folder.write("networks/prod/config.yml", "network_id: mesh\nnode_config:\n  - {node_id: a, url: 'http://a'}\n");
    const Loaded loaded = load();
    EXPECT_EQ(loaded.state, NodeFileState::invalid);
    EXPECT_TRUE(loaded.node_from_copy);
    EXPECT_EQ(*loaded.listen, "127.0.0.1:9000") << "what the file plainly says counts";
    ASSERT_EQ(loaded.networks.size(), 1U);
    EXPECT_FALSE(loaded.networks[0].rejected);
    EXPECT_EQ(loaded.networks[0].folder->config.peers.size(), 1U);
    EXPECT_EQ(good_copies_of(loaded, copies).node_file, kNodeFile);
    fs::remove(folder.path() / "nodeconf.yml");
    EXPECT_EQ(load().state, NodeFileState::missing);
    EXPECT_TRUE(load().node_from_copy);
}

TEST_F(Good, CopyKeepsTheKeyThatAPeerHadWhereItsFileBreaks) {
    folder.write("networks/prod/pubkeys/b.pub", "-----BEGIN PUBLIC");
    const Loaded loaded = load();
    const LoadedNetwork& network = loaded.networks[0];
    EXPECT_FALSE(network.rejected);
    EXPECT_EQ(network.folder->keys[1].key, b);
    EXPECT_FALSE(network.folder->keys[1].error.empty());
    EXPECT_EQ(codes(network.diagnostics), "W105");
    take(loaded);
    EXPECT_EQ(load().networks[0].folder->keys[1].key, b) << "the new copy holds it too";
}

TEST_F(Good, CopyDoesNotKeepAKeyThatWasRemovedOrTakenByAnother) {
    fs::remove(folder.path() / "networks/prod/pubkeys/b.pub");
    EXPECT_FALSE(load().networks[0].folder->keys[1].key) << "without a file there is no trust";
    folder.write("networks/prod/config.yml", std::string(kNetwork) + "  - {node_id: c, url: 'http://c'}\n");
    folder.write("networks/prod/pubkeys/b.pub", "broken");
    folder.write("networks/prod/pubkeys/c.pub", crypto::to_pem(b));
    const LoadedNetwork network = load().networks[0];
    EXPECT_FALSE(network.folder->keys[1].key);
    EXPECT_EQ(network.folder->keys[2].key, b);
}

TEST_F(Good, NoKeyIsMadeForANetworkThatRuns) {
    fs::remove(folder.path() / ".private_keys/prod/a.key");
    const Loaded loaded = load(true);
    EXPECT_TRUE(loaded.networks[0].loaded());
    EXPECT_FALSE(loaded.networks[0].own_key);
    EXPECT_EQ(codes(loaded.networks[0].diagnostics), "E050");
    EXPECT_TRUE(loaded.networks[0].diagnostics.back().hint.contains("from a backup"));
    EXPECT_FALSE(folder.has(".private_keys/prod/a.key"));
    fs::create_directory(folder.path() / ".private_keys/prod/a.key");
    EXPECT_EQ(load(true).networks[0].diagnostics.back().hint, "put the key file there");
}

}  // namespace
}  // namespace meshmon::config
