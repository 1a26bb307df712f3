#include "config/stamp.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "config/folder_for_tests.hpp"

namespace meshmon::config {
namespace {

namespace fs = std::filesystem;

class Stamp : public testing::Test {
protected:
    Stamp() {
        NetworkRef ref;
        ref.directory = "prod";
        ref.node_id = *NodeId::parse("a");
        networks.push_back(ref);
        folder.write("nodeconf.yml", "x");
        folder.write("networks/prod/config.yml", "y");
        folder.write("networks/prod/pubkeys/a.pub", "z");
    }
    [[nodiscard]] crypto::Hash stamp() const { return stamp_files(folder.path(), "nodeconf.yml", networks); }

    TestFolder folder;
    std::vector<NetworkRef> networks;
};

TEST_F(Stamp, StaysWhereNothingOfTheConfigurationChanges) {
    const crypto::Hash before = stamp();
    EXPECT_EQ(folder.read("networks/prod/config.yml"), "y");
    folder.write(".data/mesh/t.state", "other");
    folder.write("networks/prod/notes.txt", "other");
    folder.write("networks/other/config.yml", "not listed");
    EXPECT_EQ(stamp(), before);
}

TEST_F(Stamp, ChangesWithEachFileThatCounts) {
    crypto::Hash before = stamp();
    const auto changed = [&] {
        const bool result = stamp() != before;
        before = stamp();
        return result;
    };
    folder.write("nodeconf.yml", "longer");
    EXPECT_TRUE(changed());
    folder.write("networks/prod/config.yml", "longer");
    EXPECT_TRUE(changed());
    folder.write("networks/prod/pubkeys/b.pub", "");
    EXPECT_TRUE(changed());
    fs::remove(folder.path() / "networks/prod/pubkeys/a.pub");
    EXPECT_TRUE(changed());
    folder.write(".private_keys/prod/a.key", "");
    EXPECT_TRUE(changed());
    fs::permissions(folder.path() / "nodeconf.yml", fs::perms::owner_read);
    EXPECT_TRUE(changed());
    fs::remove(folder.path() / "nodeconf.yml");
    EXPECT_TRUE(changed());
    fs::create_directory(folder.path() / "nodeconf.yml");
    EXPECT_TRUE(changed());
}

TEST_F(Stamp, ChangesWhereASymbolicLinkIsSwapped) {
    fs::remove_all(folder.path() / "networks/prod");
    folder.write("networks/prod/..1/config.yml", "same");
    folder.write("networks/prod/..2/config.yml", "same");
    fs::create_directory_symlink("..1", folder.path() / "networks/prod/..data");
    fs::create_symlink("..data/config.yml", folder.path() / "networks/prod/config.yml");
    const crypto::Hash before = stamp();
    fs::create_directory_symlink("..2", folder.path() / "networks/prod/..data_tmp");
    fs::rename(folder.path() / "networks/prod/..data_tmp", folder.path() / "networks/prod/..data");
    EXPECT_NE(stamp(), before);
}

}  // namespace
}  // namespace meshmon::config
