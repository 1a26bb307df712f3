#include "node/reloader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/folder_for_tests.hpp"

namespace meshmon::node {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::string_view kNodeFile = "networks:\n  - {directory: t, node_id: a}\n";
constexpr std::string_view kConfig = "network_id: t\nnode_config:\n  - {node_id: a, url: null}\n";

class Reloading : public testing::Test {
protected:
    Reloading() {
        folder.write("nodeconf.yml", kNodeFile);
        folder.write("networks/t/config.yml", kConfig);
    }

    void start(Duration look = 50ms) {
        Reloader::Options options;
        options.load = {folder.path(), "nodeconf.yml", config::LoadMode::run};
        options.data_dir = folder.path() / ".data";
        options.settle = 20ms;
        options.look = look;
        options.doubt = 50ms;
        const config::Loaded loaded = config::load(options.load);
        reloader.emplace(loop, options,
                         Reloader::Owner{.running = [] { return std::map<std::string, NodeId>(); },
                                         .found =
                                             [this](config::Loaded found, bool) {
                                                 nodes = found.networks.front().folder->config.peers.size();
                                                 ++count;
                                             },
                                         .unsaved = [](const auto&) {}});
        reloader->start(loaded, {}, std::nullopt);
        ASSERT_TRUE(wait([&] { return count == 1; })) << "it looks at once where it knows no stamp";
    }
    bool wait(const std::function<bool()>& condition) { return loop.run_until(condition, 30s); }

    config::TestFolder folder;
    net::Loop loop;
    std::optional<Reloader> reloader;
    std::size_t nodes = 0;
    int count = 0;
};

/// What a name leads to lies in a folder that nobody watches: as with a file that is mounted alone, no hint comes.
TEST_F(Reloading, FindsWithoutAHintWhatChanged) {
    fs::create_directories(folder.path() / "networks/t/elsewhere");
    fs::rename(folder.path() / "networks/t/config.yml", folder.path() / "networks/t/elsewhere/config.yml");
    fs::create_symlink("elsewhere/config.yml", folder.path() / "networks/t/config.yml");
    start();
    for (const std::size_t i : {2UL, 3UL}) {  // the first may be found by what the start itself does in watched folders
        std::ofstream(folder.path() / "networks/t/elsewhere/config.yml", std::ios::app)
            << "  - {node_id: b" << i << ", url: null}\n";
        ASSERT_TRUE(wait([&] { return nodes == i; }));
    }
    EXPECT_EQ(Reloader::Options().look, 5s);
}

TEST_F(Reloading, FindsByAHintWhatChangedLongBeforeItWouldLook) {
    start(24h);
    std::ofstream(folder.path() / "networks/t/config.yml", std::ios::app) << "  - {node_id: b, url: null}\n";
    ASSERT_TRUE(wait([&] { return nodes == 2; }));
}

/// The loop takes thousands of turns while a worker reads such a file; it would take a handful, had it to read itself.
TEST_F(Reloading, LetsTheLoopGoOnWhileItReadsALargeFile) {
    start(24h);
    std::string text(kConfig);
    constexpr std::size_t kNodes = 3000;
    for (std::size_t i = 1; i < kNodes; ++i)
        text += fmt::format("  - {{node_id: node-{}, url: 'https://node-{}.example.com:8000', poll_rate: 10, retry: 3}}\n", i, i);
    text += "# " + std::string((std::size_t{2} << 20U) - text.size() - 3, 'x') + "\n";
    folder.write("networks/t/config.yml", text);
    std::size_t turns = 0;
    bool done = false;
    std::function<void()> turn = [&] {
        ++turns;
        if (!done) loop.post([&] { turn(); });
    };
    reloader->ask();
    turn();
    ASSERT_TRUE(wait([&] { return nodes == kNodes; }));
    done = true;
    EXPECT_GT(turns, 1000U);
}

}  // namespace
}  // namespace meshmon::node
