#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/network_files.hpp"
#include "repo/git.hpp"
#include "repo/stop.hpp"

namespace meshmon::repo {

/// What one look at the remote repository came to.
struct Look {
    /// What the branch is at; empty if that could not be found out or fetched, so that the next look has to try again.
    std::string commit;
    std::optional<config::NetworkFiles> files;  ///< if it is another commit than was known, and its files could be read
    std::optional<Error> error;                 ///< `commit` empty: the look failed; else what is wrong with that commit
    std::vector<std::string> notes;             ///< for the log: what was done to the clone on disk
};

/// Whether it is so because of what a commit holds, and stays so; any other failure may be gone at the next look.
[[nodiscard]] bool is_about_commit(const Error& error);

/// The clone of one network's repository in its folder, networks/<directory>/.git.
///
/// Files are read from commits, never from checked-out files. What it keeps lies under refs/meshmon/; branches and checked-out
/// files are moved only in a clone that it made itself, in a folder that was empty (.git/meshmon says so): for people who look
/// into it. A clone is never removed: one that is damaged is renamed to .git.damaged-N, and a new one made beside it.
///
/// Threads: any, one call at a time for one folder. Blocks: at most Limits::time and a second.
class Clone {
public:
    /// `branch`: empty for the remote's default one.
    Clone(Git git, std::string branch);

    /// The files of the commit that was last kept; in a clone that somebody else made, before the first one, of what it was last
    /// fetched or checked out at. Asks nobody. Errors: repo.no_clone; repo.foreign; as check of a commit; repo.damaged.
    [[nodiscard]] Result<config::NetworkFiles> read_on_disk(const Stop& stop) const;

    /// The files of the newest commit that was fetched, where that is not the one that was last kept: it was not looked into yet,
    /// or was not found good. Asks nobody. Errors: why that commit is refused (is_about_commit); else why it is not known what
    /// it holds: repo.folder, repo.foreign, repo.damaged, repo.timeout.
    [[nodiscard]] Result<std::optional<config::NetworkFiles>> read_newest(const Stop& stop) const;

    /// Asks the remote what the branch is at; if that is not `known`, fetches it and reads its files. Makes the clone where there
    /// is none, and anew where it is damaged.
    [[nodiscard]] Look look(const std::string& known, const Stop& stop);

    /// Remembers a commit whose files were found good: it is what read_on_disk gives, after a restart too.
    /// Errors: repo.failed; it is still running, of course.
    Result<> keep(const config::Commit& commit, const Stop& stop);

private:
    struct Head {
        std::string branch;  ///< empty: the remote stands on no branch
        std::string commit;
    };

    [[nodiscard]] Result<bool> exists() const;
    [[nodiscard]] Result<> check_access() const;
    Result<> make(Deadline deadline, const Stop& stop);
    Result<bool> open(Deadline deadline, const Stop& stop, std::vector<std::string>& notes);
    Result<> set_aside(std::vector<std::string>& notes);
    [[nodiscard]] bool is_ours() const;
    [[nodiscard]] bool is_shallow() const;

    [[nodiscard]] Result<Head> ask(Deadline deadline, const Stop& stop) const;
    [[nodiscard]] bool has(const std::string& commit, Deadline deadline, const Stop& stop) const;
    Result<std::string> fetch(const Head& head, Deadline deadline, const Stop& stop);
    [[nodiscard]] bool is_sound(Deadline deadline, const Stop& stop) const;
    std::uint64_t remove_half_fetched(std::filesystem::file_time_type begin) const;
    Result<> make_room(Deadline deadline, const Stop& stop);
    [[nodiscard]] std::uint64_t disk_bytes() const;
    void remove_leftovers() const;

    [[nodiscard]] std::string head_branch() const;
    [[nodiscard]] Result<std::string> resolve(const std::string& name, Deadline deadline, const Stop& stop) const;
    [[nodiscard]] Result<std::optional<std::string>> find(const std::string& ref, Deadline deadline, const Stop& stop) const;
    [[nodiscard]] Result<config::NetworkFiles> read(const std::string& commit, const std::string& branch, Deadline deadline,
                                                    const Stop& stop) const;
    [[nodiscard]] Result<ChildResult> run(Git::Call call, Deadline deadline, const Stop& stop) const;
    [[nodiscard]] Deadline deadline() const;

    Git git_;
    std::string branch_;
    std::string refs_;  ///< "refs/meshmon/<hash of URL and branch>/": another repository has others
};

}  // namespace meshmon::repo
