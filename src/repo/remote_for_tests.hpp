#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.hpp"
#include "config/folder_for_tests.hpp"
#include "repo/clone.hpp"

namespace meshmon::repo {

/// Runs git as a person would, in `folder`; answers what it printed, without the last line's end.
inline std::string plain_git(const std::filesystem::path& folder, std::vector<std::string> arguments,
                             const std::string& input = {}) {
    ChildOptions child;
    child.program = Git::find_program().value();
    child.arguments = {"-c", "init.defaultBranch=main",    "-c", "user.name=Ada",
                       "-c", "user.email=ada@example.com", "-c", "uploadpack.allowAnySHA1InWant=true"};
    child.arguments.insert(child.arguments.end(), arguments.begin(), arguments.end());
    child.environment = {"PATH=/usr/local/bin:/usr/bin:/bin",
                         "HOME=/nonexistent",
                         "LC_ALL=C",
                         "GIT_CONFIG_NOSYSTEM=1",
                         "GIT_AUTHOR_DATE=2026-11-22T10:00:00Z",
                         "GIT_COMMITTER_DATE=2026-11-22T10:00:00Z"};
    child.folder = folder;
    child.input = input;
    child.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    const Result<ChildResult> done = run_child(child, Stop());
    MM_CHECK(done.has_value() && done->ok(), done ? arguments.front() + ": " + done->errors : done.error().message);
    std::string out = done->output;
    while (out.ends_with('\n')) out.pop_back();
    return out;
}

/// A repository that somebody pushes to.
class TestRemote {
public:
    TestRemote() {
        std::filesystem::create_directories(work());
        plain_git(work(), {"init", "--quiet"});
    }

    [[nodiscard]] std::filesystem::path work() const { return folder.path() / "work"; }
    [[nodiscard]] std::string url() const { return "file://" + work().string(); }

    void write(const std::filesystem::path& name, std::string_view text) const { folder.write("work" / name, text); }
    std::string commit(const std::string& subject = "change") const {
        plain_git(work(), {"add", "--all"});
        plain_git(work(), {"commit", "--quiet", "--allow-empty", "-m", subject});
        return head();
    }
    [[nodiscard]] std::string head() const { return plain_git(work(), {"rev-parse", "HEAD"}); }

    config::TestFolder folder;
};

}  // namespace meshmon::repo
