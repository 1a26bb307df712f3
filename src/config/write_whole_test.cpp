#include "config/write_whole.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "config/access.hpp"
#include "config/folder_for_tests.hpp"

/// What this program calls in place of the system's functions of these names: the same, written down while somebody listens.
namespace {
std::vector<std::string>* calls = nullptr;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

}  // namespace

extern "C" int fsync(int fd) {
    struct stat status{};
    fstat(fd, &status);
    if (calls != nullptr)
        calls->push_back(S_ISDIR(status.st_mode) ? "fsync folder" : "fsync " + std::to_string(status.st_size) + " bytes");
    return static_cast<int>(syscall(SYS_fsync, fd));
}

extern "C" int rename(const char* from, const char* to) noexcept {
    if (calls != nullptr) calls->push_back("rename to " + std::filesystem::path(to).filename().string());
    return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

extern "C" int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
    if (calls != nullptr) calls->push_back("rename to new " + std::filesystem::path(to).filename().string());
    return static_cast<int>(syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}

namespace meshmon::config {
namespace {

namespace fs = std::filesystem;

std::string told(const auto& result) {
    return result ? "done" : std::string(result.error().code) + ": " + result.error().message + " | " + result.error().hint;
}

TEST(WriteWhole, WritesReplacesAndLeavesNothingElse) {
    const TestFolder folder;
    const fs::path file = folder.path() / "state";
    ASSERT_TRUE(write_whole(file, "one"));
    ASSERT_TRUE(write_whole(file, std::string_view("t\0o", 3)));
    EXPECT_EQ(folder.read("state"), std::string_view("t\0o", 3));
    EXPECT_EQ(folder.names("."), std::vector<std::string>{"state"});
}

TEST(WriteWhole, IsOnTheDiskBeforeItTakesItsName) {
    const TestFolder folder;
    std::vector<std::string> seen;
    calls = &seen;
    const bool written = write_whole(folder.path() / "state", "12345").has_value();
    const bool created = create_whole(folder.path() / "key", "123").has_value();
    calls = nullptr;
    EXPECT_TRUE(written && created);
    EXPECT_EQ(seen, (std::vector<std::string>{"fsync 5 bytes", "rename to state", "fsync folder", "fsync 3 bytes",
                                              "rename to new key", "fsync folder"}));
}

TEST(WriteWhole, GivesTheExactModeWhateverTheUmask) {
    const TestFolder folder;
    for (const mode_t mask : {mode_t{0}, mode_t{077}}) {
        const mode_t before = umask(mask);
        ASSERT_TRUE(write_whole(folder.path() / "private", "x", 0600));
        ASSERT_TRUE(write_whole(folder.path() / "public", "x", 0644));
        ASSERT_TRUE(make_folder(folder.path() / ("closed" + std::to_string(mask)), 0700));
        umask(before);
        EXPECT_EQ(mode_of(folder.path() / "private"), 0600U);
        EXPECT_EQ(mode_of(folder.path() / "public"), 0644U);
        EXPECT_EQ(mode_of(folder.path() / ("closed" + std::to_string(mask))), 0700U);
    }
}

TEST(WriteWhole, NeverShowsAReaderAPart) {
    const TestFolder folder;
    const fs::path file = folder.path() / "state";
    ASSERT_TRUE(write_whole(file, std::string(100'000, 'a')));
    std::atomic<bool> done{false};
    std::jthread writer([&] {
        for (int i = 0; i < 50; ++i) EXPECT_TRUE(write_whole(file, std::string(100'000, i % 2 == 0 ? 'b' : 'a')));
        done = true;
    });
    while (!done) {
        const std::string seen = read_whole(file, 1'000'000).value();
        ASSERT_EQ(seen.size(), 100'000U);
        ASSERT_EQ(seen.find_first_not_of(seen[0]), std::string::npos);
    }
}

TEST(WriteWhole, LetsTwoThreadsWriteTheSameFile) {
    const TestFolder folder;
    const fs::path file = folder.path() / "state";
    {
        std::vector<std::jthread> writers;
        for (const char c : {'a', 'b', 'c'}) {
            writers.emplace_back([file, c] {
                for (int i = 0; i < 20; ++i) EXPECT_TRUE(write_whole(file, std::string(5000, c)));
            });
        }
    }
    EXPECT_EQ(folder.read("state").size(), 5000U);
    EXPECT_EQ(folder.names("."), std::vector<std::string>{"state"});
}

TEST(WriteWhole, NamesTheStepThePathAndTheMend) {
    const TestFolder folder;
    chmod(folder.path().c_str(), 0755);
    fs::create_directory(folder.path() / "closed");
    chmod((folder.path() / "closed").c_str(), 0555);
    const std::string out = as_ordinary_user([&] {
        Result<void> result = write_whole(folder.path() / "closed" / "state", "x");
        std::string text = told(result);
        const std::size_t temporary = text.find(".state.");
        return text.erase(temporary, text.find(".tmp") + 4 - temporary);
    });
    const std::string closed = (folder.path() / "closed").string();
    const bool root = geteuid() == 0;
    EXPECT_EQ(out, "config.write: cannot create " + closed + "/: permission denied | " +
                       (root ? "chown -R 65534:65534 " : "chmod u+rwx ") + closed);
}

TEST(WriteWhole, KeepsTheOldFileWhenWritingFails) {
    const TestFolder folder;
    folder.write("state", "old");
    chmod(folder.path().c_str(), 0777);
    const std::string out = as_ordinary_user([&] {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit tiny{.rlim_cur = 100, .rlim_max = 100};
        setrlimit(RLIMIT_FSIZE, &tiny);
        return told(write_whole(folder.path() / "state", std::string(10'000, 'x')));
    });
    EXPECT_NE(out.find("cannot write "), std::string::npos) << out;
    EXPECT_NE(out.find("the file would be larger than allowed"), std::string::npos) << out;
    EXPECT_EQ(folder.read("state"), "old");
    EXPECT_EQ(folder.names("."), std::vector<std::string>{"state"});
}

TEST(WriteWhole, SaysThatTheFolderDoesNotExist) {
    const TestFolder folder;
    const std::string out = folder.relative(told(write_whole(folder.path() / "none" / "state", "x")));
    EXPECT_TRUE(out.starts_with("config.write: cannot create none/.state.")) << out;
    EXPECT_NE(out.find("it does not exist"), std::string::npos);
}

TEST(WriteWhole, FailsOverAFolder) {
    const TestFolder folder;
    fs::create_directory(folder.path() / "state");
    const Result<void> result = write_whole(folder.path() / "state", "x");
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find("it is a folder"), std::string::npos) << result.error().message;
    EXPECT_EQ(folder.names("."), std::vector<std::string>{"state"});
}

TEST(CreateWhole, NeverReplaces) {
    const TestFolder folder;
    ASSERT_TRUE(create_whole(folder.path() / "key", "mine", 0600));
    EXPECT_EQ(folder.relative(told(create_whole(folder.path() / "key", "other"))),
              "config.exists: key exists already and is left as it is | ");
    EXPECT_EQ(folder.read("key"), "mine");
    EXPECT_EQ(mode_of(folder.path() / "key"), 0600U);
    fs::create_symlink(folder.path() / "nowhere", folder.path() / "link");
    EXPECT_EQ(create_whole(folder.path() / "link", "x").error().code, "config.exists");
    EXPECT_EQ(folder.names("."), (std::vector<std::string>{"key", "link"}));
}

TEST(MakeFolder, MakesThoseAboveAndLeavesWhatExists) {
    const TestFolder folder;
    chmod(folder.path().c_str(), 0755);
    ASSERT_TRUE(make_folder(folder.path() / "a/b/c", 0700));
    EXPECT_EQ(mode_of(folder.path() / "a"), 0700U);
    EXPECT_EQ(mode_of(folder.path() / "a/b/c"), 0700U);
    ASSERT_TRUE(make_folder(folder.path() / "a/b/c", 0755));
    EXPECT_EQ(mode_of(folder.path() / "a/b/c"), 0700U);
    EXPECT_EQ(mode_of(folder.path()), 0755U);
    folder.write("file", "x");
    EXPECT_EQ(folder.relative(told(make_folder(folder.path() / "file"))),
              "config.write: cannot make the folder file: a part of the path is no folder | mv file file.aside");
}

TEST(ReadWhole, ReadsUpToTheLimit) {
    const TestFolder folder;
    folder.write("f", "12345");
    EXPECT_EQ(read_whole(folder.path() / "f", 5).value(), "12345");
    EXPECT_EQ(folder.relative(told(read_whole(folder.path() / "f", 4))),
              "config.file_size: f has more than 4 bytes | is this the right file?");
    folder.write("large", std::string(1'000'000, 'x'));
    EXPECT_EQ(read_whole(folder.path() / "large", 1'000'000).value().size(), 1'000'000U);
    folder.write("empty", "");
    EXPECT_EQ(read_whole(folder.path() / "empty", 0).value(), "");
    EXPECT_EQ(read_whole("/proc/self/status", 4).error().code, "config.file_size") << "its size is said to be 0";
}

TEST(ReadWhole, SaysWhatIsNoFile) {
    const TestFolder folder;
    EXPECT_EQ(folder.relative(told(read_whole(folder.path() / "none", 9))), "config.file_missing: none does not exist | ");
    EXPECT_EQ(folder.relative(told(read_whole(folder.path(), 9))).substr(0, 17), "config.file_kind:");
    ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(folder.relative(told(read_whole(folder.path() / "pipe", 9))),
              "config.file_kind: pipe is no regular file | put a file there");
    fs::create_symlink(folder.write("f", "x"), folder.path() / "link");
    EXPECT_EQ(read_whole(folder.path() / "link", 9).value(), "x");
    EXPECT_EQ(folder.relative(told(read_whole(folder.path() / "link", 9, false))),
              "config.file_kind: link is a symbolic link, which is not followed here | put the file itself there");
}

TEST(ReadWhole, NamesTheCommandThatMendsPermissions) {
    const TestFolder folder;
    chmod(folder.path().c_str(), 0755);
    const fs::path file = folder.write("f", "x");
    chmod(file.c_str(), 0000);
    const std::string out = as_ordinary_user([&] { return told(read_whole(file, 9)); });
    EXPECT_EQ(folder.relative(out), std::string("config.file_unreadable: cannot read f: permission denied | ") +
                                        (geteuid() == 0 ? "chown 65534:65534 f" : "chmod u+r f"));
}

TEST(RemoveTemporaries, RemovesWhatKilledProcessesLeft) {
    const TestFolder folder;
    folder.write("state", "x");
    folder.write(".state.999999999-3.tmp", "half");                                   // no such process
    folder.write(".state." + std::to_string(getpid()) + "-3.tmp", "half");            // this one, at an earlier life
    folder.write(".state." + std::to_string(getppid()) + "-3.tmp", "being written");  // somebody alive
    folder.write("notes.tmp", "mine");
    folder.write(".hidden", "mine");
    remove_temporaries(folder.path());
    EXPECT_EQ(folder.names("."),
              (std::vector<std::string>{".hidden", ".state." + std::to_string(getppid()) + "-3.tmp", "notes.tmp", "state"}));
    remove_temporaries(folder.path() / "none");
}

TEST(Access, ExplainsInWords) {
    EXPECT_EQ(error_words(ENOSPC), "no space left on the file system");
    EXPECT_EQ(error_words(EACCES), "permission denied");
    EXPECT_EQ(error_words(EROFS), "the file system is mounted read-only");
    EXPECT_EQ(write_hint(EROFS, "/"), "mount / writable");
    EXPECT_EQ(write_hint(ENOSPC, "/"), "free space: df -h /");
    EXPECT_EQ(shell_word("/a/b-1_c.key"), "/a/b-1_c.key");
    EXPECT_EQ(shell_word("/a b/it's"), "'/a b/it'\\''s'");
    EXPECT_EQ(shell_word("-rf"), "'./-rf'");
}

}  // namespace
}  // namespace meshmon::config
