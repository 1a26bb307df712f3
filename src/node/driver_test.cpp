#include "node/driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "node/mesh_for_tests.hpp"

namespace meshmon::node {
namespace {

using mesh::Status;
using testing::HasSubstr;

http::Response ask(Driver& driver, http::Method method, std::string path, std::string body = {}) {
    http::Request request;
    request.method = method;
    request.path = std::move(path);
    request.body = std::move(body);
    request.remote_address = "192.0.2.1";
    return driver.handle(std::move(request));
}

std::vector<std::string> codes(const Driver& driver) {
    std::vector<std::string> out;
    for (const api::Problem& problem : driver.source().problems()) out.push_back(problem.code);
    return out;
}

TEST(Driver, MakesThreeNodesAgreeWithoutAnErrorInTheLog) {
    MeshForTests mesh(3);
    mesh.start();
    ASSERT_TRUE(mesh.wait([&] { return mesh.agrees(); }));
    for (std::size_t i = 0; i < 3; ++i) {
        NodeForTests& node = mesh.at(i);
        EXPECT_TRUE(node.logged("event=started"));
        EXPECT_FALSE(node.logged("level=error")) << testing::PrintToString(node.lines);
        EXPECT_TRUE(node.driver->source().ready());
        EXPECT_EQ(node.driver->source().network(MeshForTests::network())->seen, 3u);
    }
}

TEST(Driver, LeavesSoThatTheOthersKnowAtOnce) {
    MeshForTests mesh(3);
    mesh.start();
    ASSERT_TRUE(mesh.wait([&] { return mesh.agrees(); }));
    EXPECT_TRUE(mesh.stop(2));
    ASSERT_TRUE(mesh.wait([&] { return mesh.sees(0, 2, Status::down) && mesh.sees(1, 2, Status::down); }));
    EXPECT_EQ(mesh.view(0, 2)->reason, mesh::Reason::left);
    EXPECT_TRUE(mesh.at(0).logged("event=node_left"));
    EXPECT_FALSE(std::filesystem::exists(mesh.at(2).folder.path() / ".data/daemon.json"));
}

TEST(Driver, ComesBackWithAHigherEpochAfterItDied) {
    MeshForTests mesh(3);
    mesh.start();
    const auto is_heard = [&] { return mesh.agrees() && mesh.view(0, 2)->head && mesh.view(1, 2)->head; };
    ASSERT_TRUE(mesh.wait(is_heard)) << "who dies before it is heard is unknown";
    const std::uint64_t epoch = mesh.view(0, 2)->head->epoch;
    mesh.at(2).driver.reset();
    ASSERT_TRUE(mesh.wait([&] { return mesh.sees(0, 2, Status::down) && mesh.sees(1, 2, Status::down); }));
    EXPECT_TRUE(mesh.at(0).logged("event=node_down"));
    ASSERT_TRUE(mesh.start(2));
    EXPECT_TRUE(mesh.wait([&] { return is_heard() && mesh.view(0, 2)->head->epoch > epoch; }));
}

TEST(Driver, HealsFromATornStateFile) {
    MeshForTests mesh(3);
    mesh.start();
    ASSERT_TRUE(mesh.wait([&] { return mesh.agrees(); }));
    EXPECT_TRUE(mesh.stop(2));
    mesh.at(2).folder.write(".data/mesh/t.state", "meshmon state 1\ntorn");
    ASSERT_TRUE(mesh.start(2));
    EXPECT_TRUE(mesh.at(2).logged("event=state_unusable"));
    ASSERT_TRUE(mesh.wait([&] { return mesh.agrees(); }));
    EXPECT_TRUE(std::filesystem::exists(mesh.at(2).folder.path() / ".data/mesh/t.state.corrupt-1"));
}

TEST(Driver, RunsWithoutTheKeyOfAPeerAndSaysSo) {
    MeshForTests mesh(3);
    mesh.start();
    ASSERT_TRUE(mesh.wait([&] { return mesh.agrees(); }));
    EXPECT_TRUE(mesh.stop(0));
    std::filesystem::remove(mesh.at(0).folder.path() / "networks/t/pubkeys/b.pub");
    ASSERT_TRUE(mesh.start(0));
    ASSERT_TRUE(mesh.wait([&] { return mesh.sees_alive(0, 2); }));
    EXPECT_TRUE(mesh.sees(0, 1, Status::unknown));
    EXPECT_THAT(codes(*mesh.at(0).driver), testing::Contains("key_missing"));
    EXPECT_TRUE(mesh.at(0).logged("code=key_missing"));
}

TEST(Driver, AccusesNobodyAfterAPause) {
    MeshForTests mesh(3);
    mesh.start();
    ASSERT_TRUE(mesh.wait([&] { return mesh.agrees(); }));
    mesh.loop().post(
        [] { std::this_thread::sleep_for(std::chrono::milliseconds(2500)); });  // as if stopped: longer than retry x g
    ASSERT_TRUE(mesh.wait([&] { return mesh.at(0).logged("event=paused"); }));
    const std::uint64_t exchanges = mesh.at(0).driver->source().counters(MeshForTests::network())->exchanges_succeeded;
    ASSERT_TRUE(mesh.wait(
        [&] { return mesh.at(0).driver->source().counters(MeshForTests::network())->exchanges_succeeded > exchanges + 20; }));
    for (std::size_t i = 0; i < 3; ++i) EXPECT_FALSE(mesh.at(i).logged("event=node_down"));
    EXPECT_TRUE(mesh.wait([&] { return testing::Value(codes(*mesh.at(0).driver), testing::Contains("loop_lag")); }));
}

TEST(Driver, SaysThatItCannotSaveAndSignsOnceItCan) {
    MeshForTests mesh(3);
    mesh.start();
    ASSERT_TRUE(mesh.wait([&] { return mesh.agrees(); }));
    EXPECT_TRUE(mesh.stop(2));
    const auto folder = mesh.at(2).folder.path() / ".data/mesh";
    const auto aside = mesh.at(2).folder.path() / ".data/aside";
    ASSERT_TRUE(mesh.start(2, {}, [&] { std::filesystem::rename(folder, aside); }));
    ASSERT_TRUE(mesh.wait([&] { return testing::Value(codes(*mesh.at(2).driver), testing::Contains("data_unwritable")); }));
    EXPECT_FALSE(mesh.at(2).driver->source().ready());
    EXPECT_EQ(ask(*mesh.at(2).driver, http::Method::get, "/readyz").status, 503);
    EXPECT_EQ(mesh.view(2, 2)->head, std::nullopt) << "nothing is signed before its epoch is durable";
    std::filesystem::rename(aside, folder);
    ASSERT_TRUE(mesh.wait([&] { return mesh.agrees() && mesh.at(2).driver->source().ready(); }));
    EXPECT_TRUE(mesh.wait([&] { return mesh.at(2).logged("event=problem_mended code=data_unwritable"); }));
}

TEST(Driver, TurnsStrangersAwayWithAName) {
    MeshForTests mesh(1);
    mesh.start();
    Driver& driver = *mesh.at(0).driver;
    const http::Response unknown = ask(driver, http::Method::post, "/mesh/v1/other", "x");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_THAT(unknown.body, HasSubstr("\"code\":\"unknown_network\""));
    EXPECT_EQ(ask(driver, http::Method::get, "/mesh/v1/t").status, 405);
    const http::Response garbage = ask(driver, http::Method::post, "/mesh/v1/t", std::string(200, 'x'));
    EXPECT_GE(garbage.status, 400);
    EXPECT_EQ(garbage.header("content-type"), "application/json");
    EXPECT_EQ(ask(driver, http::Method::get, "/healthz").status, 200);
}

TEST(Driver, WaitsForItsNodeFileAndThenAsksToStartAnew) {
    MeshForTests mesh(1);
    bool came = false;
    Driver::Options options;
    options.node_file_came = [&] { came = true; };
    ASSERT_TRUE(mesh.start(0, std::move(options)));
    EXPECT_THAT(codes(*mesh.at(0).driver), testing::ElementsAre("config_waiting"));
    EXPECT_FALSE(mesh.at(0).logged("level=error"));
    EXPECT_EQ(ask(*mesh.at(0).driver, http::Method::get, "/api/v1/health").status, 200);
    MeshForTests::write_node_file(mesh.at(0));
    EXPECT_TRUE(mesh.wait([&] { return came; }));
}

TEST(Driver, RunsANetworkOnceItsFileIsMended) {
    MeshForTests mesh(1);
    MeshForTests::write_node_file(mesh.at(0));
    mesh.at(0).folder.write("networks/t/config.yml", "network_id: t\nnode_config: nonsense\n");
    ASSERT_TRUE(mesh.start(0));
    EXPECT_THAT(codes(*mesh.at(0).driver), testing::Contains("config_invalid"));
    EXPECT_EQ(ask(*mesh.at(0).driver, http::Method::post, "/mesh/v1/t", "x").status, 503);
    mesh.at(0).folder.write("networks/t/config.yml", "network_id: t\nnode_config:\n  - node_id: a\n    url: null\n");
    ASSERT_TRUE(mesh.wait([&] { return mesh.sees_alive(0, 0); }));
    EXPECT_THAT(codes(*mesh.at(0).driver), testing::Not(testing::Contains("config_invalid")));
    EXPECT_TRUE(mesh.at(0).logged("event=problem_mended"));
}

TEST(Driver, StaysOutOfANetworkThatDoesNotWantItsVersion) {
    MeshForTests mesh(1);
    MeshForTests::write_node_file(mesh.at(0));
    mesh.at(0).folder.write("networks/t/config.yml",
                            "network_id: t\nnode_version: ['>=99.0.0']\nnode_config:\n  - node_id: a\n    url: null\n");
    ASSERT_TRUE(mesh.start(0));
    EXPECT_THAT(codes(*mesh.at(0).driver), testing::Contains("node_version_unmet"));
    EXPECT_TRUE(mesh.at(0).logged("level=error event=problem"));
    EXPECT_FALSE(mesh.at(0).driver->source().me().networks.front().running);
}

TEST(Driver, SaysThatItsPortIsTaken) {
    MeshForTests mesh(2);
    mesh.start();
    EXPECT_TRUE(mesh.stop(1));
    mesh.at(1).port = mesh.at(0).port;
    const Result<> started = mesh.start(1);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, "net.address_in_use");
}

}  // namespace
}  // namespace meshmon::node
