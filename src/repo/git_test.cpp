#include "repo/git.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>

#include "base/bytes.hpp"
#include "config/folder_for_tests.hpp"

namespace meshmon::repo {
namespace {

/// Sets a variable for one test.
class Variable {
public:
    Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
    ~Variable() { unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* name_;
};

class GitProgram : public testing::Test {
protected:
    [[nodiscard]] Git git(std::string_view url, std::string token = {}) const {
        return {folder.path(),
                parse_remote(url).value(),
                {.ssh_folder = folder.path() / ".ssh", .ssh_key = {}, .token = std::move(token)},
                Limits()};
    }
    /// What a child of ours sees.
    [[nodiscard]] std::string surroundings(const Git& program) const {
        return program.run_other("env", {}, {}, std::chrono::steady_clock::now() + std::chrono::seconds(20), Stop())
            .value()
            .output;
    }

    config::TestFolder folder;
};

TEST_F(GitProgram, SeesNothingOfTheSurroundings) {
    const Variable one("GIT_DIR", "/elsewhere");
    const Variable two("GIT_SSH_COMMAND", "evil");
    const Variable three("GIT_CONFIG_PARAMETERS", "'core.pager'='evil'");
    const Variable four("HOME", "/home/ada");
    const Variable agent("SSH_AUTH_SOCK", "/run/agent");
    const std::string seen = surroundings(git("https://h/x"));
    for (const std::string_view absent : {"/elsewhere", "evil", "/home/ada"}) EXPECT_FALSE(seen.contains(absent)) << seen;
    for (const std::string_view there : {"SSH_AUTH_SOCK=/run/agent", "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1",
                                         "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ALLOW_PROTOCOL=https\n"}) {
        EXPECT_TRUE(seen.contains(there)) << there;
    }
    EXPECT_FALSE(seen.contains("Authorization"));
}

TEST_F(GitProgram, ShowsTheTokenToItsHostAlone) {
    EXPECT_TRUE(surroundings(git("https://ada@h:1/x", "tok"))
                    .contains("GIT_CONFIG_KEY_0=http.https://h:1.extraHeader\nGIT_CONFIG_VALUE_0=Authorization: Basic " +
                              to_base64("ada:tok")));
    EXPECT_TRUE(surroundings(git("https://h/x", "tok")).contains(to_base64("x-access-token:tok")));
    EXPECT_TRUE(surroundings(git("https://h/x", "bob:tok")).contains(to_base64("bob:tok")));
    EXPECT_FALSE(surroundings(git("http://h/x", "tok")).contains("Authorization"));
    EXPECT_FALSE(surroundings(git("ssh://h/x", "tok")).contains("Authorization"));
}

TEST_F(GitProgram, TellsHowToInstallIt) {
    const std::string path = getenv("PATH");
    setenv("PATH", folder.path().c_str(), 1);
    const Error error = Git::find_program().error();
    setenv("PATH", path.c_str(), 1);
    EXPECT_EQ(error.code, "repo.no_git");
    EXPECT_TRUE(error.hint.starts_with("apt-get install git")) << error.hint;
}

TEST_F(GitProgram, RunsSshWithKnownHostsOfOursAlone) {
    const std::string command = ssh_command({.ssh_folder = "/c o/50%'/.ssh", .ssh_key = "/k\"ey", .token = {}});
    for (const std::string_view part :
         {"ssh -F /dev/null", "'BatchMode=yes'", "'StrictHostKeyChecking=yes'",
          "'UserKnownHostsFile=\"/c o/50%%'\\''/.ssh/known_hosts\"'", "'IdentityFile=\"/k\\\"ey\"'"}) {
        EXPECT_TRUE(command.contains(part)) << part << " in " << command;
    }
}

TEST_F(GitProgram, ShowsNoKeyOfTheUsersOwn) {
    const std::string command = ssh_command({.ssh_folder = "/c/.ssh", .ssh_key = {}, .token = {}});
    EXPECT_TRUE(command.contains("'IdentityFile=none'")) << command;
}

TEST_F(GitProgram, FindsCredentialsByTheirPlaces) {
    EXPECT_EQ(find_credentials(folder.path(), "prod")->token, "");
    EXPECT_FALSE(find_credentials(folder.path(), "prod")->ssh_key);
    const Variable general("MESHMON_GIT_TOKEN_FILE", folder.write("general", "  from-file\n"));
    EXPECT_EQ(find_credentials(folder.path(), "prod")->token, "from-file");
    {
        const Variable token("MESHMON_GIT_TOKEN", "from-variable");
        EXPECT_EQ(find_credentials(folder.path(), "prod")->token, "from-variable");
    }
    const auto own = folder.write(".git_tokens/prod", "own\n");
    chmod(own.c_str(), 0644);
    EXPECT_EQ(find_credentials(folder.path(), "prod").error().hint, "chmod 0600 " + own.string());
    chmod(own.c_str(), 0600);
    EXPECT_EQ(find_credentials(folder.path(), "prod")->token, "own");
    EXPECT_EQ(find_credentials(folder.path(), "other")->token, "from-file");
    folder.write("general", "two words\nX-Header: 1");
    EXPECT_EQ(find_credentials(folder.path(), "other").error().code, "repo.token");
    folder.write("general", "");
    EXPECT_EQ(find_credentials(folder.path(), "other").error().code, "repo.token");
    folder.write(".ssh/id_rsa", "x");
    EXPECT_EQ(find_credentials(folder.path(), "prod")->ssh_key, folder.path() / ".ssh/id_rsa");
    folder.write(".ssh/id_ed25519", "x");
    EXPECT_EQ(find_credentials(folder.path(), "prod")->ssh_key, folder.path() / ".ssh/id_ed25519");
    const Variable key("MESHMON_GIT_SSH_KEY", "/run/secrets/key");
    EXPECT_EQ(find_credentials(folder.path(), "prod")->ssh_key, "/run/secrets/key");
}

}  // namespace
}  // namespace meshmon::repo
