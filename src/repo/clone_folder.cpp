// The clone's folder on disk: whether it is there, can be read and is ours; made, and set aside where it is damaged.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "config/access.hpp"
#include "config/write_whole.hpp"
#include "repo/clone.hpp"
#include "repo/failure.hpp"

namespace meshmon::repo {
namespace {

namespace fs = std::filesystem;

constexpr int kSetAsideMax = 5;
constexpr std::string_view kMarker = "meshmon";
constexpr std::string_view kMarkerText =
    "meshmon made this clone and moves its branch and its checked-out files; the commits themselves are what it reads.\n";
constexpr auto kLeftoverAge = std::chrono::minutes(10);  // no call of ours lives that long

}  // namespace

Result<bool> Clone::exists() const {
    struct stat status{};
    if (::lstat(git_.git_folder().c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return false;
        return fail("repo.folder", fmt::format("cannot look at {}: {}", git_.git_folder().string(), config::error_words(errno)),
                    config::read_hint(errno, git_.git_folder()));
    }
    if (S_ISDIR(status.st_mode)) {
        const Result<> open = check_access();
        return open ? Result<bool>(true) : open.error();
    }
    return fail(
        "repo.foreign",
        fmt::format("{} is no folder but leads to another repository, which meshmon leaves alone", git_.git_folder().string()),
        fmt::format("mv {} {}.elsewhere, or give this network another directory in the node file",
                    config::shell_word(git_.git_folder()), config::shell_word(git_.git_folder())));
}

/// To git a folder that it may not read is no repository, or one without commits.
Result<> Clone::check_access() const {
    for (const fs::path& folder : {git_.git_folder(), git_.git_folder() / "objects", git_.git_folder() / "refs"}) {
        if (::access(folder.c_str(), X_OK) == 0 || errno != EACCES) continue;
        return fail("repo.folder", fmt::format("the clone cannot be read: {}: {}", folder.string(), config::error_words(EACCES)),
                    config::read_hint(EACCES, folder / "HEAD"));
    }
    return {};
}

bool Clone::is_ours() const {
    std::error_code failed;
    return fs::exists(git_.git_folder() / kMarker, failed);
}

bool Clone::is_shallow() const {
    std::error_code failed;
    return fs::exists(git_.git_folder() / "shallow", failed);
}

Result<> Clone::make(Deadline deadline, const Stop& stop) {
    if (const Result<> folder = config::make_folder(git_.folder()); !folder)
        return fail("repo.folder", folder.error().message, folder.error().hint);
    std::error_code failed;
    const bool empty = fs::is_empty(git_.folder(), failed) && !failed;
    const std::string branch = branch_.empty() ? "main" : branch_;
    const Result<ChildResult> made =
        run({.arguments = {"init", "--quiet", "--template=", "--initial-branch=" + branch, "--", git_.folder().string()},
             .bare_of_repository = true},
            deadline, stop);
    if (!made) return made.error();
    if (made->end != ChildResult::End::exited) return explain(*made, git_);
    if (made->code != 0) {
        return fail("repo.folder", fmt::format("cannot make a clone in {}: {}", git_.folder().string(), last_words(*made, git_)),
                    config::write_hint(EACCES, git_.folder()));
    }
    if (!empty) return {};
    if (const Result<> marked = config::write_whole(git_.git_folder() / kMarker, kMarkerText); !marked)
        return fail("repo.folder", marked.error().message, marked.error().hint);
    return {};
}

/// Whether it had to be made.
Result<bool> Clone::open(Deadline deadline, const Stop& stop, std::vector<std::string>& notes) {
    const Result<bool> there = exists();
    if (!there) return there.error();
    if (!*there) {
        const Result<> made = make(deadline, stop);
        return made ? Result<bool>(true) : made.error();
    }
    remove_leftovers();
    const Result<ChildResult> sound = run({.arguments = {"rev-parse", "--is-shallow-repository"}}, deadline, stop);
    if (!sound) return sound.error();
    if (sound->ok()) return false;
    if (sound->end != ChildResult::End::exited) return explain(*sound, git_);
    if (sound->errors.contains("Permission denied")) {
        return fail("repo.folder", fmt::format("cannot read the clone: {}", last_words(*sound, git_)),
                    config::chown_command(git_.git_folder()));
    }
    if (const Result<> aside = set_aside(notes); !aside) return aside.error();
    const Result<> made = make(deadline, stop);
    return made ? Result<bool>(true) : made.error();
}

Result<> Clone::set_aside(std::vector<std::string>& notes) {
    const fs::path from = git_.git_folder();
    for (int number = 1; number <= kSetAsideMax; ++number) {
        const fs::path to = git_.folder() / fmt::format(".git.damaged-{}", number);
        std::error_code failed;
        if (fs::exists(fs::symlink_status(to, failed))) continue;
        const bool was_ours = is_ours();
        fs::rename(from, to, failed);
        if (failed) {
            return fail("repo.damaged",
                        fmt::format("the clone {} is damaged and cannot be renamed: {}", from.string(), failed.message()),
                        config::write_hint(failed.value(), git_.folder()));
        }
        notes.push_back(fmt::format("the clone {} is damaged: kept as {}, and cloned anew", from.string(), to.string()));
        if (!was_ours) return {};
        // The new one takes the place of ours: that the folder is not empty is our own doing.
        if (const Result<> made = make(deadline(), Stop()); !made) return made;
        if (const Result<> marked = config::write_whole(from / kMarker, kMarkerText); !marked) return marked;
        return {};
    }
    return fail("repo.damaged", fmt::format("the clone {} is damaged, as {} before it", from.string(), kSetAsideMax),
                fmt::format("is the disk sound? then: rm -r {}", config::shell_word(git_.folder() / ".git.damaged-1")));
}

/// What processes that were killed have left: half-written packs, and locks that would keep every later one out.
void Clone::remove_leftovers() const {
    const auto now = fs::file_time_type::clock::now();
    std::error_code failed;
    std::vector<fs::path> found;
    for (const fs::path& folder : {git_.git_folder(), git_.git_folder() / "objects" / "pack"}) {
        for (fs::directory_iterator it(folder, failed), end; it != end && !failed; it.increment(failed)) {
            const std::string name = it->path().filename().string();
            if (name.ends_with(".lock") || name.starts_with("tmp_")) found.push_back(it->path());
        }
    }
    for (fs::recursive_directory_iterator it(git_.git_folder() / "refs", failed), end; it != end && !failed;
         it.increment(failed)) {
        if (it->path().extension() == ".lock") found.push_back(it->path());
    }
    for (const fs::path& file : found) {
        if (now - fs::last_write_time(file, failed) > kLeftoverAge && !failed) fs::remove(file, failed);
    }
}

std::uint64_t Clone::disk_bytes() const {
    std::uint64_t sum = 0;
    std::error_code failed;
    for (fs::recursive_directory_iterator it(git_.git_folder(), failed), end; it != end && !failed; it.increment(failed)) {
        std::error_code unknown;
        if (!it->is_regular_file(unknown)) continue;
        const std::uintmax_t size = it->file_size(unknown);
        if (!unknown) sum += size;
    }
    return sum;
}

}  // namespace meshmon::repo
