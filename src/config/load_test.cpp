#include "config/load.hpp"

#include <gtest/gtest.h>

#include <string>

#include "config/folder_for_tests.hpp"
#include "crypto/keys.hpp"
#include "crypto/pem.hpp"

namespace meshmon::config {
namespace {

namespace fs = std::filesystem;

class Load : public testing::Test {
protected:
    [[nodiscard]] Loaded load(LoadMode mode = LoadMode::run) const {
        return config::load({.config_dir = folder.path(), .node_file = "nodeconf.yml", .mode = mode});
    }
    [[nodiscard]] std::string findings(const Loaded& loaded) const { return folder.relative(formatted(loaded.all())); }

    void write_node_file(std::string_view networks = "  - {directory: prod, node_id: fra-1}\n") {
        folder.write("nodeconf.yml", "networks:\n" + std::string(networks));
    }
    void write_network(std::string_view nodes = "  - {node_id: fra-1, url: 'http://a'}\n", std::string_view directory = "prod",
                       std::string_view id = "mesh") {
        folder.write("networks/" + std::string(directory) + "/config.yml",
                     "network_id: " + std::string(id) + "\nnode_config:\n" + std::string(nodes));
    }

    /// Every file and folder here, to see whether anything was changed.
    [[nodiscard]] std::string everything() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
            names.push_back(entry.path().string() + (entry.is_regular_file() ? "=" + folder.read(entry.path()) : ""));
        }
        std::ranges::sort(names);
        std::string out;
        for (const std::string& name : names) out += name + "\n";
        return out;
    }

    TestFolder folder;
};

TEST_F(Load, SaysThatThereIsNoNodeFileYet) {
    const Loaded loaded = load();
    EXPECT_EQ(loaded.state, NodeFileState::missing);
    EXPECT_EQ(loaded.data_dir, folder.path() / ".data");
    EXPECT_EQ(findings(loaded),
              "nodeconf.yml: error[E001]: there is no node file yet\n"
              "    hint: meshmon init --network NETWORK --node-id NAME makes one\n");
    EXPECT_EQ(everything(), "");
}

TEST_F(Load, DoesNotLoadAnInvalidNodeFile) {
    write_node_file("  - {directory: prod}\n");
    const Loaded loaded = load();
    EXPECT_EQ(loaded.state, NodeFileState::invalid);
    EXPECT_EQ(codes(loaded.all()), "E013");
    EXPECT_TRUE(loaded.networks.empty());
    fs::remove(folder.path() / "nodeconf.yml");
    fs::create_directory(folder.path() / "nodeconf.yml");
    EXPECT_EQ(codes(load().all()), "E002");
    fs::remove(folder.path() / "nodeconf.yml");
    folder.write("nodeconf.yml", std::string(3 * 1024 * 1024, '#'));
    EXPECT_EQ(codes(load().all()), "E003");
}

TEST_F(Load, MakesKeysExampleAndPublicKeyAtTheFirstStart) {
    write_node_file();
    const Loaded loaded = load();
    ASSERT_EQ(loaded.networks.size(), 1U);
    const LoadedNetwork& network = loaded.networks[0];
    EXPECT_TRUE(network.loaded()) << network.reason;
    EXPECT_TRUE(network.example_created);
    EXPECT_TRUE(network.self_listed);
    ASSERT_TRUE(network.own_key);
    EXPECT_TRUE(network.own_key->generated);
    EXPECT_EQ(network.network->str(), "prod");
    EXPECT_EQ(network.folder->keys[0].key, network.own_key->public_key);
    EXPECT_EQ(codes(loaded.all()), "W121");
    // The second start changes nothing.
    const std::string before = everything();
    const Loaded again = load();
    EXPECT_TRUE(again.networks[0].loaded());
    EXPECT_FALSE(again.networks[0].example_created);
    EXPECT_EQ(everything(), before);
}

TEST_F(Load, WritesNothingInCheckMode) {
    write_node_file();
    const std::string before = everything();
    const Loaded loaded = load(LoadMode::check);
    EXPECT_EQ(everything(), before);
    EXPECT_EQ(findings(loaded),
              ".private_keys/prod/fra-1.key: note[N206]: there is no key pair yet; the next start makes one\n"
              "networks/prod/config.yml: note[N203]: there is no config.yml yet; the next start makes an example to fill in\n");
    EXPECT_FALSE(loaded.networks[0].loaded());
}

TEST_F(Load, LeavesPermissionsAloneInCheckMode) {
    write_node_file();
    ASSERT_TRUE(load().networks[0].loaded());
    fs::permissions(folder.path() / ".private_keys/prod/fra-1.key", fs::perms(0644));
    EXPECT_EQ(codes(load(LoadMode::check).all()), "W110 W121");
    EXPECT_EQ(mode_of(folder.path() / ".private_keys/prod/fra-1.key"), 0644U);
    EXPECT_EQ(codes(load().all()), "W110 W121");
    EXPECT_EQ(mode_of(folder.path() / ".private_keys/prod/fra-1.key"), 0600U);
    EXPECT_EQ(codes(load().all()), "W121");
}

TEST_F(Load, LetsANetworkWithAnInvalidConfigWait) {
    write_node_file("  - {directory: prod, node_id: fra-1}\n  - {directory: other, node_id: fra-1}\n");
    write_network("  - {node_id: fra-1, url: nonsense}\n");
    write_network("  - {node_id: fra-1, url: null}\n", "other", "second");
    const Loaded loaded = load();
    const LoadedNetwork& network = loaded.networks[0];
    EXPECT_EQ(network.waiting, Waiting::config_invalid);
    EXPECT_EQ(folder.relative(network.reason),
              "networks/prod/config.yml:3:27: 'nonsense' is no usable URL: http:// or https:// is missing");
    EXPECT_EQ(network.hint, "meshmon check shows every finding");
    EXPECT_FALSE(network.folder);
    EXPECT_EQ(network.network->str(), "mesh");
    ASSERT_TRUE(network.own_key) << "the key is made before anything else is needed";
    EXPECT_TRUE(folder.has("networks/prod/pubkeys/fra-1.pub"));
    EXPECT_TRUE(loaded.networks[1].loaded()) << "the other network does not care";
}

TEST_F(Load, RefusesTwoDirectoriesWithOneNetwork) {
    write_node_file("  - {directory: prod, node_id: fra-1}\n  - {directory: copy, node_id: fra-1}\n");
    write_network();
    write_network("  - {node_id: fra-1, url: null}\n", "copy");
    const Loaded loaded = load();
    EXPECT_TRUE(loaded.networks[0].loaded());
    EXPECT_EQ(loaded.networks[1].waiting, Waiting::config_invalid);
    EXPECT_FALSE(loaded.networks[1].folder);
    EXPECT_EQ(findings(loaded),
              "networks/copy/config.yml: error[E034]: network_id 'mesh' is that of directory 'prod' already\n"
              "    hint: remove one of the two from networks:, or give this one an id of its own\n");
}

TEST_F(Load, StopsANetworkWhoseOwnPublicKeyIsAnother) {
    write_node_file();
    write_network();
    const std::string other = crypto::to_pem(crypto::generate_key_pair().public_key);
    folder.write("networks/prod/pubkeys/fra-1.pub", other);
    for (const LoadMode mode : {LoadMode::run, LoadMode::check}) {
        const Loaded loaded = load(mode);
        EXPECT_EQ(loaded.networks[0].waiting, Waiting::key_mismatch);
        EXPECT_TRUE(
            findings(loaded).starts_with("networks/prod/pubkeys/fra-1.pub: error[E051]: networks/prod/pubkeys/fra-1.pub holds "
                                         "another key for this node: SHA256:"))
            << findings(loaded);
        EXPECT_EQ(loaded.networks[0].reason, loaded.all()[0].text);
        EXPECT_EQ(folder.read("networks/prod/pubkeys/fra-1.pub"), other);
    }
}

TEST_F(Load, NeverReplacesABrokenPrivateKey) {
    write_node_file();
    write_network();
    folder.write(".private_keys/prod/fra-1.key", "half");
    const Loaded loaded = load();
    EXPECT_EQ(loaded.networks[0].waiting, Waiting::key_unusable);
    EXPECT_FALSE(loaded.networks[0].own_key);
    EXPECT_EQ(
        findings(loaded),
        ".private_keys/prod/fra-1.key: error[E050]: the private key .private_keys/prod/fra-1.key cannot be used: no PEM block: "
        "there is no line -----BEGIN ...-----; it is left as it is\n"
        "    hint: restore it from a backup; if there is none: mv .private_keys/prod/fra-1.key "
        ".private_keys/prod/fra-1.key.broken, start "
        "again, and hand out the new public key\n");
    EXPECT_EQ(folder.read(".private_keys/prod/fra-1.key"), "half");
}

TEST_F(Load, NamesTheCommandForAConfigFolderOfAnotherUser) {
    write_node_file();
    chmod(folder.path().c_str(), 0555);
    const std::string out = as_ordinary_user([this] {
        const Loaded loaded = load();
        return std::to_string(static_cast<int>(loaded.networks[0].waiting)) + " " + findings(loaded);
    });
    chmod(folder.path().c_str(), 0755);
    const std::string command = (geteuid() == 0 ? "chown -R 65534:65534 " : "chmod u+rwx ") + folder.path().string();
    EXPECT_EQ(out,
              "4 .private_keys/prod/fra-1.key: error[E052]: cannot make the folder .private_keys: permission denied\n    hint: " +
                  command + "\n" +
                  "networks/prod/config.yml: error[E055]: cannot make the folder networks: permission denied\n    hint: " +
                  command + "\n");
}

TEST_F(Load, RunsWhereTheOwnPublicKeyCannotBeWritten) {
    write_node_file();
    write_network();
    folder.write("networks/prod/pubkeys/fra-1.pub", "junk");
    const Loaded loaded = load();
    EXPECT_TRUE(loaded.networks[0].loaded());
    EXPECT_EQ(codes(loaded.all()), "W111") << "said once";
    EXPECT_NE(loaded.networks[0].folder->keys[0].error, "");
    EXPECT_EQ(findings(loaded).substr(0, findings(loaded).find("\n") + 1),
              "networks/prod/pubkeys/fra-1.pub: warning[W111]: networks/prod/pubkeys/fra-1.pub should hold this node's public "
              "key: no PEM block: "
              "there is no line -----BEGIN ...-----\n");
}

TEST_F(Load, WaitsWhileAnOlderKeyMayBeThisNetworks) {
    write_node_file();
    folder.write("networks/prod/config.yml", "network_id: [\n");
    folder.write(".private_keys/mesh/fra-1.key", "x");
    const Loaded loaded = load();
    EXPECT_EQ(loaded.networks[0].waiting, Waiting::config_invalid);
    EXPECT_EQ(codes(loaded.all()), "E053 E005");
    EXPECT_EQ(format(loaded.networks[0].diagnostics[0]).find("error[E053]: "),
              (folder.path() / ".private_keys/prod/fra-1.key: ").string().size());
    EXPECT_FALSE(folder.has(".private_keys/prod"));
}

TEST_F(Load, LoadsAnUnlistedNodeAndNamesTheLineToAdd) {
    write_node_file();
    write_network("  - {node_id: nyc-1, url: null}\n");
    folder.write("networks/prod/pubkeys/nyc-1.pub", crypto::to_pem(crypto::generate_key_pair().public_key));
    const Loaded loaded = load();
    EXPECT_TRUE(loaded.networks[0].loaded());
    EXPECT_FALSE(loaded.networks[0].self_listed);
    EXPECT_EQ(codes(loaded.all()), "W101");
}

TEST_F(Load, WaitsForACommitInGitModeAndNeitherReadsNorWritesTheFolder) {
    write_node_file("  - {directory: prod, node_id: fra-1, config_type: git, git_repo: 'https://h/x.git'}\n");
    const std::string expected =
        "networks/prod: error[E036]: no commit of https://h/x.git is in networks/prod yet\n"
        "    hint: a running meshmon clones it by itself, and says what hinders it\n";
    const Loaded waiting = load();
    EXPECT_EQ(waiting.networks[0].waiting, Waiting::awaiting_repository);
    EXPECT_EQ(findings(waiting), expected);
    EXPECT_TRUE(folder.has(".public_keys/prod/fra-1.pub"));
    EXPECT_FALSE(folder.has("networks"));
    write_network();
    folder.write("networks/prod/pubkeys/fra-1.pub", crypto::to_pem(crypto::generate_key_pair().public_key));
    EXPECT_EQ(findings(load()), expected) << "checked-out files are for people";
}

TEST_F(Load, SaysThatAPrivateKeyIsGoneBeforeAnotherIsMade) {
    write_node_file();
    write_network();
    ASSERT_TRUE(load().networks[0].own_key);
    std::filesystem::remove(folder.path() / ".private_keys/prod/fra-1.key");
    const Loaded checked = load(LoadMode::check);
    EXPECT_EQ(checked.networks[0].waiting, Waiting::key_unusable);
    const std::string found = findings(checked);
    EXPECT_TRUE(
        found.contains("error[E050]: the private key .private_keys/prod/fra-1.key is gone, and the network knows this node "
                       "by its public half, networks/prod/pubkeys/fra-1.pub\n"))
        << found;
    EXPECT_TRUE(found.contains("hint: restore it from a backup; only to begin with a new key, which all others need then: rm "))
        << found;
    EXPECT_FALSE(found.contains("N206")) << found;
    std::filesystem::remove(folder.path() / "networks/prod/pubkeys/fra-1.pub");
    EXPECT_TRUE(findings(load(LoadMode::check)).contains("N206")) << "a first start makes the pair";
}

TEST_F(Load, SaysOfASecondDirectoryOfANetworkThatAloneAndNothingOfKeys) {
    write_node_file("  - {directory: prod, node_id: fra-1}\n  - {directory: test, node_id: fra-1}\n");
    write_network();
    folder.write("networks/test/config.yml", folder.read("networks/prod/config.yml"));
    folder.write("networks/test/pubkeys/fra-1.pub", crypto::to_pem(crypto::generate_key_pair().public_key));
    const Loaded loaded = load();
    EXPECT_TRUE(loaded.networks[0].loaded());
    EXPECT_EQ(loaded.networks[1].waiting, Waiting::config_invalid);
    EXPECT_EQ(loaded.networks[1].reason, "network_id 'mesh' is that of directory 'prod' already");
    const std::string found = codes(loaded.networks[1].diagnostics);
    EXPECT_TRUE(found.contains("E034")) << found;
    EXPECT_FALSE(found.contains("E051")) << "mending that would take the key of the other directory away: " << found;
}

TEST_F(Load, TakesDataDirOfTheFile) {
    folder.write("nodeconf.yml", "networks: []\ndata_dir: state\n");
    EXPECT_EQ(load().data_dir, folder.path() / "state");
    folder.write("nodeconf.yml", "networks: []\n");
    EXPECT_EQ(load().data_dir, folder.path() / ".data");
}

TEST_F(Load, TakesAnotherNodeFile) {
    folder.write("other.yml", "networks: []\n");
    const Loaded loaded = config::load({.config_dir = folder.path(), .node_file = "other.yml", .mode = LoadMode::run});
    EXPECT_EQ(loaded.state, NodeFileState::loaded);
    EXPECT_EQ(loaded.node_file, folder.path() / "other.yml");
}

TEST(Count, CountsBySeverity) {
    std::vector<Diagnostic> diagnostics(6);
    diagnostics[0].severity = Severity::note;
    diagnostics[1].severity = Severity::warning;
    diagnostics[2].severity = Severity::warning;
    const Counts counts = count(diagnostics);
    EXPECT_EQ(counts.notes, 1U);
    EXPECT_EQ(counts.warnings, 2U);
    EXPECT_EQ(counts.errors, 3U);
}

TEST_F(Load, ChecksTheVersionWhereOneIsGiven) {
    write_node_file();
    write_network("  - {node_id: fra-1, url: 'http://a'}\n  - {node_id: b, url: 'http://b'}\nnode_version: '>=9.0.0'\n");
    LoadOptions options{.config_dir = folder.path(), .node_file = "nodeconf.yml", .mode = LoadMode::check};
    EXPECT_EQ(codes(config::load(options).all()), "N206 W104");
    options.version = "1.0.0";
    EXPECT_EQ(codes(config::load(options).all()), "N206 E037 W104");
    options.version = "9.0.0";
    EXPECT_EQ(codes(config::load(options).all()), "N206 W104");
}

TEST_F(Load, KnowsWhereToListenWhateverElseIsWrongWithTheNodeFile) {
    const auto listen = [this](std::string_view text) {
        folder.write("nodeconf.yml", text);
        const Loaded loaded = load(LoadMode::check);
        return loaded.listen ? *loaded.listen : folder.relative(loaded.listen.error().message);
    };
    EXPECT_EQ(load(LoadMode::check).listen.value(), "0.0.0.0:8000") << "a first start has no file yet";
    EXPECT_EQ(listen("networks: []\n"), "0.0.0.0:8000");
    EXPECT_EQ(listen("networks: []\nlisten: 127.0.0.1:9000\n"), "127.0.0.1:9000");
    EXPECT_EQ(listen("networks: 7\nlisten: 127.0.0.1:9000\n"), "127.0.0.1:9000");
    EXPECT_EQ(listen("networks: 7\n"), "127.0.0.1:8000") << "nobody but this host, where it cannot be known";
    EXPECT_EQ(listen("networks: [\nlisten: 127.0.0.1:9000\n"), "127.0.0.1:8000");
    EXPECT_EQ(listen(""), "127.0.0.1:8000");
    EXPECT_EQ(listen("networks: []\nlisten: 127.0.0.1:80000\n"),
              "nodeconf.yml:2:9: cannot listen on '127.0.0.1:80000': the port must be 0 to 65535");
    EXPECT_EQ(listen("networks: []\nlisten: [a]\n"), "nodeconf.yml:2:9: listen is no text");
}

}  // namespace
}  // namespace meshmon::config
