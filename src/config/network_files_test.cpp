#include "config/network_files.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "config/folder_for_tests.hpp"
#include "config/load.hpp"
#include "crypto/crypto.hpp"
#include "crypto/keys.hpp"
#include "crypto/pem.hpp"

namespace meshmon::config {
namespace {

constexpr std::string_view kConfig = "network_id: mesh\nnode_config:\n  - {node_id: fra-1, url: 'http://a'}\n";

TEST(Commit, IsShownShortAndSafe) {
    EXPECT_EQ((Commit{.id = "9f3c2a1b00", .branch = "main", .time = {}, .subject = {}}).text(), "main@9f3c2a1");
    EXPECT_EQ((Commit{.id = "9f3c2a1b00", .branch = "a\x1b[31m", .time = {}, .subject = {}}).text(), "a?[31m@9f3c2a1");
    EXPECT_EQ((Commit{.id = "9f3c2a1b00", .branch = {}, .time = {}, .subject = {}}).text(), "9f3c2a1");
}

TEST(NetworkFiles, AreToldApartByContentNotByCommit) {
    NetworkFiles files{.config = "a", .keys = {{"b.pub", "c"}}, .commit = {}};
    const std::string revision = files.revision();
    EXPECT_EQ(revision.size(), 12U);
    files.commit = Commit{.id = "12", .branch = {}, .time = {}, .subject = {}};
    EXPECT_EQ(files.revision(), revision);
    files.keys = {{"b.pu", "bc"}};
    EXPECT_NE(files.revision(), revision);
    files.keys = {};
    EXPECT_NE(files.revision(), revision);
    files.config.reset();
    EXPECT_NE(files.revision(), NetworkFiles({.config = "", .keys = {}, .commit = {}}).revision());
}

class GivenFiles : public testing::Test {
protected:
    GivenFiles() {
        folder.write("nodeconf.yml",
                     "networks:\n  - {directory: prod, node_id: fra-1, config_type: git, git_repo: 'https://h/x'}\n");
        files.config = kConfig;
        files.commit = Commit{.id = "9f3c2a1b00", .branch = "main", .time = {}, .subject = "first"};
    }
    [[nodiscard]] Loaded load() const {
        return config::load({.config_dir = folder.path(),
                             .node_file = "nodeconf.yml",
                             .mode = LoadMode::run,
                             .version = {},
                             .files = {{"prod", std::make_shared<const NetworkFiles>(files)}}});
    }

    TestFolder folder;
    NetworkFiles files;
};

TEST_F(GivenFiles, AreLoadedInPlaceOfTheFolder) {
    folder.write("networks/prod/config.yml", "not: [what\nis: given");
    folder.write("networks/prod/pubkeys/fra-1.pub", "nor this");
    const Loaded loaded = load();
    const LoadedNetwork& network = loaded.networks[0];
    EXPECT_TRUE(network.loaded()) << network.reason;
    EXPECT_EQ(network.network->str(), "mesh");
    EXPECT_EQ(network.commit->text(), "main@9f3c2a1");
    EXPECT_FALSE(network.folder->keys[0].key) << "the repository has none yet";
    EXPECT_TRUE(folder.has(".public_keys/prod/fra-1.pub"));
}

TEST_F(GivenFiles, BringTheKeys) {
    const std::string own = crypto::to_pem(load().networks[0].own_key->public_key);
    files.keys["fra-1.pub"] = own;
    EXPECT_TRUE(load().networks[0].folder->keys[0].key);
    files.keys["fra-1.pub"] = std::string(crypto::kPemBytesMax + 1, 'x');
    EXPECT_EQ(codes(load().all()), "W111");
    files.keys["fra-1.pub"] = own;
    files.keys["gone.pub"] = "x";
    EXPECT_EQ(codes(load().all()), "N202");
}

TEST_F(GivenFiles, ThatLackAKeyAreMendedInTheRepository) {
    files.config = "network_id: mesh\nnode_config:\n  - {node_id: fra-1, url: null}\n  - {node_id: nyc-1, url: null}\n";
    const auto findings = load().all();
    ASSERT_EQ(codes(findings), "W104");
    EXPECT_EQ(
        findings[0].hint,
        "on the host of nyc-1 run: meshmon key show --network mesh; put its output into pubkeys/nyc-1.pub of the repository");
}

TEST_F(GivenFiles, OfAnotherKeyStopTheNetwork) {
    files.keys["fra-1.pub"] = crypto::to_pem(crypto::generate_key_pair().public_key);
    const Loaded loaded = load();
    EXPECT_EQ(loaded.networks[0].waiting, Waiting::key_mismatch);
    EXPECT_NE(
        folder.relative(loaded.networks[0].hint)
            .find("or replace the public key in the repository: commit .public_keys/prod/fra-1.pub there as pubkeys/fra-1.pub"),
        std::string::npos)
        << loaded.networks[0].hint;
}

TEST_F(GivenFiles, AreSaidToLackAConfig) {
    files.config.reset();
    const Loaded loaded = load();
    EXPECT_EQ(loaded.networks[0].waiting, Waiting::config_invalid);
    EXPECT_EQ(codes(loaded.all()), "E038");
    EXPECT_EQ(loaded.networks[0].reason, "there is no config.yml at main@9f3c2a1 in the network's files");
    files.config = std::string(3 * 1024 * 1024, '#');
    EXPECT_EQ(codes(load().all()), "E003");
}

}  // namespace
}  // namespace meshmon::config
