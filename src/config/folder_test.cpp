#include "config/folder.hpp"

#include <gtest/gtest.h>

#include <string>

#include "config/folder_for_tests.hpp"
#include "config/public_keys.hpp"
#include "crypto/keys.hpp"
#include "crypto/pem.hpp"

namespace meshmon::config {
namespace {

namespace fs = std::filesystem;

std::string new_public_pem() { return crypto::to_pem(crypto::generate_key_pair().public_key); }

class Folder : public testing::Test {
protected:
    Folder() {
        ref.directory = "prod";
        ref.node_id = NodeId::parse("fra-1").value();
    }

    void write_config(std::string_view nodes) {
        folder.write("networks/prod/config.yml", "network_id: mesh\nnode_config:\n" + std::string(nodes));
    }
    void write_key(std::string_view name, std::string_view pem) {
        folder.write("networks/prod/pubkeys/" + std::string(name), pem);
    }
    [[nodiscard]] FolderResult load() const { return load_network_folder(folder.path(), ref); }
    [[nodiscard]] std::string findings(const FolderResult& result) const {
        return folder.relative(formatted(result.diagnostics));
    }

    static constexpr std::string_view kTwo = "  - {node_id: fra-1, url: 'http://a'}\n  - {node_id: nyc-1, url: 'http://b'}\n";

    TestFolder folder;
    NetworkRef ref;
};

TEST_F(Folder, LoadsConfigAndKeysInTheirOrder) {
    write_config(kTwo);
    const crypto::PublicKey nyc = crypto::generate_key_pair().public_key;
    const crypto::PublicKey fra = crypto::generate_key_pair().public_key;
    write_key("nyc-1.pub", crypto::to_pem(nyc));
    write_key("fra-1.pub", crypto::to_pem(fra));
    const FolderResult result = load();
    EXPECT_EQ(findings(result), "");
    ASSERT_TRUE(result.value);
    EXPECT_EQ(result.network, result.value->config.network_id);
    ASSERT_EQ(result.value->keys.size(), 2U);
    EXPECT_EQ(result.value->keys[0].key, fra);
    EXPECT_EQ(result.value->keys[1].key, nyc);
    EXPECT_EQ(result.value->keys[1].file, folder.path() / "networks/prod/pubkeys/nyc-1.pub");
}

TEST_F(Folder, RunsWithoutAPeersKeyAndSaysWhereItBelongs) {
    write_config(kTwo);
    const FolderResult result = load();
    ASSERT_TRUE(result.value);
    EXPECT_FALSE(result.value->keys[1].key);
    EXPECT_EQ(result.value->keys[1].error, "");
    const std::string file = (folder.path() / "networks/prod/pubkeys/nyc-1.pub").string();
    EXPECT_EQ(
        formatted(result.diagnostics),
        fs::path(file).parent_path().string() +
            ": warning[W104]: no public key for 'nyc-1' — it will be shown as \"key missing\"; the rest of the network works\n"
            "    hint: on the host of nyc-1 run: meshmon key show --network mesh; put its output here into " +
            file + "\n");
    EXPECT_EQ(codes(result.value->notes), "W104");
}

TEST_F(Folder, SaysNothingOfTheOwnKeyThatIsYetToCome) {
    write_config("  - {node_id: fra-1, url: null}\n");
    EXPECT_EQ(findings(load()), "");
}

TEST_F(Folder, TakesAnUnusableKeyForAMissingOne) {
    write_config(kTwo);
    for (const std::string& text :
         {std::string(), std::string("junk"), new_public_pem().substr(0, 60), std::string(20'000, 'x')}) {
        write_key("nyc-1.pub", text);
        const FolderResult result = load();
        ASSERT_TRUE(result.value);
        EXPECT_FALSE(result.value->keys[1].key);
        EXPECT_NE(result.value->keys[1].error, "");
        EXPECT_EQ(codes(result.diagnostics), "W105");
    }
    EXPECT_EQ(findings(load()),
              "networks/prod/pubkeys: warning[W105]: the public key of 'nyc-1' cannot be used: networks/prod/pubkeys/nyc-1.pub: "
              "networks/prod/pubkeys/nyc-1.pub has more than 16384 bytes\n"
              "    hint: is this the right file?\n");
}

TEST_F(Folder, SaysWhereTheKeyOfAPeerComesFromIfItsFileHoldsNone) {
    write_config(kTwo);
    for (const std::string_view text :
         {"junk", "ssh-ed25519 AAAA me@here", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}) {
        write_key("nyc-1.pub", text);
        const std::string found = findings(load());
        EXPECT_TRUE(found.contains("hint: replace it by the output of: meshmon key show --network mesh, on the host of nyc-1\n"))
            << found;
    }
}

TEST_F(Folder, IsLoudAboutAPrivateKeyAndDoesNotPrintIt) {
    write_config(kTwo);
    const crypto::KeyPair pair = crypto::generate_key_pair();
    const std::string pem = crypto::to_pem(pair.secret_key);
    write_key("nyc-1.pub", pem);
    const FolderResult result = load();
    ASSERT_TRUE(result.value);
    EXPECT_FALSE(result.value->keys[1].key);
    EXPECT_EQ(findings(result),
              "networks/prod/pubkeys: error[E060]: networks/prod/pubkeys/nyc-1.pub is no public key: it holds a private key, "
              "which everybody "
              "who reads this folder can take\n"
              "    hint: remove it here and from the history of the folder, and make a new key pair on that node\n");
    EXPECT_EQ(findings(result).find(pem.substr(30, 20)), std::string::npos);
    ref.type = ConfigType::git;
    EXPECT_TRUE(
        findings(load()).contains("hint: remove it from the repository and its history, and make a new key pair on the host "
                                  "of nyc-1: whoever can read the repository has this one\n"))
        << findings(load());
}

TEST_F(Folder, KnowsAKeyThatTwoNodesShare) {
    write_config(kTwo);
    const std::string pem = new_public_pem();
    write_key("fra-1.pub", pem);
    write_key("nyc-1.pub", pem);
    const FolderResult result = load();
    EXPECT_TRUE(result.value->keys[0].key);
    EXPECT_FALSE(result.value->keys[1].key);
    EXPECT_EQ(findings(result),
              "networks/prod/pubkeys: warning[W107]: nodes 'fra-1' and 'nyc-1' have one and the same key; 'nyc-1' counts as "
              "without one\n"
              "    hint: each node makes a key of its own: copy the right file here\n");
}

/// A file that names another node's key as the one before its own must not take it away from that node.
TEST_F(Folder, GivesAKeyToWhoHasItFirstInItsFileAndNotToWhoHasItSecond) {
    write_config(kTwo);
    const crypto::PublicKey shared = crypto::generate_key_pair().public_key;
    const std::string pem = crypto::to_pem(shared);
    for (const auto& [second, first] : {std::pair("fra-1", "nyc-1"), std::pair("nyc-1", "fra-1")}) {
        write_key(std::string(second) + ".pub", new_public_pem() + pem);
        write_key(std::string(first) + ".pub", pem);
        const FolderResult result = load();
        const bool earlier = std::string_view(first) == "fra-1";
        const PeerKey& with_first = result.value->keys[earlier ? 0 : 1];
        const PeerKey& with_second = result.value->keys[earlier ? 1 : 0];
        EXPECT_EQ(with_first.key, shared) << first;
        EXPECT_TRUE(with_second.key) << "its new one is its own";
        EXPECT_FALSE(with_second.previous) << second;
        const std::string loser = second;
        const std::string winner = first;
        EXPECT_EQ(findings(result), "networks/prod/pubkeys: warning[W107]: the second key in " + loser + ".pub is in " + winner +
                                        ".pub as well: it counts for '" + winner +
                                        "' alone\n    hint: each node makes a key of its own: on the host of " + loser +
                                        " run: meshmon key show --network mesh; put its output into " + loser + ".pub\n");
    }
}

TEST_F(Folder, GivesASecondKeyThatTwoFilesHaveToTheFirstListed) {
    write_config(kTwo);
    const std::string shared = new_public_pem();
    write_key("fra-1.pub", new_public_pem() + shared);
    write_key("nyc-1.pub", new_public_pem() + shared);
    const FolderResult result = load();
    EXPECT_TRUE(result.value->keys[0].previous);
    EXPECT_TRUE(result.value->keys[1].key);
    EXPECT_FALSE(result.value->keys[1].previous);
    EXPECT_EQ(codes(result.diagnostics), "N207 W107") << findings(result);
}

TEST_F(Folder, ReadsTwoKeysDuringARotation) {
    write_config("  - {node_id: fra-1, url: null}\n");
    const crypto::PublicKey fresh = crypto::generate_key_pair().public_key;
    const crypto::PublicKey old = crypto::generate_key_pair().public_key;
    write_key("fra-1.pub", crypto::to_pem(fresh) + crypto::to_pem(old));
    const FolderResult result = load();
    EXPECT_EQ(result.value->keys[0].key, fresh);
    EXPECT_EQ(result.value->keys[0].previous, old);
    EXPECT_EQ(findings(result),
              "networks/prod/pubkeys: note[N207]: fra-1.pub holds two keys, as during a rotation: both count until the first is "
              "used\n");
    write_key("fra-1.pub", crypto::to_pem(fresh) + crypto::to_pem(old) + crypto::to_pem(fresh));
    EXPECT_EQ(codes(load().diagnostics), "W105");
}

TEST_F(Folder, IgnoresKeysOfUnlistedNodesWithOneNote) {
    write_config("  - {node_id: fra-1, url: null}\n");
    write_key("fra-1.pub", new_public_pem());
    for (const char* name : {"old-1.pub", "old-2.pub", "README.md"}) write_key(name, "x");
    EXPECT_EQ(findings(load()),
              "networks/prod/pubkeys: note[N202]: 2 key files of nodes that node_config does not list: 'old-1.pub', 'old-2.pub'\n"
              "    hint: they are ignored: list the nodes, or remove the files\n");
    for (int i = 3; i < 10; ++i) write_key("old-" + std::to_string(i) + ".pub", "x");
    EXPECT_EQ(codes(load().diagnostics), "N202");
    EXPECT_NE(findings(load()).find("9 key files"), std::string::npos);
}

TEST_F(Folder, IgnoresWhatAKeyFileOfAnUnlistedNodeHolds) {
    write_config("  - {node_id: fra-1, url: null}\n");
    write_key("fra-1.pub", new_public_pem());
    const crypto::KeyPair pair = crypto::generate_key_pair();
    for (const std::string& text : {new_public_pem() + new_public_pem(), std::string("junk"), crypto::to_pem(pair.secret_key)}) {
        write_key("gone.pub", text);
        const FolderResult result = load();
        ASSERT_TRUE(result.value);
        EXPECT_EQ(codes(result.diagnostics), "N202") << text.substr(0, 40);
        EXPECT_EQ(result.value->keys.size(), 1U);
    }
}

TEST_F(Folder, RefusesLinksThatLeadOut) {
    write_config(kTwo);
    fs::create_directories(folder.path() / "networks/prod/pubkeys");
    fs::create_symlink(folder.write("outside.pub", new_public_pem()), folder.path() / "networks/prod/pubkeys/nyc-1.pub");
    const FolderResult result = load();
    EXPECT_FALSE(result.value->keys[1].key);
    EXPECT_EQ(codes(result.diagnostics), "W105");
    EXPECT_NE(findings(result).find("leads out of"), std::string::npos);
    fs::rename(folder.path() / "networks/prod/config.yml", folder.path() / "config.yml");
    fs::create_symlink(folder.path() / "config.yml", folder.path() / "networks/prod/config.yml");
    EXPECT_EQ(findings(load()),
              "networks/prod/config.yml: error[E015]: networks/prod/config.yml is a symbolic link that leads out of " +
                  (folder.path() / "networks/prod").string().substr(folder.path().string().size() + 1) +
                  "\n    hint: put the file itself there\n");
}

TEST_F(Folder, FollowsLinksInside) {
    // As a mounted ConfigMap looks: config.yml -> ..data/config.yml, ..data -> ..2026
    write_config(kTwo);
    const fs::path root = folder.path() / "networks/prod";
    fs::create_directory(root / "..2026");
    fs::rename(root / "config.yml", root / "..2026/config.yml");
    fs::create_directory_symlink("..2026", root / "..data");
    fs::create_symlink("..data/config.yml", root / "config.yml");
    EXPECT_TRUE(load().value);
}

TEST_F(Folder, SaysThatThereIsNoConfig) {
    const FolderResult result = load();
    EXPECT_TRUE(result.missing);
    EXPECT_FALSE(result.value);
    EXPECT_TRUE(result.diagnostics.empty());
}

TEST_F(Folder, KnowsTheNetworkOfAFileWithErrors) {
    write_config("  - {node_id: a b, url: null}\n");
    const FolderResult result = load();
    EXPECT_FALSE(result.value);
    EXPECT_EQ(result.network, NetworkId::parse("mesh").value());
    EXPECT_EQ(codes(result.diagnostics), "E020");
}

TEST_F(Folder, RefusesAConfigOf3MiBUnread) {
    folder.write("networks/prod/config.yml", std::string(3 * 1024 * 1024, '#'));
    EXPECT_EQ(findings(load()),
              "networks/prod/config.yml: error[E003]: networks/prod/config.yml has more than 2097152 bytes\n"
              "    hint: is this the right file?\n");
}

TEST_F(Folder, RefusesAConfigThatIsNoFile) {
    fs::create_directories(folder.path() / "networks/prod/config.yml");
    EXPECT_EQ(findings(load()),
              "networks/prod/config.yml: error[E002]: networks/prod/config.yml is a folder\n    hint: put a file there\n");
}

TEST(FindNotListed, NamesTheLineToAdd) {
    const NetworkConfig config =
        parse_network_config("network_id: n\nnode_config:\n  - {node_id: a, url: null}\n", "c/config.yml").value.value();
    NetworkRef ref;
    ref.node_id = NodeId::parse("a").value();
    EXPECT_FALSE(find_not_listed(config, ref));
    ref.node_id = NodeId::parse("b").value();
    EXPECT_EQ(format(find_not_listed(config, ref).value()),
              "c/config.yml:2:1: warning[W101]: this node, 'b', is not in node_config: it dials and accuses nobody\n"
              "    hint: add the line on every node: - {node_id: b, url: https://b.example.com:8000}\n");
    ref.type = ConfigType::git;
    EXPECT_EQ(find_not_listed(config, ref)->hint,
              "add the line to config.yml in the repository: - {node_id: b, url: https://b.example.com:8000}");
}

}  // namespace
}  // namespace meshmon::config
