#include "node/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "net/loop.hpp"
#include "net/server.hpp"
#include "node/data_dir.hpp"
#include "node/folder_for_tests.hpp"

namespace meshmon::node {
namespace {

using namespace std::chrono_literals;

struct Nobody : net::HttpHandler {
    std::size_t body_limit(const http::Request&, std::string_view) override { return 0; }
    http::Response handle(http::Request) override { return {}; }
};

net::HttpServer::Options any_port() {
    net::HttpServer::Options options;
    options.address = "127.0.0.1";
    options.port = 0;
    return options;
}

class Run : public testing::Test {
protected:
    Run() {
        options_.config_dir = folder_.path();
        options_.listen = "127.0.0.1:0";
        options_.log_level = LogLevel::critical;
        options_.version = "1.0.0";
    }

    /// Sends `signal` to this process once the daemon listens.
    std::thread signal_when_started(int signal) {
        return std::thread([file = folder_.path() / ".data/daemon.json", signal] {
            while (!std::filesystem::exists(file)) std::this_thread::sleep_for(1ms);
            kill(getpid(), signal);
        });
    }

    FolderForTests folder_;
    RunOptions options_;
};

TEST_F(Run, EndsCleanlyWhenTold) {
    std::thread signaller = signal_when_started(SIGTERM);
    EXPECT_EQ(run(options_), RunExit::clean);
    signaller.join();
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / ".data/daemon.json"));
}

TEST_F(Run, EndsAtOnceAtTheSecondSignal) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            folder_.write("nodeconf.yml", "networks:\n  - directory: t\n    node_id: a\n");
            options_.log_level = LogLevel::info;
            std::thread signaller([data = folder_.path() / ".data"] {
                while (!std::filesystem::exists(data / "daemon.json")) std::this_thread::sleep_for(1ms);
                std::filesystem::rename(data / "mesh", data / "away");  // the last save fails, so that a stop takes its time
                while (true) {
                    kill(getpid(), SIGTERM);
                    std::this_thread::sleep_for(20ms);
                }
            });
            _exit(static_cast<int>(run(options_)));
        },
        testing::ExitedWithCode(3), testing::Not(testing::HasSubstr("event=stopped")));
}

TEST_F(Run, RefusesADataFolderThatIsInUse) {
    const auto held = DataDir::open(folder_.path() / ".data");
    ASSERT_TRUE(held);
    EXPECT_EQ(run(options_), RunExit::startup_failed);
}

TEST_F(Run, RefusesAListenAddressThatIsNone) {
    options_.listen = "nowhere";
    EXPECT_EQ(run(options_), RunExit::startup_failed);
}

TEST_F(Run, RefusesANodeFileThatSaysNoUsableAddress) {
    options_.listen.reset();
    for (const std::string_view listen : {"127.0.0.1:80000", "nowhere", "[127.0.0.1, 8000]"}) {
        folder_.write("nodeconf.yml", "networks: []\nlisten: " + std::string(listen) + "\n");
        EXPECT_EQ(run(options_), RunExit::startup_failed) << listen;
    }
}

TEST_F(Run, LetsTheFlagGoBeforeAnAddressThatIsNone) {
    folder_.write("nodeconf.yml", "networks: []\nlisten: 127.0.0.1:80000\n");
    std::thread signaller = signal_when_started(SIGTERM);
    EXPECT_EQ(run(options_), RunExit::clean);
    signaller.join();
}

TEST_F(Run, SaysByItsExitCodeThatThePortIsTaken) {
    net::Loop loop;
    Nobody nobody;
    net::HttpServer other(loop, any_port(), nobody);
    ASSERT_TRUE(other.listen());
    options_.listen = "127.0.0.1:" + std::to_string(other.port());
    EXPECT_EQ(run(options_), RunExit::port_in_use);
}

TEST_F(Run, StartsAnewWithItsNodeFileOnceThatIsThere) {
    std::thread writer([this] {
        const auto file = folder_.path() / ".data/daemon.json";
        while (!std::filesystem::exists(file)) std::this_thread::sleep_for(1ms);
        folder_.write("nodeconf.yml",
                      "networks:\n  - directory: t\n    node_id: a\ndata_dir: " + (folder_.path() / "other").string() + "\n");
        while (!std::filesystem::exists(folder_.path() / "other/daemon.json")) std::this_thread::sleep_for(1ms);
        kill(getpid(), SIGTERM);
    });
    EXPECT_EQ(run(options_), RunExit::clean);
    writer.join();
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "other/mesh/t.state"));
}

}  // namespace
}  // namespace meshmon::node
