#include "repo/child.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "config/folder_for_tests.hpp"

namespace meshmon::repo {
namespace {

using namespace std::chrono_literals;
using End = ChildResult::End;

class RunChild : public testing::Test {
protected:
    [[nodiscard]] ChildOptions shell(const std::string& script, std::chrono::milliseconds time = 20s) const {
        ChildOptions options;
        options.program = "/bin/sh";
        options.arguments = {"-c", script};
        options.environment = {"PATH=/usr/bin:/bin"};
        options.folder = folder.path();
        options.deadline = std::chrono::steady_clock::now() + time;
        return options;
    }
    /// Waits until a process has ended, or says that it lives.
    static bool ends(pid_t pid) {
        const auto last = std::chrono::steady_clock::now() + 10s;
        while (std::chrono::steady_clock::now() < last) {
            std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
            std::string number, name, state;
            if (!(stat >> number >> name >> state) || state == "Z") return true;
            std::this_thread::sleep_for(10ms);
        }
        return false;
    }

    config::TestFolder folder;
    Stop stop;
};

TEST_F(RunChild, GivesWhatTheProgramSaysAndItsCode) {
    ChildOptions options = shell("cat; echo bad >&2; exit 3");
    options.input = std::string(300'000, 'x');
    const ChildResult result = run_child(options, stop).value();
    EXPECT_EQ(result.end, End::exited);
    EXPECT_EQ(result.code, 3);
    EXPECT_EQ(result.output, options.input);
    EXPECT_EQ(result.errors, "bad\n");
    EXPECT_TRUE(run_child(shell("exit 0"), stop).value().ok());
}

TEST_F(RunChild, HandsOverNothingOfThisProcess) {
    setenv("MESHMON_LEAK", "secret", 1);
    const int open = ::open("/dev/null", 0);  // without O_CLOEXEC
    std::signal(SIGPIPE, SIG_IGN);
    const ChildResult result =
        run_child(shell("env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= | sort; ls /proc/self/fd | tr '\\n' ' '; pwd; "
                        "grep -c 'SigIgn:.0000000000000000' /proc/self/status"),
                  stop)
            .value();
    std::signal(SIGPIPE, SIG_DFL);
    close(open);
    unsetenv("MESHMON_LEAK");
    EXPECT_EQ(result.output, "PATH=/usr/bin:/bin\n0 1 2 3 " + folder.path().string() + "\n1\n");
}

TEST_F(RunChild, EndsTheWholeGroupAtTheDeadline) {
    const auto begin = std::chrono::steady_clock::now();
    const ChildResult result =
        run_child(shell("trap '' TERM; (trap '' TERM; echo $$; sleep 300) & echo $! > child; sleep 300", 500ms), stop).value();
    EXPECT_EQ(result.end, End::deadline);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
    EXPECT_TRUE(ends(std::stoi(folder.read("child"))));
}

TEST_F(RunChild, LeavesNobodyBehindWhoOutlivesTheProgram) {
    const ChildResult result = run_child(shell("sleep 300 & echo $! > child; echo done"), stop).value();
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result.output, "done\n");
    EXPECT_TRUE(ends(std::stoi(folder.read("child"))));
}

TEST_F(RunChild, IsStoppedFromAnotherThread) {
    std::thread other([this] {
        while (!folder.has("started")) std::this_thread::sleep_for(5ms);
        stop.request();
    });
    const ChildResult result = run_child(shell("touch started; sleep 300", 60s), stop).value();
    other.join();
    EXPECT_EQ(result.end, End::stopped);
    EXPECT_EQ(run_child(shell("sleep 300", 60s), stop).value().end, End::stopped) << "and what comes later as well";
}

TEST_F(RunChild, EndsAProgramThatTalksTooMuch) {
    ChildOptions options = shell("yes");
    options.output_max = 100'000;
    const ChildResult result = run_child(options, stop).value();
    EXPECT_EQ(result.end, End::too_much);
    EXPECT_EQ(result.output, "");
    const ChildResult errors = run_child(shell("yes ERROR | head -c 1000000 >&2; echo last >&2"), stop).value();
    EXPECT_TRUE(errors.ok());
    EXPECT_LE(errors.errors.size(), 16U * 1024);
    EXPECT_TRUE(errors.errors.ends_with("last\n"));
}

TEST_F(RunChild, LimitsTheFilesThatItWrites) {
    ChildOptions options = shell("head -c 100000 /dev/zero > file");
    options.file_max = 5000;
    EXPECT_FALSE(run_child(options, stop).value().ok());
    EXPECT_EQ(std::filesystem::file_size(folder.path() / "file"), 5000U);
}

TEST_F(RunChild, SaysWhyItCannotStart) {
    ChildOptions options = shell("true");
    options.program = folder.path() / "absent";
    EXPECT_EQ(run_child(options, stop).error().message, "cannot run " + options.program.string() + ": No such file or directory");
    options = shell("true");
    options.folder = folder.path() / "absent";
    EXPECT_EQ(run_child(options, stop).error().code, "repo.spawn");
}

}  // namespace
}  // namespace meshmon::repo
