#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "crypto/keys.hpp"
#include "crypto/pem.hpp"
#include "node/mesh_for_tests.hpp"

namespace meshmon::node {
namespace {

namespace fs = std::filesystem;
using mesh::Status;
using testing::Contains;
using testing::Not;

constexpr std::string_view kBroken = "network_id: t\nnode_config:\n  - node_id: a\n    url: null\n    poll_rate: -1\n";

class DriverReload : public testing::Test {
protected:
    explicit DriverReload(std::size_t nodes = 3) : mesh(nodes) {}

    void agree() {
        mesh.start();
        ASSERT_TRUE(mesh.wait([&] { return mesh.agrees(); }));
    }
    [[nodiscard]] const api::Source& source(std::size_t index) { return mesh.at(index).driver->source(); }
    [[nodiscard]] std::size_t count_nodes(std::size_t index) {
        const auto view = source(index).network(MeshForTests::network());
        return view ? view->nodes : 0;
    }
    [[nodiscard]] std::optional<api::Problem> problem(std::size_t index, std::string_view code) {
        for (const api::Problem& each : source(index).problems())
            if (each.code == code) return each;
        return std::nullopt;
    }
    [[nodiscard]] std::uint64_t failures(std::size_t index) {
        std::uint64_t sum = 0;
        for (const auto& [reason, count] : source(index).counters(MeshForTests::network())->exchanges_failed) sum += count;
        return sum;
    }
    [[nodiscard]] fs::path path(std::size_t index, const fs::path& name) { return mesh.at(index).folder.path() / name; }

    MeshForTests mesh;
};

TEST_F(DriverReload, TakesNodesOutAndInWithoutLosingOthers) {
    agree();
    const std::uint64_t failed = failures(0);
    for (const std::size_t i : {0UL, 1UL}) mesh.write_network_config(i, "ab");
    ASSERT_TRUE(mesh.wait([&] { return count_nodes(0) == 2 && count_nodes(1) == 2; }));
    EXPECT_TRUE(mesh.sees_alive(0, 1)) << "known before, known now";
    EXPECT_TRUE(mesh.at(0).logged("event=config_loaded"));
    EXPECT_TRUE(mesh.at(0).logged("removed c"));
    for (const std::size_t i : {0UL, 1UL}) mesh.write_network_config(i);
    ASSERT_TRUE(mesh.wait([&] { return mesh.agrees(); }));
    EXPECT_TRUE(mesh.at(0).logged("added c"));
    EXPECT_EQ(failures(0), failed);
    EXPECT_FALSE(mesh.at(0).logged("event=node_down"));
}

TEST_F(DriverReload, KnowsAPeerByItsNewKey) {
    agree();
    EXPECT_TRUE(mesh.stop(1));
    const crypto::KeyPair pair = crypto::generate_key_pair();
    mesh.at(1).folder.write(".private_keys/t/b.key", crypto::to_pem(pair.secret_key));
    for (std::size_t i = 0; i < 3; ++i) mesh.at(i).folder.write("networks/t/pubkeys/b.pub", crypto::to_pem(pair.public_key));
    ASSERT_TRUE(mesh.start(1));
    ASSERT_TRUE(mesh.wait([&] { return mesh.agrees(); }));
    EXPECT_TRUE(mesh.at(0).logged("another key for b"));
}

TEST_F(DriverReload, TakesUpItsOwnNewKey) {
    agree();
    const crypto::KeyPair pair = crypto::generate_key_pair();
    for (std::size_t i = 0; i < 3; ++i) mesh.at(i).folder.write("networks/t/pubkeys/b.pub", crypto::to_pem(pair.public_key));
    mesh.at(1).folder.write(".private_keys/t/b.key", crypto::to_pem(pair.secret_key));
    ASSERT_TRUE(mesh.wait([&] { return mesh.at(1).logged("event=network_changed"); }));
    ASSERT_TRUE(mesh.wait([&] { return mesh.at(0).logged("another key for b") && mesh.agrees(); }));
    EXPECT_EQ(source(1).me().networks.front().fingerprint,
              source(0).node(MeshForTests::network(), *NodeId::parse("b"))->fingerprint);
}

TEST_F(DriverReload, KeepsTheLastGoodStateOfABrokenFileAndHeals) {
    agree();
    const std::string good = mesh.at(0).folder.read("networks/t/config.yml");
    mesh.at(0).folder.write("networks/t/config.yml", kBroken);
    ASSERT_TRUE(mesh.wait([&] { return problem(0, "config_invalid").has_value(); }));
    const api::Problem found = *problem(0, "config_invalid");
    EXPECT_EQ(found.file, path(0, "networks/t/config.yml").string());
    EXPECT_TRUE(found.line);
    EXPECT_THAT(found.excerpt, testing::HasSubstr("^"));
    EXPECT_THAT(found.detail, testing::HasSubstr("goes on with the last good state"));
    EXPECT_FALSE(source(0).figures().config_valid);
    EXPECT_TRUE(mesh.agrees());
    EXPECT_EQ(count_nodes(0), 3U);
    EXPECT_TRUE(mesh.stop(0));
    ASSERT_TRUE(mesh.start(0));
    ASSERT_TRUE(mesh.wait([&] { return mesh.agrees(); })) << "the copy on disk stands in after a restart too";
    EXPECT_TRUE(problem(0, "config_invalid"));
    mesh.at(0).folder.write("networks/t/config.yml", good);
    ASSERT_TRUE(mesh.wait([&] { return !problem(0, "config_invalid"); }));
    EXPECT_TRUE(source(0).figures().config_valid);
}

TEST_F(DriverReload, DoesNotMindAFileThatIsBrokenForAMoment) {
    agree();
    const std::string good = mesh.at(0).folder.read("networks/t/config.yml");
    for (int i = 0; i < 5; ++i) {
        mesh.at(0).folder.write("networks/t/config.yml", kBroken);
        mesh.loop().run_until([] { return false; }, std::chrono::milliseconds(30));
        mesh.at(0).folder.write("networks/t/config.yml", good + fmt::format("# {}\n", i));
    }
    const std::string revision = fmt::format("{}", source(0).network(MeshForTests::network())->config_revision);
    ASSERT_TRUE(mesh.wait([&] {
        return source(0).network(MeshForTests::network())->config_revision != revision ||
               mesh.at(0).logged("event=config_loaded");
    }));
    EXPECT_FALSE(mesh.at(0).logged("code=config_invalid"));
}

TEST_F(DriverReload, GoesOnWithoutItsNodeFile) {
    agree();
    fs::remove(path(0, "nodeconf.yml"));
    ASSERT_TRUE(mesh.wait([&] { return problem(0, "config_invalid").has_value(); }));
    EXPECT_EQ(problem(0, "config_invalid")->title, "The node file is gone");
    mesh.write_network_config(0, "ab");
    ASSERT_TRUE(mesh.wait([&] { return count_nodes(0) == 2; })) << "the network's own files are read all the same";
    MeshForTests::write_node_file(mesh.at(0));
    ASSERT_TRUE(mesh.wait([&] { return !problem(0, "config_invalid"); }));
}

TEST_F(DriverReload, JoinsAndLeavesNetworks) {
    agree();
    const NetworkId other = *NetworkId::parse("other");
    mesh.at(0).folder.write("networks/other/config.yml", "network_id: other\nnode_config:\n  - {node_id: x, url: null}\n");
    mesh.at(0).folder.write("nodeconf.yml", "networks:\n  - {directory: t, node_id: a}\n  - {directory: other, node_id: x}\n");
    ASSERT_TRUE(mesh.wait([&] { return source(0).network(other).has_value(); }));
    EXPECT_TRUE(mesh.sees_alive(0, 1));
    const std::uint64_t generation = source(0).generation(other);
    mesh.at(0).folder.write("nodeconf.yml", "networks:\n  - {directory: other, node_id: x}\n");
    ASSERT_TRUE(mesh.wait([&] { return !source(0).network(MeshForTests::network()); }));
    ASSERT_TRUE(mesh.wait([&] { return mesh.sees(1, 0, Status::down); }));
    EXPECT_EQ(mesh.view(1, 0)->reason, mesh::Reason::left) << "it said so";
    EXPECT_GE(source(0).generation(other), generation);
    MeshForTests::write_node_file(mesh.at(0));
    ASSERT_TRUE(mesh.wait([&] { return mesh.agrees(); }));
    EXPECT_FALSE(source(0).network(other));
}

TEST_F(DriverReload, ComesBackAsAnotherNode) {
    agree();
    const std::uint64_t generation = source(0).generation(MeshForTests::network());
    mesh.at(0).folder.write("nodeconf.yml", "networks:\n  - {directory: t, node_id: z}\n");
    ASSERT_TRUE(mesh.wait([&] {
        const auto view = source(0).network(MeshForTests::network());
        return view && view->self.str() == "z";
    }));
    EXPECT_GT(source(0).generation(MeshForTests::network()), generation);
    EXPECT_TRUE(problem(0, "not_listed"));
}

TEST_F(DriverReload, SaysWhatNeedsARestart) {
    agree();
    mesh.at(0).folder.write("nodeconf.yml",
                            "listen: 127.0.0.1:1\ndata_dir: /nowhere\nnetworks:\n  - {directory: t, node_id: a}\n");
    ASSERT_TRUE(mesh.wait([&] { return problem(0, "restart_needed").has_value(); }));
    EXPECT_THAT(problem(0, "restart_needed")->detail, testing::HasSubstr("listen is 127.0.0.1:1 now"));
    EXPECT_THAT(problem(0, "restart_needed")->detail, testing::HasSubstr("data_dir is /nowhere now"));
    EXPECT_TRUE(mesh.sees_alive(0, 1));
}

TEST_F(DriverReload, SaysWhenItWasAskedAndNothingChanged) {
    agree();
    mesh.at(0).driver->reload();
    ASSERT_TRUE(mesh.wait([&] { return mesh.at(0).logged("event=config_unchanged"); }));
    EXPECT_FALSE(mesh.at(0).logged("event=config_loaded"));
}

}  // namespace
}  // namespace meshmon::node
