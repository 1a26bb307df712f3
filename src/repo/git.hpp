#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "repo/child.hpp"
#include "repo/remote.hpp"

namespace meshmon::repo {

/// What a look at a repository may cost.
struct Limits {
    std::chrono::milliseconds time = std::chrono::seconds(60);  ///< all children of one look together
    std::uint64_t fetch_bytes = std::uint64_t{64} << 20U;       ///< one fetch, and any other file that git writes
    std::uint64_t disk_bytes = std::uint64_t{256} << 20U;       ///< the clone, before a fetch
    std::size_t files = 20'000;                                 ///< in a commit
    std::uint64_t file_bytes = std::uint64_t{64} << 20U;        ///< of all files of a commit together
    std::uint64_t read_bytes = std::uint64_t{32} << 20U;        ///< of the files that are read: config.yml and pubkeys/
};

/// What this node shows a repository's host. It lies in files and variables, never in the configuration.
struct Credentials {
    std::filesystem::path ssh_folder;              ///< known_hosts, and id_ed25519, id_ecdsa or id_rsa where there is one
    std::optional<std::filesystem::path> ssh_key;  ///< in place of those
    std::string token;                             ///< for https; "user:token" or the token alone; may be empty
};

/// Finds the credentials of one network: MESHMON_GIT_SSH_KEY (a file), else a key in <config>/.ssh/;
/// <config>/.git_tokens/<directory>, else MESHMON_GIT_TOKEN, else the file that MESHMON_GIT_TOKEN_FILE names. Errors: repo.token,
/// a token file that is there cannot be read, or holds no token.
Result<Credentials> find_credentials(const std::filesystem::path& config_dir, const std::string& directory);

/// The `git` program on one clone, shut off from everything but what is written here: no variable, configuration, hook, filter,
/// submodule or prompt of the surroundings reaches it, and it never looks for a repository itself.
///
/// Threads: any; run() blocks.
class Git {
public:
    /// `folder`: the network's; the repository is its `.git`, whether it exists or not.
    Git(std::filesystem::path folder, Remote remote, Credentials credentials, Limits limits);

    /// Where the program is. Errors: repo.no_git, with the command that installs it.
    static Result<std::filesystem::path> find_program();

    struct Call {
        std::vector<std::string> arguments;  ///< from the subcommand on
        std::string input = {};
        std::size_t output_max = std::size_t{1} << 20U;
        bool bare_of_repository = false;         ///< it needs none: init
        std::vector<std::string> settings = {};  ///< "gc.auto=1": after those that always hold
    };

    /// Errors: repo.no_git, repo.spawn.
    Result<ChildResult> run(Call call, Deadline deadline, const Stop& stop) const;

    /// Another program with the same shut-off surroundings, such as ssh-keyscan. Errors: repo.spawn.
    Result<ChildResult> run_other(std::string_view program, std::vector<std::string> arguments, std::string input,
                                  Deadline deadline, const Stop& stop) const;

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] std::filesystem::path git_folder() const { return folder_ / ".git"; }
    [[nodiscard]] const Remote& remote() const { return remote_; }
    [[nodiscard]] const Credentials& credentials() const { return credentials_; }
    [[nodiscard]] const Limits& limits() const { return limits_; }

private:
    [[nodiscard]] std::vector<std::string> environment() const;

    std::filesystem::path folder_;
    Remote remote_;
    Credentials credentials_;
    Limits limits_;
};

/// The ssh command line that git runs, as its shell takes it: no prompt, no user's configuration, known hosts alone.
[[nodiscard]] std::string ssh_command(const Credentials& credentials);

}  // namespace meshmon::repo
