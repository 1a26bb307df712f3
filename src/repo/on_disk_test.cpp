#include "repo/on_disk.hpp"

#include <gtest/gtest.h>

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

TEST(FilesOnDisk, AreThoseOfTheLastGoodCommit) {
    const config::TestFolder folder;
    const TestRemote remote;
    remote.write("config.yml", "network_id: mesh\n");
    remote.commit();
    const config::NetworkRef ref = ref_of(remote.url());
    EXPECT_TRUE(files_on_disk(folder.path(), {ref}).empty());
    Clone clone = clone_of(folder.path(), ref).value();
    const Look look = clone.look({}, Stop());
    ASSERT_TRUE(clone.keep(*look.files->commit, Stop()));
    const config::FilesByDirectory files = files_on_disk(folder.path(), {ref});
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(*files.at("prod"), *look.files);
    config::NetworkRef local = ref;
    local.type = config::ConfigType::local;
    EXPECT_TRUE(files_on_disk(folder.path(), {local}).empty());
}

TEST(NewestOnDisk, IsWhatWasFetchedAndNotKept) {
    const config::TestFolder folder;
    const TestRemote remote;
    remote.write("config.yml", "network_id: mesh\n");
    remote.commit();
    const config::NetworkRef ref = ref_of(remote.url());
    EXPECT_TRUE(newest_on_disk(folder.path(), {ref}).files.empty()) << "there is no clone yet";
    Clone clone = clone_of(folder.path(), ref).value();
    const Look good = clone.look({}, Stop());
    ASSERT_TRUE(clone.keep(*good.files->commit, Stop()));
    EXPECT_TRUE(newest_on_disk(folder.path(), {ref}).files.empty()) << "it runs";
    remote.write("config.yml", "network_id: [\n");
    remote.commit();
    const Look bad = clone.look(good.commit, Stop());
    const NewestOnDisk newest = newest_on_disk(folder.path(), {ref});
    ASSERT_EQ(newest.files.size(), 1U);
    EXPECT_EQ(*newest.files.at("prod"), *bad.files);
    EXPECT_TRUE(newest.refused.empty());
    EXPECT_EQ(*files_on_disk(folder.path(), {ref}).at("prod"), *good.files) << "which runs on";
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
