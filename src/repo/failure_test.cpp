#include "repo/failure.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace meshmon::repo {
namespace {

Git git_for(std::string_view url, Credentials credentials = {}) {
    credentials.ssh_folder = "/c/.ssh";
    return {"/c/networks/prod", parse_remote(url).value(), std::move(credentials), Limits()};
}

ChildResult said(std::string errors, int code = 128) {
    return {.end = ChildResult::End::exited, .code = code, .output = {}, .errors = std::move(errors)};
}

std::string_view code_of(std::string errors, std::string_view url = "https://h/x") {
    return explain(said(std::move(errors)), git_for(url)).code;
}

TEST(Explain, KnowsTheUsualCauses) {
    EXPECT_EQ(code_of("fatal: unable to access 'https://h/x/': Could not resolve host: h\n"), "repo.unreachable");
    EXPECT_EQ(code_of("ssh: connect to host h port 22: Connection refused\nfatal: Could not read from remote repository.\n"),
              "repo.unreachable");
    EXPECT_EQ(code_of("fatal: could not read Username for 'https://h': terminal prompts disabled\n"), "repo.credentials");
    EXPECT_EQ(code_of("fatal: Authentication failed for 'https://h/x/'\n"), "repo.credentials");
    EXPECT_EQ(code_of("git@h: Permission denied (publickey).\n"), "repo.credentials");
    EXPECT_EQ(code_of("remote: Repository not found.\nfatal: repository 'https://h/x/' not found\n"), "repo.not_found");
    EXPECT_EQ(code_of("fatal: '/srv/x' does not appear to be a git repository\n"), "repo.not_found");
    EXPECT_EQ(code_of("fatal: couldn't find remote ref refs/heads/x\n"), "repo.no_branch");
    EXPECT_EQ(code_of("fatal: detected dubious ownership in repository at '/srv/x'\n"), "repo.ownership");
    EXPECT_EQ(code_of("fatal: server certificate verification failed. CAfile: none CRLfile: none\n"), "repo.tls");
    EXPECT_EQ(code_of("error: unable to write: No space left on device\nfatal: index-pack failed\n"), "repo.disk");
    EXPECT_EQ(code_of("error: object 12: hasDotgit: contains '.git'\nfatal: fsck error in packed object\n"), "repo.objects");
    EXPECT_EQ(code_of("Host key verification failed.\n"), "repo.host_unknown");
    EXPECT_EQ(code_of("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\n"),
              "repo.host_changed");
    EXPECT_EQ(code_of("No user exists for uid 4711\n"), "repo.failed");
    EXPECT_EQ(code_of("something else\n"), "repo.failed");
}

TEST(Explain, TellsWhoMayNotWriteTheCloneFromWhoMayNotReadTheRemote) {
    const std::string lock = "fatal: Unable to create '/c/networks/prod/.git/shallow.lock': Permission denied\n";
    EXPECT_EQ(code_of(lock), "repo.folder");
    EXPECT_EQ(code_of("error: insufficient permission for adding an object to repository database .git/objects\n"),
              "repo.folder");
    const Error error = explain(said(lock), git_for("https://h/x"));
    EXPECT_TRUE(error.message.starts_with("the clone /c/networks/prod/.git cannot be written: fatal: Unable to create"))
        << error.message;
    EXPECT_TRUE(error.hint.starts_with("chown -R ")) << error.hint;
    EXPECT_TRUE(error.hint.ends_with(" /c/networks/prod/.git && chmod -R u+rwX /c/networks/prod/.git")) << error.hint;
    EXPECT_EQ(code_of("fatal: cannot open '/srv/x/HEAD': Permission denied\n", "file:///srv/x"), "repo.failed");
}

TEST(Explain, KnowsLimits) {
    const Git git = git_for("https://h/x");
    EXPECT_EQ(explain({.end = ChildResult::End::deadline, .code = 0, .output = {}, .errors = {}}, git).message,
              "https://h/x did not answer in full within 60 s");
    EXPECT_EQ(explain({.end = ChildResult::End::signalled, .code = SIGXFSZ, .output = {}, .errors = {}}, git).code,
              "repo.too_large");
    EXPECT_EQ(explain(said("error: index-pack died of signal 25\nfatal: index-pack failed\n"), git).code, "repo.too_large");
    EXPECT_EQ(explain({.end = ChildResult::End::stopped, .code = 0, .output = {}, .errors = {}}, git).code, "repo.stopped");
    EXPECT_EQ(explain({.end = ChildResult::End::signalled, .code = SIGKILL, .output = {}, .errors = {}}, git).code,
              "repo.failed");
}

TEST(Explain, ShowsNoTokenAndNoControlCharacter) {
    const Git git = git_for("https://h/x", {.ssh_folder = {}, .ssh_key = {}, .token = "s3cret"});
    const Error error = explain(said("fatal: \x1b[31m rejected s3cret:s3cret \xe2\x80\xae\n"), git);
    EXPECT_EQ(error.message, "https://h/x: fatal: ?[31m rejected ***:*** ?");
}

TEST(Explain, NamesWhereCredentialsBelong) {
    const std::string refused = "fatal: Authentication failed\n";
    EXPECT_EQ(
        explain(said(refused), git_for("https://h/x")).hint,
        "put a token that may read the repository into /c/.git_tokens/prod (mode 0600), or into the variable MESHMON_GIT_TOKEN");
    EXPECT_EQ(explain(said("fatal: '/srv/x' does not appear to be a git repository\n"), git_for("file:///srv/x")).hint,
              "mend git_repo in the node file, or make the repository there; git init --bare begins one");
    EXPECT_EQ(explain(said(refused), git_for("http://h/x")).hint, "write the URL with https: a token is not sent over http");
    EXPECT_EQ(explain(said("Permission denied (publickey).\n"), git_for("ssh://git@h/x")).hint,
              "make a key: `ssh-keygen -t ed25519 -N '' -f /c/.ssh/id_ed25519`, and give the public one beside it access to the "
              "repository");
}

TEST(LastWords, LeaveOutWhatTellsNothing) {
    const Git git = git_for("https://h/x");
    EXPECT_EQ(last_words(said("Cloning...\nfatal: no\nfatal: Could not read from remote repository.\n\nPlease make sure\n"), git),
              "Cloning...; fatal: no");
    EXPECT_EQ(last_words(said("error: unable to read askpass response from '/bin/false'\nfatal: could not read Username\n"), git),
              "fatal: could not read Username");
    EXPECT_EQ(last_words(said("", 1), git), "git ended with code 1 and no word");
    EXPECT_LE(last_words(said(std::string(50'000, 'x')), git).size(), 310U);
}

}  // namespace
}  // namespace meshmon::repo
