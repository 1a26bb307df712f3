// What is wrong with the repositories of networks in git mode.
#include <fmt/format.h>

#include <algorithm>

#include "config/folder.hpp"
#include "node/problems.hpp"
#include "repo/on_disk.hpp"

namespace meshmon::node {
namespace {

using api::Problem;
using api::Severity;
using config::LoadedNetwork;

std::string goes_on_with(const LoadedNetwork& network) {
    if (!network.loaded()) return "the network waits for it";
    if (!network.commit) return "the network goes on with its last good state";
    return fmt::format("the network goes on with {} of {}", network.commit->text(), to_rfc3339(network.commit->time));
}

Problem make(std::string_view code, Severity severity, std::string title, const LoadedNetwork& network,
             const std::filesystem::path& config_dir) {
    Problem problem = make_problem(code, severity, std::move(title));
    problem.network = network.network;
    problem.file = config::network_folder(config_dir, network.ref.directory).string();
    return problem;
}

void find_pull_problem(const LoadedNetwork& network, const Error& error, const std::filesystem::path& config_dir,
                       std::vector<Problem>& out) {
    const bool awaited = !network.loaded() && error.code == "repo.empty";  // whoever makes it has not pushed yet
    const Severity severity = awaited ? Severity::info : network.loaded() ? Severity::warning : Severity::error;
    Problem problem = make("config_pull_failed", severity,
                           fmt::format("The repository of {} cannot be fetched", network.ref.directory), network, config_dir);
    problem.detail = fmt::format("{}; {}", error.message, goes_on_with(network));
    problem.remedy = error.hint;
    out.push_back(std::move(problem));
}

void find_refused_problem(const LoadedNetwork& network, const PullState& pull, const std::filesystem::path& config_dir,
                          std::vector<Problem>& out) {
    constexpr std::size_t kShortId = 7;
    Problem problem = make("commit_refused", Severity::error,
                           fmt::format("The newest commit of {} is refused", network.ref.directory), network, config_dir);
    problem.detail =
        fmt::format("commit {}: {}; {}", pull.refused_commit.substr(0, kShortId), pull.refused->message, goes_on_with(network));
    problem.remedy = pull.refused->hint;
    out.push_back(std::move(problem));
}

/// The others know this node by the repository alone.
void find_unpublished_key(const LoadedNetwork& network, const std::filesystem::path& config_dir, std::vector<Problem>& out) {
    const std::vector<config::PeerKey>& keys = network.folder->keys;
    const auto own_entry = std::ranges::find(keys, network.ref.node_id, &config::PeerKey::node_id);
    if (own_entry == keys.end() || own_entry->key || !own_entry->error.empty()) return;
    const std::string& id = network.ref.node_id.str();
    Problem problem =
        make("key_missing", Severity::warning, fmt::format("The repository has no public key of {}", id), network, config_dir);
    const std::filesystem::path own = config::own_key_place(config_dir, network.ref).public_file();
    problem.detail = fmt::format("there is no pubkeys/{}.pub{}: the others cannot know this node; its public key is {}", id,
                                 network.commit ? " at " + network.commit->text() : "", own.string());
    problem.remedy = fmt::format(
        "on this host, or with a copy of that file wherever you may push:\n{}\nthis node looks at the repository every {}, and "
        "at "
        "once where its process is told to: kill -HUP",
        repo::add_key_commands(config_dir, network.ref), to_short_text(network.ref.git_interval));
    problem.node = network.ref.node_id;
    problem.file = own.string();
    out.push_back(std::move(problem));
}

}  // namespace

void find_git_problems(const NetworkFacts& facts, const std::filesystem::path& config_dir, std::vector<Problem>& out) {
    const LoadedNetwork& network = *facts.loaded;
    if (network.ref.type != config::ConfigType::git) return;
    if (facts.pull != nullptr && facts.pull->failed) find_pull_problem(network, *facts.pull->failed, config_dir, out);
    if (facts.pull != nullptr && facts.pull->refused) find_refused_problem(network, *facts.pull, config_dir, out);
    if (network.folder) find_unpublished_key(network, config_dir, out);
}

}  // namespace meshmon::node
