#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/access.hpp"
#include "config/codes.hpp"
#include "config/folder.hpp"
#include "node/problems.hpp"
#include "repo/on_disk.hpp"

namespace meshmon::node {
namespace {

using api::Problem;
using api::Severity;
using config::LoadedNetwork;
using config::Waiting;

Problem make(std::string_view code, Severity severity, std::string title, const LoadedNetwork& network) {
    Problem problem = make_problem(code, severity, std::move(title));
    problem.network = network.network;
    return problem;
}

void locate(Problem& problem, const config::Place& place) {
    problem.file = place.file.string();
    if (place.line > 0) problem.line = place.line;
}

std::string at(const config::Place& place) {
    if (place.line <= 0) return place.file.string();
    return place.column <= 0 ? fmt::format("{}:{}", place.file.string(), place.line)
                             : fmt::format("{}:{}:{}", place.file.string(), place.line, place.column);
}

/// What `--network` takes on every host: the id where it is known. To be copied into a shell.
std::string network_argument(const LoadedNetwork& network) {
    return network.network ? network.network->str() : config::shell_word(network.ref.directory);
}

/// Findings that are problems of their own, with better words.
bool has_own_code(const config::Diagnostic& finding, Waiting waiting) {
    namespace code = config::code;
    constexpr std::array kOwn = {code::kNotListed, code::kKeyMissing, code::kKeyUnusable, code::kKeyPermissions,
                                 code::kPlaceholderUrl};
    switch (waiting) {
        case Waiting::none:
        case Waiting::config_invalid: break;
        case Waiting::awaiting_repository:
            if (finding.code == code::kNoRepositoryYet) return true;
            break;
        case Waiting::key_mismatch:
            if (finding.code == code::kOwnKeyMismatch) return true;
            break;
        case Waiting::key_unusable:
            if (finding.code == code::kOwnKeyUnusable || finding.code == code::kOwnKeyFolder) return true;
            break;
    }
    return std::ranges::find(kOwn, finding.code) != kOwn.end();
}

/// What findings are about.
struct About {
    std::optional<NetworkId> network;
    Waiting waiting = Waiting::none;
    std::string meanwhile;               ///< what becomes of a file with errors; may be empty
    std::filesystem::path repository{};  ///< whose files below it come from a repository; empty: they lie on this host
};

bool is_below(const std::filesystem::path& file, const std::filesystem::path& folder) {
    return !folder.empty() && std::ranges::mismatch(folder, file).in1 == folder.end();
}

std::string remedy_of(const config::Diagnostic& finding, const About& about) {
    const bool in_repository = is_below(finding.place.file, about.repository);
    const std::string_view mend = in_repository ? "mend it in the repository, and push" : "mend that line";
    std::string out = finding.hint;
    if (out.empty() || in_repository) out += fmt::format("{}{}", out.empty() ? "" : "; ", mend);
    return out + "; `meshmon check` on this host shows all findings";
}

void find_findings(const std::vector<config::Diagnostic>& findings, const About& about, std::vector<Problem>& out) {
    std::size_t shown = 0;
    for (const config::Diagnostic& finding : findings) {
        if (finding.severity == config::Severity::note || has_own_code(finding, about.waiting)) continue;
        if (++shown > kFindingsShown) return;
        const bool error = finding.severity == config::Severity::error;
        const std::string file = finding.place.file.filename().string();
        Problem problem = error ? make_problem("config_invalid", Severity::error, fmt::format("{} does not load", file))
                                : make_problem("config_warning", Severity::info, fmt::format("{} has a doubtful line", file));
        problem.detail =
            fmt::format("{}: {}[{}]: {}", at(finding.place), error ? "error" : "warning", finding.code, finding.text);
        if (error && !about.meanwhile.empty()) problem.detail += fmt::format("; {}", about.meanwhile);
        problem.remedy = remedy_of(finding, about);
        problem.network = about.network;
        problem.excerpt = config::format_excerpt(finding);
        locate(problem, finding.place);
        out.push_back(std::move(problem));
    }
}

bool has_error(const std::vector<config::Diagnostic>& findings) {
    return std::ranges::any_of(findings, [](const auto& finding) { return finding.severity == config::Severity::error; });
}

void find_node_file_problems(const Facts& facts, std::vector<Problem>& out) {
    const config::Loaded& loaded = *facts.loaded;
    const std::string meanwhile =
        loaded.node ? fmt::format("until it loads this node goes on with what it said before, and listens on {}", facts.listen)
                    : fmt::format("until it loads this node listens on {}", facts.listen);
    if (loaded.state == config::NodeFileState::missing && loaded.node) {
        Problem problem = make_problem("config_invalid", Severity::error, "The node file is gone");
        problem.detail = fmt::format("{} does not exist; {}", loaded.node_file.string(), meanwhile);
        problem.remedy = "put it back; it is read by itself. To begin anew, stop this node and remove its data folder";
        problem.file = loaded.node_file.string();
        out.push_back(std::move(problem));
        return;
    }
    if (loaded.state == config::NodeFileState::missing) {
        Problem problem = make_problem("config_waiting", Severity::info, "Waiting for the node file");
        problem.detail = fmt::format("{} does not exist", loaded.node_file.string());
        problem.remedy = fmt::format(
            "run `meshmon init --config-dir {}` on this host, or write the file; it is read by itself once it is there",
            config::shell_word(loaded.config_dir));
        problem.file = loaded.node_file.string();
        out.push_back(std::move(problem));
        return;
    }
    const About about{.network = {},
                      .waiting = Waiting::none,
                      .meanwhile = loaded.state == config::NodeFileState::invalid ? meanwhile : std::string()};
    find_findings(loaded.diagnostics, about, out);
    if (!facts.restart_needed.empty()) {
        Problem problem = make_problem("restart_needed", Severity::warning, "A setting takes effect at the next start alone");
        for (const std::string& sentence : facts.restart_needed)
            problem.detail += (problem.detail.empty() ? "" : "; ") + sentence;
        problem.remedy = "restart this node, or take the change back";
        problem.file = loaded.node_file.string();
        out.push_back(std::move(problem));
    }
    if (loaded.state == config::NodeFileState::loaded && facts.networks.empty()) {
        Problem problem = make_problem("no_networks", Severity::info, "No network yet");
        problem.detail = fmt::format("`networks:` in {} is empty: this node watches nothing", loaded.node_file.string());
        problem.remedy =
            "add an entry with `directory` and `node_id`, it is read by itself; `meshmon init --network NAME --node-id NAME` "
            "writes "
            "one";
        problem.file = loaded.node_file.string();
        out.push_back(std::move(problem));
    }
}

Problem describe_waiting(const LoadedNetwork& network, Waiting waiting, const std::filesystem::path& config_dir) {
    const std::string& directory = network.ref.directory;
    const auto folder = config::network_folder(config_dir, directory);
    Problem problem = make("config_invalid", Severity::error, fmt::format("Network {} does not run", directory), network);
    switch (waiting) {
        case Waiting::none:
        case Waiting::config_invalid: problem.file = (folder / "config.yml").string(); break;
        case Waiting::awaiting_repository:
            problem.code = "config_waiting";
            problem.severity = Severity::info;
            problem.title = fmt::format("Waiting for the repository of {}", directory);
            problem.file = folder.string();
            break;
        case Waiting::key_mismatch:
            problem.code = "key_mismatch";
            problem.title = "pubkeys/ holds another key for this node";
            problem.node = network.ref.node_id;
            break;
        case Waiting::key_unusable:
            problem.code = "key_unreadable";
            problem.title = "This node's private key cannot be used";
            problem.node = network.ref.node_id;
            break;
    }
    return problem;
}

std::filesystem::path repository_of(const LoadedNetwork& network, const std::filesystem::path& config_dir) {
    return network.ref.type == config::ConfigType::git ? config::network_folder(config_dir, network.ref.directory)
                                                       : std::filesystem::path();
}

About about(const LoadedNetwork& network, const std::filesystem::path& config_dir) {
    About out{.network = network.network,
              .waiting = network.waiting,
              .meanwhile = {},
              .repository = repository_of(network, config_dir)};
    if (network.waiting != Waiting::none && network.commit)
        out.meanwhile = fmt::format("commit {}; the network waits for one that loads", network.commit->text());
    return out;
}

/// Why a network does not run, where no finding says it.
void find_waiting_problem(const LoadedNetwork& network, const std::filesystem::path& config_dir, std::vector<Problem>& out) {
    if (network.waiting == Waiting::none) return;
    if (network.waiting == Waiting::config_invalid && has_error(network.diagnostics)) return;
    Problem problem = describe_waiting(network, network.waiting, config_dir);
    problem.detail = network.reason;
    problem.remedy = network.hint;
    out.push_back(std::move(problem));
}

/// What is wrong with files for which the good copy stands in.
void find_rejected_problem(const LoadedNetwork& network, const std::filesystem::path& config_dir, std::vector<Problem>& out) {
    if (!network.rejected) return;
    const config::Rejected& rejected = *network.rejected;
    const std::string meanwhile = fmt::format("{}until it loads the network goes on with the last good state, config {}",
                                              rejected.commit ? fmt::format("commit {}; ", rejected.commit->text()) : "",
                                              network.folder ? network.folder->config.revision : "unknown");
    find_findings(rejected.diagnostics,
                  {.network = network.network,
                   .waiting = rejected.waiting,
                   .meanwhile = meanwhile,
                   .repository = repository_of(network, config_dir)},
                  out);
    if (rejected.waiting == Waiting::config_invalid && has_error(rejected.diagnostics)) return;
    Problem problem = describe_waiting(network, rejected.waiting, config_dir);
    if (rejected.waiting == Waiting::config_invalid)
        problem.title = fmt::format("A change of {} is not taken over", network.ref.directory);
    problem.detail = fmt::format("{}; {}", rejected.reason, meanwhile);
    problem.remedy = rejected.hint;
    out.push_back(std::move(problem));
}

void find_own_key_problems(const LoadedNetwork& network, std::vector<Problem>& out) {
    if (!network.own_key) return;
    std::string detail;
    bool key_itself = false;
    for (const config::Diagnostic& note : network.own_key->notes) {
        if (note.code != config::code::kKeyPermissions) continue;
        detail += fmt::format("{}{}: {}", detail.empty() ? "" : "; ", note.place.file.string(), note.text);
        key_itself = key_itself || note.place.file == network.own_key->file;
    }
    if (detail.empty()) return;
    Problem problem =
        make("key_permissions", Severity::warning,
             key_itself ? "A private key was open to others" : "The folder of a private key was open to others", network);
    problem.detail = std::move(detail);
    problem.remedy = key_itself ? "if somebody else has access to this host, make a new key: stop this node, remove the file, "
                                  "start it again, and hand out the new public key"
                                : "the key itself was closed to others; look for what opened its folder";
    problem.node = network.ref.node_id;
    problem.file = network.own_key->file.string();
    out.push_back(std::move(problem));
}

bool from_repository(const LoadedNetwork& network) { return network.ref.type == config::ConfigType::git; }

void find_peer_key_problem(const LoadedNetwork& network, const config::PeerKey& key, std::vector<Problem>& out) {
    if (key.key && key.error.empty()) return;
    const bool missing = key.error.empty();
    // In git mode that is a problem of the repository: problems_git.cpp.
    if (missing && key.node_id == network.ref.node_id && from_repository(network)) return;
    const std::string& id = key.node_id.str();
    Problem problem =
        make(missing ? "key_missing" : "key_unreadable", Severity::warning,
             missing ? fmt::format("No public key for {}", id) : fmt::format("The public key of {} cannot be read", id), network);
    problem.detail =
        missing   ? fmt::format("{} does not exist, so {} stays unknown and what it sends is refused; all else runs",
                                key.file.string(), id)
        : key.key ? fmt::format("{}: {}; until it can be, the key that it held before counts", key.file.string(), key.error)
                  : fmt::format("{}: {}; {} stays unknown and what it sends is refused", key.file.string(), key.error, id);
    problem.remedy = fmt::format(
        "on the host of {} run `meshmon key show --network {}`, and put its output into {} here; it is read by itself", id,
        network_argument(network), key.file.string());
    if (from_repository(network)) {
        if (missing) {
            problem.detail = fmt::format(
                "the repository has no pubkeys/{}.pub{}, so {} stays unknown and what it sends is refused; "
                "all else runs",
                id, network.commit ? " at " + network.commit->text() : "", id);
        }
        problem.remedy = fmt::format(
            "put what `meshmon key show --network {}` prints on the host of {} into pubkeys/{}.pub of the repository; the new "
            "commit "
            "is read by itself",
            network_argument(network), id, id);
    }
    if (key.node_id == network.ref.node_id) {
        problem.detail =
            missing ? fmt::format("{} does not exist: the others cannot know this node", key.file.string())
                    : fmt::format("{}: {}; whoever copies it from here cannot know this node", key.file.string(), key.error);
        problem.remedy =
            fmt::format("run `meshmon key show --network {}` on this host and put its output into the network's pubkeys/{}.pub",
                        network_argument(network), id);
    }
    problem.node = key.node_id;
    problem.file = key.file.string();
    out.push_back(std::move(problem));
}

void find_url_problem(const LoadedNetwork& network, const config::Peer& peer, std::vector<Problem>& out) {
    if (peer.url_state != config::UrlState::placeholder) return;
    const bool self = peer.node_id == network.ref.node_id;
    Problem problem = make("placeholder_url", Severity::warning,
                           self ? std::string("This node's own URL is a placeholder")
                                : fmt::format("The URL of {} is a placeholder", peer.node_id.str()),
                           network);
    problem.detail =
        fmt::format("{}: url of {} is still `replace_me`, so nobody can dial it", at(peer.url_place), peer.node_id.str());
    problem.remedy = fmt::format(
        "put the address that the other nodes reach {} by there, for example http://{}.example.com:8000, {}; it is read by "
        "itself",
        peer.node_id.str(), peer.node_id.str(), from_repository(network) ? "in the repository" : "on every node");
    problem.node = peer.node_id;
    locate(problem, peer.url_place);
    out.push_back(std::move(problem));
}

void find_alone_problem(const LoadedNetwork& network, std::vector<Problem>& out) {
    const config::NetworkConfig& config = network.folder->config;
    if (!network.self_listed || config.peers.size() != 1) return;
    Problem problem =
        make("config_waiting", Severity::info, fmt::format("Network {} has no other node yet", config.network_id.str()), network);
    problem.detail = fmt::format("{} lists nobody but this node", config.node_list_place.file.string());
    problem.remedy =
        from_repository(network)
            ? "add the other nodes to `node_config:` of config.yml in the repository, and their keys to pubkeys/ there; the new "
              "commit "
              "is read by itself"
            : "add the other nodes to `node_config:`, the same on every node, and exchange the files in pubkeys/; they are read "
              "by themselves";
    locate(problem, config.node_list_place);
    out.push_back(std::move(problem));
}

void find_not_listed_problem(const LoadedNetwork& network, const std::filesystem::path& config_dir, std::vector<Problem>& out) {
    if (network.self_listed) return;
    const config::Place& place = network.folder->config.node_list_place;
    const std::string& id = network.ref.node_id.str();
    Problem problem =
        make("not_listed", Severity::warning, fmt::format("This node ({}) is not in the network's list", id), network);
    problem.detail =
        fmt::format("`node_config:` ({}) has no entry for {}: this node dials and accuses nobody there", at(place), id);
    problem.remedy = fmt::format(
        "add these lines under `node_config:` {}, or mend `node_id` in the node file:\n"
        "  - node_id: {}\n    url: http://ADDRESS-OF-THIS-HOST:8000",
        from_repository(network) ? "of config.yml in the repository" : "on every node", id);
    if (from_repository(network)) {
        problem.remedy += fmt::format("\nand its public key, on this host or wherever you may push:\n{}",
                                      repo::add_key_commands(config_dir, network.ref));
    }
    problem.node = network.ref.node_id;
    locate(problem, place);
    out.push_back(std::move(problem));
}

void find_version_problem(const NetworkFacts& facts, const std::string& version, std::vector<Problem>& out) {
    if (!facts.unmet_range) return;
    const LoadedNetwork& network = *facts.loaded;
    Problem problem = make("node_version_unmet", Severity::error,
                           fmt::format("This meshmon is not wanted in {}", network_argument(network)), network);
    problem.detail =
        fmt::format("`node_version:` asks for {}, and this is {}: the node has left the network", *facts.unmet_range, version);
    problem.remedy = "install a version that fits on this host, or change the range on every node";
    if (network.folder) problem.file = network.folder->config.node_list_place.file.string();
    out.push_back(std::move(problem));
}

}  // namespace

void find_config_problems(const Facts& facts, std::vector<Problem>& out) {
    const config::Loaded& loaded = *facts.loaded;
    find_node_file_problems(facts, out);
    for (const NetworkFacts& entry : facts.networks) {
        const LoadedNetwork& network = *entry.loaded;
        find_findings(network.diagnostics, about(network, loaded.config_dir), out);
        find_waiting_problem(network, loaded.config_dir, out);
        find_rejected_problem(network, loaded.config_dir, out);
        find_git_problems(entry, loaded.config_dir, out);
        find_rotation_problem(entry, loaded.config_dir, out);
        find_own_key_problems(network, out);
        find_version_problem(entry, facts.version, out);
        if (!network.folder) continue;
        find_not_listed_problem(network, loaded.config_dir, out);
        find_alone_problem(network, out);
        for (const config::PeerKey& key : network.folder->keys) find_peer_key_problem(network, key, out);
        for (const config::Peer& peer : network.folder->config.peers) find_url_problem(network, peer, out);
    }
}

}  // namespace meshmon::node
