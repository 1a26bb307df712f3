#include "repo/on_disk.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "config/folder_for_tests.hpp"
#include "repo/remote_for_tests.hpp"

namespace meshmon::repo {
namespace {

config::NetworkRef ref_of(const std::string& url) {
    config::NetworkRef ref;
    ref.directory = "prod";
    ref.node_id = NodeId::parse("fra-1").value();
    ref.type = config::ConfigType::git;
    ref.git_repo = url;
    return ref;
}

/// A repository with one good commit, and the config folder of a node that is to run from it.
class OnDisk : public testing::Test {
protected:
    OnDisk() {
        remote.write("config.yml", "network_id: mesh\n");
        remote.commit();
    }

    [[nodiscard]] Clone clone() const { return clone_of(folder.path(), ref).value(); }
    [[nodiscard]] config::FilesByDirectory kept() const { return files_on_disk(folder.path(), {ref}); }
    [[nodiscard]] NewestOnDisk newest() const { return newest_on_disk(folder.path(), {ref}); }

    /// What a running node does with a commit that it finds good.
    [[nodiscard]] Look look_and_keep() const {
        Look found = clone().look({}, Stop());
        EXPECT_TRUE(clone().keep(found.files.value().commit.value(), Stop()));
        return found;
    }

    config::TestFolder folder;
    TestRemote remote;
    config::NetworkRef ref = ref_of(remote.url());
};

TEST_F(OnDisk, FilesAreThoseOfTheLastGoodCommit) {
    EXPECT_TRUE(kept().empty());
    const Look look = look_and_keep();
    ASSERT_EQ(kept().size(), 1U);
    EXPECT_EQ(*kept().at("prod"), *look.files);
    config::NetworkRef local = ref;
    local.type = config::ConfigType::local;
    EXPECT_TRUE(files_on_disk(folder.path(), {local}).empty());
}

TEST_F(OnDisk, NewestIsWhatWasFetchedAndNotKept) {
    EXPECT_TRUE(newest().files.empty()) << "there is no clone yet";
    EXPECT_TRUE(newest().unread.empty()) << "which is nobody's fault";
    const Look good = look_and_keep();
    EXPECT_TRUE(newest().files.empty()) << "it runs";
    remote.write("config.yml", "network_id: [\n");
    remote.commit();
    const Look bad = clone().look(good.commit, Stop());
    const NewestOnDisk found = newest();
    ASSERT_EQ(found.files.size(), 1U);
    EXPECT_EQ(*found.files.at("prod"), *bad.files);
    EXPECT_TRUE(found.refused.empty());
    EXPECT_TRUE(found.unread.empty());
    EXPECT_EQ(*kept().at("prod"), *good.files) << "which runs on";
}

TEST_F(OnDisk, NewestIsRefusedForWhatItHolds) {
    const Look good = look_and_keep();
    std::filesystem::create_symlink("/etc/passwd", remote.work() / "pubkeys");
    remote.commit();
    EXPECT_TRUE(clone().look(good.commit, Stop()).error);
    const NewestOnDisk found = newest();
    EXPECT_TRUE(found.files.empty());
    EXPECT_TRUE(found.unread.empty());
    ASSERT_TRUE(found.refused.contains("prod"));
    EXPECT_EQ(found.refused.at("prod").code, "repo.link");
}

TEST_F(OnDisk, NewestThatIsLostIsNotRefused) {
    const Look good = look_and_keep();
    const std::filesystem::path packs = "networks/prod/.git/objects/pack";
    const std::vector<std::string> before = folder.names(packs);
    remote.write("config.yml", "network_id: second\n");
    remote.commit();
    EXPECT_FALSE(clone().look(good.commit, Stop()).error);
    for (const std::string& name : folder.names(packs)) {
        if (std::ranges::find(before, name) == before.end()) std::filesystem::remove(folder.path() / packs / name);
    }
    const NewestOnDisk found = newest();
    EXPECT_TRUE(found.files.empty());
    EXPECT_TRUE(found.refused.empty());
    ASSERT_TRUE(found.unread.contains("prod"));
    EXPECT_EQ(found.unread.at("prod").code, "repo.damaged");
    EXPECT_EQ(*kept().at("prod"), *good.files);
}

TEST_F(OnDisk, NewestOfAClosedCloneIsNotRefused) {
    (void)look_and_keep();
    config::give_to_ordinary_user(folder.path());
    const std::filesystem::path git = folder.path() / "networks/prod/.git";
    for (const auto& closed : {git / "objects", git / "refs", git}) {
        std::filesystem::permissions(closed, std::filesystem::perms::none);
        const std::string told = config::as_ordinary_user([&] {
            const NewestOnDisk found = newest();
            if (!found.unread.contains("prod"))
                return found.refused.contains("prod") ? "refused: " + found.refused.at("prod").message : "nothing";
            const Error& error = found.unread.at("prod");
            return std::string(error.code) + ": " + error.message + ": " + error.hint;
        });
        std::filesystem::permissions(closed, std::filesystem::perms::owner_all);
        EXPECT_TRUE(told.starts_with("repo.folder: ")) << told;
        EXPECT_TRUE(told.ends_with("permission denied: chmod u+rx " + closed.string())) << told;
    }
}

TEST(AddKeyCommands, PutTheKeyIntoTheRepository) {
    const config::TestFolder folder;
    const TestRemote remote;
    remote.write("config.yml", "network_id: mesh\n");
    remote.commit();
    plain_git(remote.work(), {"config", "receive.denyCurrentBranch", "updateInstead"});
    folder.write(".public_keys/prod/fra-1.pub", "the key\n");
    config::NetworkRef ref = ref_of(remote.url());
    ref.git_branch = "main";
    ChildOptions shell;
    shell.program = "/bin/sh";
    shell.arguments = {"-c", add_key_commands(folder.path(), ref)};
    shell.environment = {"PATH=/usr/bin:/bin",      "GIT_AUTHOR_NAME=A",     "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=A",
                         "GIT_COMMITTER_EMAIL=a@b", "GIT_CONFIG_NOSYSTEM=1", "HOME=/nonexistent"};
    shell.folder = folder.path();
    shell.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    const ChildResult done = run_child(shell, Stop()).value();
    EXPECT_TRUE(done.ok()) << done.errors;
    EXPECT_EQ(remote.folder.read("work/pubkeys/fra-1.pub"), "the key\n");
}

}  // namespace
}  // namespace meshmon::repo
