#include "repo/clone.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "config/folder_for_tests.hpp"
#include "repo/remote_for_tests.hpp"

namespace meshmon::repo {
namespace {

namespace fs = std::filesystem;

class CloneOfRemote : public testing::Test {
protected:
    CloneOfRemote() {
        remote.write("config.yml", "network_id: mesh\n");
        remote.write("pubkeys/a.pub", "key of a\n");
        first = remote.commit("first");
    }

    [[nodiscard]] fs::path network() const { return config.path() / "networks" / "prod"; }
    [[nodiscard]] Clone clone(std::string branch = {}) const {
        return {Git(network(), parse_remote(url.empty() ? remote.url() : url).value(), Credentials(), limits), std::move(branch)};
    }
    [[nodiscard]] Look look(const std::string& known = {}) const { return clone().look(known, stop); }
    /// Of a look: what is wrong, or the commit's content.
    static std::string told(const Look& look) {
        if (look.error) return std::string(look.error->code) + (look.commit.empty() ? "" : " at commit");
        return look.files ? look.files->config.value_or("no config") : "unchanged";
    }
    [[nodiscard]] std::string git(std::vector<std::string> arguments) const { return plain_git(network(), std::move(arguments)); }
    [[nodiscard]] Result<config::NetworkFiles> on_disk() const { return clone().read_on_disk(stop); }

    config::TestFolder config;
    TestRemote remote;
    std::string url;
    Limits limits;
    Stop stop;
    std::string first;
};

TEST_F(CloneOfRemote, IsMadeAndReadFromTheCommit) {
    EXPECT_EQ(on_disk().error().code, "repo.no_clone");
    const Look made = look();
    ASSERT_FALSE(made.error) << made.error->message;
    EXPECT_EQ(made.commit, first);
    EXPECT_EQ(made.files->config, "network_id: mesh\n");
    EXPECT_EQ(made.files->keys, (std::map<std::string, std::string>{{"a.pub", "key of a\n"}}));
    EXPECT_EQ(made.files->commit->text(), "main@" + first.substr(0, 7));
    EXPECT_EQ(made.files->commit->subject, "first");
    EXPECT_EQ(to_rfc3339(made.files->commit->time), "2026-11-22T10:00:00.000Z");
    EXPECT_TRUE(fs::is_directory(network() / ".git"));
    EXPECT_EQ(told(look(first)), "unchanged");
}

TEST_F(CloneOfRemote, GivesANewCommitOnce) {
    ASSERT_FALSE(look().error);
    remote.write("config.yml", "network_id: second\n");
    const std::string second = remote.commit("second");
    const Look found = look(first);
    EXPECT_EQ(found.commit, second);
    EXPECT_EQ(told(found), "network_id: second\n");
    EXPECT_EQ(told(look(second)), "unchanged");
}

TEST_F(CloneOfRemote, KeepsAGoodCommitForAStartWithoutTheRemote) {
    const Look made = look();
    EXPECT_EQ(on_disk().error().code, "repo.no_clone") << "nobody said yet that it is good";
    ASSERT_TRUE(clone().keep(*made.files->commit, stop));
    EXPECT_EQ(on_disk()->config, "network_id: mesh\n");
    remote.write("config.yml", "broken");
    remote.commit("broken");
    ASSERT_EQ(told(look(first)), "broken");
    EXPECT_EQ(on_disk()->config, "network_id: mesh\n") << "the newest is not the last good one";
    fs::rename(remote.work(), remote.folder.path() / "gone");
    EXPECT_EQ(told(look(first)), "repo.not_found");
    EXPECT_EQ(on_disk()->config, "network_id: mesh\n");
}

TEST_F(CloneOfRemote, ShowsPeopleTheFilesThatRun) {
    Look made = look();
    ASSERT_TRUE(clone().keep(*made.files->commit, stop));
    EXPECT_EQ(config.read("networks/prod/config.yml"), "network_id: mesh\n");
    EXPECT_EQ(git({"status", "--porcelain"}), "");
    EXPECT_EQ(git({"rev-parse", "--abbrev-ref", "HEAD"}), "main");
    config.write("networks/prod/config.yml", "changed here: nobody reads it");
    remote.write("config.yml", "network_id: second\n");
    remote.commit();
    made = look(first);
    EXPECT_EQ(told(made), "network_id: second\n");
    ASSERT_TRUE(clone().keep(*made.files->commit, stop));
    EXPECT_EQ(config.read("networks/prod/config.yml"), "network_id: second\n");
}

TEST_F(CloneOfRemote, LeavesSomebodyElsesCloneAsItIs) {
    fs::create_directories(network().parent_path());
    plain_git(config.path(), {"clone", "--quiet", remote.url(), network().string()});
    EXPECT_EQ(on_disk()->config, "network_id: mesh\n") << "it runs from it before anything is asked";
    config.write("networks/prod/config.yml", "work in progress");
    config.write("networks/prod/note", "mine");
    remote.write("config.yml", "network_id: second\n");
    remote.commit();
    const Look found = look(first);
    EXPECT_EQ(told(found), "network_id: second\n");
    ASSERT_TRUE(clone().keep(*found.files->commit, stop));
    EXPECT_EQ(on_disk()->config, "network_id: second\n");
    EXPECT_EQ(config.read("networks/prod/config.yml"), "work in progress");
    EXPECT_EQ(git({"rev-parse", "HEAD"}), first);
    EXPECT_EQ(git({"rev-parse", "--is-shallow-repository"}), "false");
    EXPECT_EQ(git({"branch", "--list", "--format=%(refname)"}), "refs/heads/main");
}

TEST_F(CloneOfRemote, LeavesAFolderOfFilesAsItIs) {
    config.write("networks/prod/config.yml", "local mode's");
    const Look made = look();
    EXPECT_EQ(told(made), "network_id: mesh\n");
    ASSERT_TRUE(clone().keep(*made.files->commit, stop));
    EXPECT_EQ(config.read("networks/prod/config.yml"), "local mode's");
}

TEST_F(CloneOfRemote, NeverTouchesAnEnclosingRepository) {
    plain_git(config.path(), {"init", "--quiet"});
    config.write("nodeconf.yml", "x");
    plain_git(config.path(), {"add", "nodeconf.yml"});
    plain_git(config.path(), {"commit", "--quiet", "-m", "outer"});
    config.write("nodeconf.yml", "not committed");
    const std::string before = plain_git(config.path(), {"rev-parse", "HEAD"}) + plain_git(config.path(), {"show-ref"});
    Look made = look();
    ASSERT_FALSE(made.error) << made.error->message;
    ASSERT_TRUE(clone().keep(*made.files->commit, stop));
    // Where the clone loses its HEAD, git's own search would find the outer one.
    fs::remove(network() / ".git" / "HEAD");
    made = look();
    ASSERT_FALSE(made.error) << made.error->message;
    ASSERT_TRUE(clone().keep(*made.files->commit, stop));
    EXPECT_EQ(config.read("nodeconf.yml"), "not committed");
    EXPECT_EQ(plain_git(config.path(), {"rev-parse", "HEAD"}) + plain_git(config.path(), {"show-ref"}), before);
}

TEST_F(CloneOfRemote, RefusesALinkToAnotherRepository) {
    fs::create_directories(network());
    config.write("networks/prod/.git", "gitdir: /elsewhere\n");
    EXPECT_EQ(told(look()), "repo.foreign");
    fs::remove(network() / ".git");
    fs::create_directory_symlink(remote.work() / ".git", network() / ".git");
    EXPECT_EQ(told(look()), "repo.foreign");
    EXPECT_EQ(on_disk().error().code, "repo.foreign");
}

TEST_F(CloneOfRemote, FollowsAForcedPush) {
    ASSERT_FALSE(look().error);
    plain_git(remote.work(), {"checkout", "--quiet", "--orphan", "other"});
    remote.write("config.yml", "network_id: rewritten\n");
    remote.commit("rewritten");
    plain_git(remote.work(), {"branch", "-M", "main"});
    const Look found = look(first);
    EXPECT_EQ(told(found), "network_id: rewritten\n");
    ASSERT_TRUE(clone().keep(*found.files->commit, stop));
    EXPECT_EQ(config.read("networks/prod/config.yml"), "network_id: rewritten\n");
}

TEST_F(CloneOfRemote, TakesTheBranchThatIsNamed) {
    plain_git(remote.work(), {"checkout", "--quiet", "-b", "team/eu"});
    remote.write("config.yml", "network_id: eu\n");
    const std::string eu = remote.commit();
    plain_git(remote.work(), {"checkout", "--quiet", "main"});
    EXPECT_EQ(told(look()), "network_id: mesh\n");
    const Look found = clone("team/eu").look({}, stop);
    EXPECT_EQ(told(found), "network_id: eu\n");
    EXPECT_EQ(found.files->commit->text(), "team/eu@" + eu.substr(0, 7));
    EXPECT_EQ(told(clone("absent").look({}, stop)), "repo.no_branch");
}

TEST_F(CloneOfRemote, AnotherRepositoryIsNotMistakenForTheOneKept) {
    const Look made = look();
    ASSERT_TRUE(clone().keep(*made.files->commit, stop));
    ASSERT_TRUE(on_disk());
    url = remote.url() + "/";
    EXPECT_EQ(on_disk().error().code, "repo.no_clone");
}

TEST_F(CloneOfRemote, SaysThatTheRepositoryIsEmpty) {
    ASSERT_FALSE(look().error);
    plain_git(remote.work(), {"update-ref", "-d", "refs/heads/main"});
    EXPECT_EQ(told(look(first)), "repo.empty");
    remote.write("config.yml", "network_id: back\n");
    remote.commit();
    EXPECT_EQ(told(look(first)), "network_id: back\n");
}

TEST_F(CloneOfRemote, MakesADeletedCloneAnew) {
    Look made = look();
    ASSERT_TRUE(clone().keep(*made.files->commit, stop));
    fs::remove_all(network());
    made = look(first);
    EXPECT_EQ(told(made), "network_id: mesh\n") << "what is known has to be on disk as well";
    ASSERT_TRUE(clone().keep(*made.files->commit, stop));
    EXPECT_EQ(on_disk()->config, "network_id: mesh\n");
    EXPECT_EQ(told(look(first)), "unchanged");
}

TEST_F(CloneOfRemote, SetsADamagedCloneAsideAndMakesAnother) {
    ASSERT_TRUE(clone().keep(*look().files->commit, stop));
    fs::remove(network() / ".git" / "HEAD");
    Look healed = look();
    EXPECT_EQ(told(healed), "network_id: mesh\n");
    ASSERT_EQ(healed.notes.size(), 1U);
    EXPECT_TRUE(fs::is_directory(network() / ".git.damaged-1"));
    ASSERT_TRUE(clone().keep(*healed.files->commit, stop));
    for (const auto& file : fs::recursive_directory_iterator(network() / ".git" / "objects")) {
        if (!file.is_regular_file()) continue;
        chmod(file.path().c_str(), 0644);
        config.write(file.path(), "rubbish");
    }
    EXPECT_FALSE(on_disk());
    healed = look();
    EXPECT_EQ(told(healed), "network_id: mesh\n") << (healed.error ? healed.error->message : "");
    EXPECT_TRUE(fs::is_directory(network() / ".git.damaged-2"));
    ASSERT_TRUE(clone().keep(*healed.files->commit, stop)) << "the new clone is ours as well";
    EXPECT_EQ(git({"status", "--porcelain", "--untracked-files=no"}), "");
}

TEST_F(CloneOfRemote, TakesNothingOfADamagedRemote) {
    ASSERT_TRUE(clone().keep(*look().files->commit, stop));
    remote.write("config.yml", "network_id: second\n");
    remote.commit();
    const std::string blob = plain_git(remote.work(), {"rev-parse", "HEAD:config.yml"});
    fs::remove(remote.work() / ".git/objects" / blob.substr(0, 2) / blob.substr(2));
    const Look found = look(first);
    ASSERT_TRUE(found.error);
    EXPECT_EQ(found.commit, "");
    EXPECT_EQ(on_disk()->config, "network_id: mesh\n");
    EXPECT_FALSE(fs::exists(network() / ".git.damaged-1")) << "ours is sound";
    plain_git(remote.work(), {"hash-object", "-w", "--stdin"}, "network_id: second\n");
    EXPECT_EQ(told(look(first)), "network_id: second\n");
}

TEST_F(CloneOfRemote, NamesTheCommandThatGivesAFolderBack) {
    const Look made = look();
    config::give_to_ordinary_user(config.path());
    config::give_to_ordinary_user(remote.folder.path());
    fs::permissions(network(), fs::perms::owner_read | fs::perms::owner_exec);  // nothing can be checked out there
    const std::string told = config::as_ordinary_user([&] {
        const Result<> kept = clone().keep(*made.files->commit, stop);
        return kept ? "kept" : kept.error().message + " | " + kept.error().hint;
    });
    fs::permissions(network(), fs::perms::owner_all);
    EXPECT_TRUE(told.contains("Permission denied | chown -R ")) << told;
    EXPECT_TRUE(told.contains("&& chmod -R u+rwX " + network().string() + "; meanwhile the commit runs all the same")) << told;
}

TEST_F(CloneOfRemote, RefusesLinksAndSubmodules) {
    fs::remove(remote.work() / "pubkeys/a.pub");
    fs::create_symlink("/etc/passwd", remote.work() / "pubkeys/a.pub");
    const std::string linked = remote.commit();
    Look found = look();
    EXPECT_EQ(told(found), "repo.link at commit");
    EXPECT_EQ(found.commit, linked);
    fs::remove(remote.work() / "pubkeys/a.pub");
    plain_git(remote.work(), {"update-index", "--add", "--cacheinfo", "160000," + first + ",pubkeys/sub"});
    plain_git(remote.work(), {"commit", "--quiet", "-m", "submodule"});
    EXPECT_EQ(told(look()), "repo.link at commit");
    EXPECT_FALSE(fs::exists(network() / "pubkeys"));
}

TEST_F(CloneOfRemote, FollowsNoLinkElsewhereEither) {
    fs::create_symlink("/etc", remote.work() / "docs");
    remote.commit();
    const Look found = look();
    ASSERT_FALSE(found.error) << found.error->message;
    ASSERT_TRUE(clone().keep(*found.files->commit, stop));
    EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(network() / "docs"))) << "the text of a link, not a link";
}

TEST_F(CloneOfRemote, LimitsTheNumberOfFiles) {
    limits.files = 20;
    for (int i = 0; i < 21; ++i) remote.write("pubkeys/" + std::to_string(i) + ".pub", "x");
    remote.commit();
    EXPECT_EQ(told(look()), "repo.too_many_files at commit");
}

TEST_F(CloneOfRemote, LimitsWhatAFetchBrings) {
    limits.fetch_bytes = 300'000;
    std::string noise(1'000'000, '\0');
    std::uint64_t state = 1;
    for (char& c : noise) c = static_cast<char>((state = state * 6364136223846793005U + 1442695040888963407U) >> 56U);
    remote.write("big.bin", noise);
    const std::string big = remote.commit();
    const Look found = look();
    EXPECT_EQ(told(found), "repo.too_large at commit") << found.error->message;
    EXPECT_EQ(found.commit, big) << "so that it is not fetched again every minute";
    std::uint64_t left = 0;
    for (const auto& file : fs::recursive_directory_iterator(network() / ".git"))
        left += file.is_regular_file() ? file.file_size() : 0;
    EXPECT_LT(left, 300'000U) << "what was fetched of it is gone";
    fs::remove(remote.work() / "big.bin");
    remote.commit();
    EXPECT_EQ(told(look(big)), "network_id: mesh\n");
}

TEST_F(CloneOfRemote, LimitsFilesThatAreSmallOnTheWayAndLargeHere) {
    remote.write("zeros", std::string(80'000'000, '\0'));
    remote.commit();
    EXPECT_EQ(told(look()), "repo.too_large at commit");
}

TEST_F(CloneOfRemote, LimitsTreesThatRepeatThemselves) {
    limits.time = std::chrono::seconds(30);
    std::string tree = plain_git(remote.work(), {"rev-parse", "HEAD^{tree}"});
    for (int depth = 0; depth < 9; ++depth) {
        std::string entries;
        for (int i = 0; i < 10; ++i) entries += "040000 tree " + tree + "\tf" + std::to_string(i) + "\n";
        tree = plain_git(remote.work(), {"mktree"}, entries);
    }
    const std::string bomb = plain_git(remote.work(), {"commit-tree", tree, "-m", "bomb"});
    plain_git(remote.work(), {"update-ref", "refs/heads/main", bomb});
    EXPECT_EQ(told(look()), "repo.too_many_files at commit");
}

TEST_F(CloneOfRemote, LimitsItsTime) {
    limits.time = std::chrono::milliseconds(1);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(told(look()), "repo.timeout");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

/// In place of git: it tells its child's number, and neither of them ends or minds being asked to.
TEST_F(CloneOfRemote, KillsAGitThatHangsWithItsChildren) {
    EXPECT_EQ(Limits().time, std::chrono::seconds(60));
    config.write("bin/git", "#!/bin/sh\ntrap '' TERM\nsleep 300 &\necho $! > " + (config.path() / "child").string() + "\nwait\n");
    chmod((config.path() / "bin/git").c_str(), 0755);
    limits.time = std::chrono::seconds(2);
    const std::string path = getenv("PATH");
    setenv("PATH", ((config.path() / "bin").string() + ":" + path).c_str(), 1);
    const auto begin = std::chrono::steady_clock::now();
    const Look hung = look();
    setenv("PATH", path.c_str(), 1);
    EXPECT_EQ(told(hung), "repo.timeout");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60)) << "five minutes, if nobody ends it";
    const fs::path child = fs::path("/proc") / std::to_string(std::stoi(config.read("child")));
    const auto last = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    const auto is_alive = [&] {
        std::ifstream stat(child / "stat");
        std::string number, name, state;
        return static_cast<bool>(stat >> number >> name >> state) && state != "Z";
    };
    while (is_alive() && std::chrono::steady_clock::now() < last) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_FALSE(is_alive());
}

TEST_F(CloneOfRemote, TakesTheNewestCommitAlone) {
    for (int i = 0; i < 5; ++i) {
        remote.write("config.yml", "network_id: n" + std::to_string(i) + "\n");
        remote.commit();
    }
    Look found = look();
    ASSERT_FALSE(found.error) << found.error->message;
    EXPECT_EQ(git({"rev-list", "--count", found.commit}), "1");
    remote.write("config.yml", "network_id: next\n");
    remote.commit();
    remote.write("config.yml", "network_id: last\n");
    remote.commit();
    found = look(found.commit);
    ASSERT_FALSE(found.error) << found.error->message;
    EXPECT_EQ(git({"rev-list", "--count", found.commit}), "1") << "what lies between two looks is not fetched";
}

TEST_F(CloneOfRemote, RunsNoHookNoFilterAndNoCommandOfAnybody) {
    const fs::path trap = config.path() / "trap";
    const fs::path ran = config.path() / "ran";
    config.write("trap", "#!/bin/sh\ntouch " + ran.string() + "\ncat\n");
    chmod(trap.c_str(), 0755);
    remote.write(".gitattributes", "* filter=evil diff=evil merge=evil\n");
    remote.write(".gitmodules", "[submodule \"x\"]\n\tpath = x\n\turl = ext::" + trap.string() + "\n");
    remote.commit();
    const Look made = look();
    ASSERT_FALSE(made.error) << made.error->message;
    for (const char* hook : {"post-checkout", "reference-transaction", "post-merge", "pre-auto-gc", "fsmonitor-watchman"}) {
        fs::create_directories(network() / ".git/hooks");
        fs::copy_file(trap, network() / ".git/hooks" / hook);
    }
    remote.write("config.yml", "network_id: second\n");
    remote.commit();
    const Look found = look(made.commit);
    ASSERT_FALSE(found.error) << found.error->message;
    ASSERT_TRUE(clone().keep(*found.files->commit, stop));
    EXPECT_FALSE(fs::exists(ran));
    EXPECT_EQ(config.read("networks/prod/config.yml"), "network_id: second\n");
}

TEST_F(CloneOfRemote, TakesNoNameThatLeadsElsewhere) {
    const std::string blob = plain_git(remote.work(), {"hash-object", "-w", "--stdin"}, "evil");
    // mktree refuses such a name; a hostile server does not.
    const std::string evil = plain_git(remote.work(), {"hash-object", "-t", "tree", "-w", "--literally", "--stdin"}, [&] {
        std::string raw;
        for (std::size_t i = 0; i < blob.size(); i += 2) raw += static_cast<char>(std::stoi(blob.substr(i, 2), nullptr, 16));
        return "100644 ../../../escaped" + std::string(1, '\0') + raw;
    }());
    const std::string bad = plain_git(remote.work(), {"commit-tree", evil, "-m", "bad"});
    plain_git(remote.work(), {"update-ref", "refs/heads/main", bad});
    const Look found = look();
    EXPECT_TRUE(found.error);
    EXPECT_FALSE(found.files);
    EXPECT_FALSE(fs::exists(config.path().parent_path() / "escaped"));
}

TEST_F(CloneOfRemote, RemovesLocksOfKilledProcesses) {
    ASSERT_FALSE(look().error);
    const fs::path lock = network() / ".git/shallow.lock";
    config.write(lock, "");
    fs::last_write_time(lock, fs::file_time_type::clock::now() - std::chrono::hours(1));
    remote.write("config.yml", "network_id: second\n");
    remote.commit();
    EXPECT_EQ(told(look(first)), "network_id: second\n");
}

TEST_F(CloneOfRemote, StaysSmallOverManyCommits) {
    Look found = look();
    for (int i = 0; i < 25; ++i) {
        remote.write("config.yml", "network_id: n" + std::to_string(i) + "\n");
        remote.commit();
        found = look(found.commit);
        ASSERT_FALSE(found.error) << found.error->message;
        ASSERT_TRUE(clone().keep(*found.files->commit, stop));
    }
    std::size_t packs = 0;
    for (const auto& file : fs::directory_iterator(network() / ".git/objects/pack")) packs += file.path().extension() == ".pack";
    EXPECT_LE(packs, 22U);
}

TEST_F(CloneOfRemote, GivesUpWhenStopped) {
    stop.request();
    EXPECT_EQ(told(look()), "repo.stopped");
}

}  // namespace
}  // namespace meshmon::repo
