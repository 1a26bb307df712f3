#include "node/git_watch.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "config/folder_for_tests.hpp"
#include "repo/on_disk.hpp"
#include "repo/remote_for_tests.hpp"

namespace meshmon::node {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class Watched : public testing::Test {
protected:
    Watched() {
        remote.write("config.yml", "first\n");
        remote.commit("first");
        ref.directory = "prod";
        ref.node_id = NodeId::parse("a").value();
        ref.type = config::ConfigType::git;
        ref.git_repo = remote.url();
        ref.git_interval = 300ms;
        watch.emplace(loop, log, GitWatch::Options{.config_dir = folder.path(), .limits = {}, .retry_first = 100ms, .seed = 7},
                      GitWatch::Owner{.found =
                                          [this](const std::string& directory, const auto& files) {
                                              found.push_back(directory + ": " + files->config.value_or("none\n"));
                                              newest = files->commit;
                                          },
                                      .refused = [this](const std::string& directory) { refused.push_back(directory); },
                                      .changed = [this] { ++changes; }});
    }

    bool wait(const std::function<bool()>& condition) { return loop.run_until(condition, 30s); }
    [[nodiscard]] const PullState& state() const { return *watch->find("prod"); }

    config::TestFolder folder;
    repo::TestRemote remote;
    net::Loop loop;
    std::vector<std::string> lines;
    Log log{Log::Options{LogLevel::debug, LogFormat::logfmt, false}, [] { return net::Loop::now(); },
            [this](std::string_view line) { lines.emplace_back(line); }};
    config::NetworkRef ref;
    std::vector<std::string> found;
    std::vector<std::string> refused;
    std::optional<config::Commit> newest;
    int changes = 0;
    std::optional<GitWatch> watch;
};

TEST_F(Watched, HandsOverEachNewCommitOnce) {
    watch->set({ref});
    ASSERT_TRUE(wait([&] { return found.size() == 1; }));
    const int before = changes;
    ASSERT_TRUE(wait([&] { return changes >= before + 3; })) << "it looks again and again";
    EXPECT_EQ(found.size(), 1U);
    remote.write("config.yml", "second\n");
    const std::string second = remote.commit("second");
    ASSERT_TRUE(wait([&] { return found.size() == 2; }));
    EXPECT_EQ(found, (std::vector<std::string>{"prod: first\n", "prod: second\n"}));
    EXPECT_EQ(state().newest->id, second);
    EXPECT_FALSE(state().failed);
    EXPECT_TRUE(state().asked);
    EXPECT_TRUE(std::ranges::any_of(lines, [](const std::string& line) { return line.contains("commit_found"); }));
}

TEST_F(Watched, KeepsWhatRuns) {
    watch->set({ref});
    ASSERT_TRUE(wait([&] { return newest.has_value(); }));
    EXPECT_TRUE(repo::files_on_disk(folder.path(), {ref}).empty());
    watch->keep("prod", *newest);
    ASSERT_TRUE(wait([&] { return !repo::files_on_disk(folder.path(), {ref}).empty(); }));
    watch->keep("other", *newest);  // a network that is gone
}

TEST_F(Watched, SaysWhyARepositoryCannotBeReachedAndGoesOnWhenItCan) {
    fs::rename(remote.work(), remote.folder.path() / "away");
    watch->set({ref});
    ASSERT_TRUE(wait([&] { return state().failed.has_value(); }));
    EXPECT_EQ(state().failed->code, "repo.not_found");
    fs::rename(remote.folder.path() / "away", remote.work());
    ASSERT_TRUE(wait([&] { return found.size() == 1; }));
    EXPECT_FALSE(state().failed);
    fs::rename(remote.work(), remote.folder.path() / "away");
    ASSERT_TRUE(wait([&] { return state().failed.has_value(); }));
    const auto told = [&] {
        return std::ranges::count_if(lines, [](const std::string& line) { return line.contains("event=pull_failed"); });
    };
    EXPECT_EQ(told(), 0) << "the first cause is in the log as a problem";
    fs::create_directory(remote.work());
    repo::plain_git(remote.work(), {"init", "--quiet"});
    ASSERT_TRUE(wait([&] { return state().failed && state().failed->code == "repo.empty"; }));
    const int before = changes;
    ASSERT_TRUE(wait([&] { return changes >= before + 2; }));
    EXPECT_EQ(told(), 1) << "another one once more, and no more than once";
    fs::remove_all(remote.work());
    fs::rename(remote.folder.path() / "away", remote.work());
    ASSERT_TRUE(wait([&] { return !state().failed.has_value(); }));
    EXPECT_EQ(found.size(), 1U);
}

TEST_F(Watched, RemembersThatTheNewestCommitIsRefused) {
    watch->set({ref});
    ASSERT_TRUE(wait([&] { return found.size() == 1; }));
    fs::remove(remote.work() / "config.yml");
    fs::create_symlink("/etc/passwd", remote.work() / "config.yml");
    const std::string bad = remote.commit("bad");
    ASSERT_TRUE(wait([&] { return state().refused.has_value(); }));
    EXPECT_EQ(state().refused->code, "repo.link");
    EXPECT_EQ(state().refused_commit, bad);
    const int before = changes;
    ASSERT_TRUE(wait([&] { return changes >= before + 2; }));
    EXPECT_TRUE(state().refused) << "it still is";
    EXPECT_EQ(refused, std::vector<std::string>{"prod"}) << "told once";
    fs::remove(remote.work() / "config.yml");
    remote.write("config.yml", "third\n");
    remote.commit("good");
    ASSERT_TRUE(wait([&] { return found.size() == 2; }));
    EXPECT_FALSE(state().refused);
}

TEST_F(Watched, LooksAtOnceWhenAskedOrWhenTheRepositoryIsAnother) {
    ref.git_interval = 1h;
    watch->set({ref});
    ASSERT_TRUE(wait([&] { return found.size() == 1; }));
    remote.write("config.yml", "second\n");
    remote.commit();
    watch->look_now();
    ASSERT_TRUE(wait([&] { return found.size() == 2; }));
    const repo::TestRemote other;
    other.write("config.yml", "other\n");
    other.commit();
    config::NetworkRef moved = ref;
    moved.git_repo = other.url();
    watch->set({moved});
    ASSERT_TRUE(wait([&] { return found.size() == 3; }));
    EXPECT_EQ(found.back(), "prod: other\n");
    config::NetworkRef local = ref;
    local.type = config::ConfigType::local;
    watch->set({local});
    EXPECT_EQ(watch->find("prod"), nullptr);
}

TEST_F(Watched, LooksByAnotherIntervalFromTheMomentThatItIsSet) {
    ref.git_interval = 1h;
    watch->set({ref});
    ASSERT_TRUE(wait([&] { return found.size() == 1; }));
    remote.write("config.yml", "second\n");
    remote.commit();
    config::NetworkRef faster = ref;
    faster.git_interval = 10ms;
    watch->set({faster});
    EXPECT_TRUE(wait([&] { return found.size() == 2; })) << "the hour that had begun does not count";
}

TEST_F(Watched, DoesNotHandOverWhatWasReadAtTheStart) {
    ref.git_interval = 1h;
    const repo::Look look = repo::clone_of(folder.path(), ref)->look({}, repo::Stop());
    watch->set({ref}, {{"prod", std::make_shared<const config::NetworkFiles>(*look.files)}});
    EXPECT_EQ(state().newest->id, look.commit);
    ASSERT_TRUE(wait([&] { return state().asked.has_value(); }));
    EXPECT_TRUE(found.empty());
}

/// Takes connections and never answers.
class SilentHost {
public:
    SilentHost() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        MM_CHECK(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "a test has a port");
        MM_CHECK(::listen(socket_, 100) == 0, "a test listens");
        socklen_t size = sizeof address;
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/x";
    }
    ~SilentHost() { ::close(socket_); }
    SilentHost(const SilentHost&) = delete;
    SilentHost& operator=(const SilentHost&) = delete;

    std::string url;

private:
    int socket_;
};

TEST_F(Watched, StopsAtOnceWhileItLooks) {
    const SilentHost host;
    std::vector<config::NetworkRef> many;
    for (int i = 0; i < 6; ++i) {
        many.push_back(ref);
        many.back().directory = "net" + std::to_string(i);
        many.back().git_repo = host.url;
    }
    watch->set(many);
    const auto last = std::chrono::steady_clock::now() + 30s;
    while (!fs::exists(folder.path() / "networks/net1/.git/config") && std::chrono::steady_clock::now() < last)
        loop.run_until([] { return false; }, 20ms);  // nothing happens here meanwhile that could end a wait
    ASSERT_TRUE(fs::exists(folder.path() / "networks/net1/.git/config"));
    EXPECT_FALSE(fs::exists(folder.path() / "networks/net2")) << "two at a time";
    const auto begin = std::chrono::steady_clock::now();
    watch.reset();
    bool free = false;
    loop.run_blocking([] {}, [&] { free = true; });
    EXPECT_TRUE(wait([&] { return free; }));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
}

TEST_F(Watched, GivesUpASilentHostAtTheDeadline) {
    const SilentHost host;
    ref.git_repo = host.url;
    watch.emplace(
        loop, log, GitWatch::Options{.config_dir = folder.path(), .limits = {.time = 500ms}, .retry_first = 10s, .seed = 7},
        GitWatch::Owner{.found = [](const std::string&, const auto&) {}, .refused = [](const std::string&) {}, .changed = [] {}});
    watch->set({ref});
    ASSERT_TRUE(wait([&] { return state().failed.has_value(); }));
    EXPECT_EQ(state().failed->code, "repo.timeout");
}

}  // namespace
}  // namespace meshmon::node
