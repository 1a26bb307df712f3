#include "node/setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "config/access.hpp"
#include "config/public_keys.hpp"
#include "crypto/fingerprint.hpp"
#include "node/checklist.hpp"
#include "node/setup_peer.hpp"

namespace meshmon::node {
namespace {

using api::Problem;
using api::SetupStep;
using api::StepState;

constexpr int kOkStatus = 200;

/// Why the repository's newest commit does not run; null: it does, as far as is known, or there is none.
const Error* trouble_of(const PullState* pull) {
    if (pull == nullptr) return nullptr;
    if (pull->failed) return &*pull->failed;
    return pull->refused ? &*pull->refused : nullptr;
}

void find_own_steps(const SetupFacts& all, std::vector<SetupStep>& out) {
    const NetworkFacts& facts = all.network;
    const config::LoadedNetwork& network = *facts.loaded;
    const NodeId& self = network.ref.node_id;
    Checklist list(out);
    const Problem* invalid = all.own_problem({"config_invalid"});
    const bool awaited = network.waiting == config::Waiting::awaiting_repository;
    const Error* trouble = trouble_of(facts.pull);
    if (!awaited && invalid != nullptr) list.failed("config", *invalid, self);
    else if (trouble != nullptr) list.failed("config", trouble->message, trouble->hint, self);
    else if (awaited) list.waiting("config", network.reason);
    else list.done("config", network.folder ? network.folder->config.revision : std::string());

    const Problem* key = all.own_problem({"key_mismatch", "key_unreadable", "key_permissions", "key_missing"});
    if (key != nullptr) list.failed("own_key", *key, self);
    else if (network.own_key) list.done("own_key", crypto::fingerprint(network.own_key->public_key).text());
    else list.waiting("own_key", "for the daemon, which makes it: " + config::command_line(all.config_dir, "run"));

    if (!list.possible("own_entry", {"config"})) return;
    const Problem* entry = all.own_problem({"not_listed", "placeholder_url"});
    if (entry != nullptr) list.failed("own_entry", *entry, self);
    else list.done("own_entry");
}

void find_node_file(const Facts& facts, const std::vector<Problem>& problems, std::vector<SetupStep>& out) {
    const std::string file = facts.loaded->node_file.string();
    if (facts.loaded->state == config::NodeFileState::loaded) return Checklist(out).done("node_file", file);
    const auto found = std::ranges::find_if(problems, [&](const Problem& each) { return each.file == file && !each.network; });
    SetupStep& step = out.emplace_back();
    step.name = "node_file";
    step.state = StepState::failed;
    step.file = file;
    if (found == problems.end()) return;
    step.detail = found->detail;
    step.remedy = found->remedy;
    step.line = found->line;
}

void find_node_steps(const Facts& facts, const std::vector<Problem>& problems, Running running, std::vector<SetupStep>& out) {
    find_node_file(facts, problems, out);
    if (running == Running::yes) return Checklist(out).done("daemon");
    SetupStep& step = out.emplace_back();
    step.name = "daemon";
    step.state = StepState::failed;
    step.detail = "no daemon runs with this configuration";
    step.remedy = "start it: " + config::command_line(facts.loaded->config_dir, "run");
}

}  // namespace

std::string probe_url(const std::string& peer_url, const NetworkId& network) {
    return fmt::format("{}/mesh/v1/{}/key", peer_url, network.str());
}

PeerProbe read_probe(const net::ClientResult& result) {
    PeerProbe probe;
    if (result.outcome != net::Outcome::answered) {
        probe.failure = result.failure;
        probe.detail = result.detail.empty() ? std::string(net::to_string(result.failure)) : result.detail;
        return probe;
    }
    probe.status = result.response.status;
    probe.took = result.first_byte - result.started;
    if (probe.status != kOkStatus) return probe;
    if (const auto keys = config::parse_public_keys(result.response.body); keys) {
        probe.offered = keys->key;
        probe.offered_before = keys->previous;
    }
    return probe;
}

api::Setup find_setup(const Facts& facts, const PeerProbes& probes, Running running) {
    const std::vector<Problem> problems = find_problems(facts);
    api::Setup setup;
    find_node_steps(facts, problems, running, setup.steps);
    for (const NetworkFacts& entry : facts.networks) {
        const config::LoadedNetwork& loaded = *entry.loaded;
        api::SetupNetwork& network = setup.networks.emplace_back();
        network.directory = loaded.ref.directory;
        network.network = loaded.network;
        network.node = loaded.ref.node_id;
        if (loaded.own_key) {
            const crypto::Fingerprint print = crypto::fingerprint(loaded.own_key->public_key);
            network.fingerprint = print.text();
            network.key_words = print.words();
        }
        const SetupFacts all{entry, problems, facts.loaded->config_dir, running};
        find_own_steps(all, network.steps);
        if (!loaded.folder) continue;
        for (std::size_t i = 0; i < loaded.folder->config.peers.size(); ++i) {
            const NodeId& id = loaded.folder->config.peers[i].node_id;
            if (id == loaded.ref.node_id) continue;
            const auto probe = probes.find({loaded.ref.directory, id});
            api::SetupPeer& peer = network.peers.emplace_back();
            peer.node = id;
            find_peer_steps(all, i, probe == probes.end() ? nullptr : &probe->second, peer.steps);
        }
    }
    return setup;
}

}  // namespace meshmon::node
