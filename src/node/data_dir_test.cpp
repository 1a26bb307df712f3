#include "node/data_dir.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "node/folder_for_tests.hpp"

namespace meshmon::node {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

TEST(DataDir, IsMadeForItsOwnerAlone) {
    const FolderForTests folder;
    const auto data = DataDir::open(folder.path() / "deep" / "data");
    ASSERT_TRUE(data) << data.error().message;
    EXPECT_EQ(fs::status(folder.path() / "deep" / "data").permissions(), fs::perms::owner_all);
    EXPECT_NE(fs::status(folder.path() / "deep").permissions(), fs::perms::owner_all)
        << "what lies above it is not ours to close";
    EXPECT_EQ(data->state_file("prod"), folder.path() / "deep" / "data" / "mesh" / "prod.state");
}

TEST(DataDir, IsHeldByOneAndNamesIt) {
    const FolderForTests folder;
    {
        const auto first = DataDir::open(folder.path());
        ASSERT_TRUE(first);
        const auto second = DataDir::open(folder.path());
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code, "node.data_dir_held");
        EXPECT_THAT(second.error().message, HasSubstr(fmt::format("in use by process {}", getpid())));
    }
    EXPECT_TRUE(DataDir::open(folder.path())) << "whoever ends lets go";
}

TEST(DataDir, IsHeldAnewWhereItWasRemoved) {
    const FolderForTests folder;
    const fs::path path = folder.path() / "config" / "data";
    auto data = DataDir::open(path);
    ASSERT_TRUE(data);
    EXPECT_TRUE(data->is_held());
    fs::remove_all(path);
    EXPECT_FALSE(data->is_held());
    ASSERT_TRUE(data->hold_anew());
    EXPECT_TRUE(data->is_held());
    EXPECT_FALSE(DataDir::open(path)) << "it is this process's again";
    EXPECT_TRUE(fs::is_directory(path / "mesh"));
}

TEST(DataDir, IsNotMadeAnewInTheWayOfWhoPutsItBack) {
    const FolderForTests folder;
    auto data = DataDir::open(folder.path() / "config" / "data");
    ASSERT_TRUE(data);
    fs::remove_all(folder.path() / "config");
    const auto gone = data->hold_anew();
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code, "node.data_dir_gone");
    EXPECT_FALSE(fs::exists(folder.path() / "config"));
}

TEST(DataDir, IsNotTakenFromWhoHoldsItNow) {
    const FolderForTests folder;
    auto first = DataDir::open(folder.path());
    ASSERT_TRUE(first);
    fs::remove(folder.path() / "lock");
    const auto second = DataDir::open(folder.path());
    ASSERT_TRUE(second);
    EXPECT_FALSE(first->is_held());
    EXPECT_FALSE(first->hold_anew());
    EXPECT_TRUE(second->is_held());
}

TEST(DataDir, SaysWhereTheDaemonListensWhileItDoes) {
    const FolderForTests folder;
    const auto data = DataDir::open(folder.path());
    ASSERT_TRUE(data);
    ASSERT_TRUE(data->announce({"127.0.0.1:8000", 42, "00ff", WallTime()}));
    EXPECT_EQ(folder.read("daemon.json"),
              "{\"schema\":1,\"address\":\"127.0.0.1:8000\",\"pid\":42,\"boot_id\":\"00ff\",\"started\":\"1970-01-01T00:00:00."
              "000Z\"}\n");
    data->withdraw();
    EXPECT_FALSE(fs::exists(folder.path() / "daemon.json"));
}

TEST(DataDir, ForgetsADaemonThatWasKilled) {
    const FolderForTests folder;
    folder.write("daemon.json", "{}");
    const auto data = DataDir::open(folder.path());
    ASSERT_TRUE(data);
    EXPECT_FALSE(fs::exists(folder.path() / "daemon.json"));
}

TEST(DataDir, SaysWhyItCannotBeUsed) {
    const FolderForTests folder;
    folder.write("file", "");
    const auto data = DataDir::open(folder.path() / "file");
    ASSERT_FALSE(data);
    EXPECT_EQ(data.error().code, "node.data_dir");
    EXPECT_THAT(data.error().message, HasSubstr(folder.path().string()));
    EXPECT_THAT(data.error().hint, HasSubstr("mv ")) << "to own a file would not make it a folder";
}

TEST(LocalAddress, IsOneToConnectTo) {
    EXPECT_EQ(local_address("0.0.0.0", 8000), "127.0.0.1:8000");
    EXPECT_EQ(local_address("::", 1), "[::1]:1");
    EXPECT_EQ(local_address("192.0.2.7", 80), "192.0.2.7:80");
    EXPECT_EQ(local_address("2001:db8::7", 80), "[2001:db8::7]:80");
}

}  // namespace
}  // namespace meshmon::node
