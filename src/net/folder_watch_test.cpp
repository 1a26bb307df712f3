#include "net/folder_watch.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace meshmon::net {
namespace {

namespace fs = std::filesystem;

class Watch : public testing::Test {
protected:
    Watch() {
        std::string pattern = (fs::temp_directory_path() / "meshmon-watch-XXXXXX").string();
        folder = mkdtemp(pattern.data());
    }
    ~Watch() override { fs::remove_all(folder); }

    void write(const fs::path& name, std::string_view text) const { std::ofstream(folder / name) << text; }

    /// Whether a hint comes.
    bool hinted() {
        const bool came = loop.run_until([this] { return hints > 0; }, std::chrono::seconds(20));
        drain();
        hints = 0;
        return came;
    }
    /// Takes in what is on its way: the system delivers at once, so that what is posted now runs behind it.
    void drain() {
        for (int i = 0; i < 3; ++i) {
            bool posted = false;
            loop.post([&] { posted = true; });
            loop.run_until([&] { return posted; }, std::chrono::seconds(20));
        }
    }

    fs::path folder;
    Loop loop;
    int hints = 0;
    FolderWatch watch{loop, [this] { ++hints; }};
};

TEST_F(Watch, HintsAtFilesWrittenRenamedAndRemoved) {
    watch.set({folder});
    write("a", "1");
    EXPECT_TRUE(hinted());
    fs::rename(folder / "a", folder / "b");
    EXPECT_TRUE(hinted());
    fs::permissions(folder / "b", fs::perms::owner_read);
    EXPECT_TRUE(hinted());
    fs::remove(folder / "b");
    EXPECT_TRUE(hinted());
}

TEST_F(Watch, HintsAtASwappedLink) {
    fs::create_directory(folder / "..1");
    fs::create_directory(folder / "..2");
    fs::create_directory_symlink("..1", folder / "..data");
    watch.set({folder});
    fs::create_directory_symlink("..2", folder / "..tmp");
    fs::rename(folder / "..tmp", folder / "..data");
    EXPECT_TRUE(hinted());
}

TEST_F(Watch, KnowsWhoHasNotFinishedWriting) {
    watch.set({folder});
    std::ofstream file(folder / "a");
    file << "half" << std::flush;
    ASSERT_TRUE(hinted());
    EXPECT_TRUE(watch.writing());
    file.close();
    ASSERT_TRUE(hinted());
    EXPECT_FALSE(watch.writing());
}

TEST_F(Watch, FollowsFoldersThatComeAndGo) {
    watch.set({folder / "late"});
    fs::create_directory(folder / "late");
    watch.set({folder / "late"});
    write("late/a", "1");
    EXPECT_TRUE(hinted());
    watch.set({folder});
    drain();
    hints = 0;
    write("late/a", "2");
    drain();
    EXPECT_EQ(hints, 0);
    write("b", "");
    EXPECT_TRUE(hinted());
}

}  // namespace
}  // namespace meshmon::net
