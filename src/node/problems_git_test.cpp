#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "node/problems.hpp"

namespace meshmon::node {
namespace {

class GitProblems : public testing::Test {
protected:
    GitProblems() {
        network.ref.directory = "prod";
        network.ref.node_id = NodeId::parse("a").value();
        network.ref.type = config::ConfigType::git;
        network.ref.git_repo = "https://h/x.git";
        network.network = NetworkId::parse("mesh").value();
        network.commit = config::Commit{.id = "9f3c2a1b", .branch = "main", .time = {}, .subject = {}};
        network.folder.emplace();
        network.folder->keys.push_back(
            {network.ref.node_id, "networks/prod/pubkeys/a.pub", crypto::PublicKey{}, "", std::nullopt});
    }

    /// "code severity: detail -> remedy", one a line.
    std::string find() {
        NetworkFacts facts;
        facts.loaded = &network;
        facts.pull = &pull;
        std::vector<api::Problem> problems;
        find_git_problems(facts, "config", problems);
        std::string out;
        for (const api::Problem& problem : problems) {
            constexpr std::string_view kWords[] = {"info", "warning", "error"};
            out += problem.code + " " + std::string(kWords[static_cast<std::size_t>(problem.severity)]) + ": " + problem.detail +
                   " -> " + problem.remedy + "\n";
        }
        return out;
    }

    config::LoadedNetwork network;
    PullState pull;
};

TEST_F(GitProblems, AreNoneWhereAllIsWell) { EXPECT_EQ(find(), ""); }

TEST_F(GitProblems, SayWhyNothingCanBeFetchedAndWhatRunsMeanwhile) {
    pull.failed = fail("repo.unreachable", "h cannot be reached", "look at it");
    EXPECT_EQ(
        find(),
        "config_pull_failed warning: h cannot be reached; the network goes on with main@9f3c2a1 of 1970-01-01T00:00:00.000Z -> "
        "look at it\n");
    network.waiting = config::Waiting::awaiting_repository;
    network.folder.reset();
    EXPECT_EQ(find(), "config_pull_failed error: h cannot be reached; the network waits for it -> look at it\n");
}

TEST_F(GitProblems, NameTheCommitThatIsRefused) {
    pull.refused = fail("repo.link", "'config.yml' is a symbolic link", "commit the file");
    pull.refused_commit = "81aa0c2fff";
    EXPECT_EQ(find(),
              "commit_refused error: commit 81aa0c2: 'config.yml' is a symbolic link; the network goes on with main@9f3c2a1 of "
              "1970-01-01T00:00:00.000Z -> commit the file\n");
}

TEST_F(GitProblems, GiveTheCommandsThatAddTheOwnKey) {
    network.folder->keys[0].key.reset();
    const std::string found = find();
    EXPECT_TRUE(
        found.starts_with("key_missing warning: there is no pubkeys/a.pub at main@9f3c2a1: the others cannot know this node; "
                          "its public key is config/.public_keys/prod/a.pub -> "))
        << found;
    EXPECT_TRUE(
        found.contains("git clone https://h/x.git mesh-config && mkdir -p mesh-config/pubkeys && cp "
                       "config/.public_keys/prod/a.pub mesh-config/pubkeys/ && cd mesh-config && git add pubkeys/a.pub"))
        << found;
    EXPECT_TRUE(found.contains("\nthis node looks at the repository every 60 s, and at once where")) << found;
    network.ref.type = config::ConfigType::local;
    EXPECT_EQ(find(), "") << "in local mode the node puts it there itself";
}

}  // namespace
}  // namespace meshmon::node
