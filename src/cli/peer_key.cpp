#include "cli/peer_key.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <vector>

#include "cli/json_text.hpp"
#include "cli/node_file.hpp"
#include "cli/suggest.hpp"
#include "config/folder.hpp"
#include "crypto/fingerprint.hpp"

namespace meshmon::cli {
namespace {

std::string_view to_text(config::KeyChange change) {
    switch (change) {
        case config::KeyChange::none: return "none";
        case config::KeyChange::first: return "first";
        case config::KeyChange::next: return "next";
        case config::KeyChange::end: return "end";
        case config::KeyChange::withdraw: return "withdraw";
        case config::KeyChange::replace: return "replace";
    }
    return "none";
}

Error keys_come_from_git(const config::NetworkRef& ref, const NodeId& id) {
    return fail("cli.git_network", fmt::format("the keys of {} come from {}", ref.directory, ref.git_repo),
                fmt::format("put the key there as pubkeys/{}.pub, commit and push", id.str()));
}

std::vector<NodeId> others_of(const NodeId& id, const config::NetworkConfig& network) {
    std::vector<NodeId> out;
    for (const config::Peer& peer : network.peers) {
        if (peer.node_id != id) out.push_back(peer.node_id);
    }
    return out;
}

/// Every node that is called `id`; the names of all go into `names`.
Result<std::vector<ListedPeer>> find_all(const NodeId& id, const Globals& globals, std::vector<std::string>& names) {
    const auto networks = chosen_networks(globals);
    if (!networks) return networks.error();
    std::vector<ListedPeer> found;
    for (const KnownNetwork& network : *networks) {
        const auto file = config::load_network_file(globals.config_dir, network.ref, {}, network.files.get());
        if (!file.value) {
            if (networks->size() > 1) continue;
            if (network.ref.type == config::ConfigType::git) return keys_come_from_git(network.ref, id);
            return fail("cli.config", fmt::format("the node list of {} does not load", network.ref.directory),
                        command_line(globals, "check"));
        }
        for (const config::Peer& peer : file.value->peers) {
            names.push_back(peer.node_id.str());
            if (peer.node_id == id) found.push_back({network.ref, file.value->network_id, peer, others_of(id, *file.value)});
        }
    }
    return found;
}

}  // namespace

std::filesystem::path ListedPeer::pubkeys(const Globals& globals) const {
    return config::network_folder(globals.config_dir, ref.directory) / "pubkeys";
}

Result<ListedPeer> find_peer(const std::string& name, const Globals& globals) {
    const auto id = NodeId::parse(name);
    if (!id) return fail("cli.usage", id.error().message, id.error().hint);
    std::vector<std::string> names;
    const auto found = find_all(*id, globals, names);
    if (!found) return found.error();
    if (found->empty()) {
        return fail("cli.unknown_node", fmt::format("no node list names '{}'{}", id->str(), did_you_mean(id->str(), names)),
                    "add it to node_config in config.yml first");
    }
    const ListedPeer& target = found->front();
    if (found->size() > 1) {
        return fail("cli.usage", fmt::format("{} networks list '{}'", found->size(), id->str()), fetch_line(target, globals));
    }
    if (target.ref.node_id == *id) {
        return fail("cli.usage", fmt::format("{} is this node itself", id->str()), command_line(globals, "key show"));
    }
    if (target.ref.type != config::ConfigType::local) return keys_come_from_git(target.ref, *id);
    return target;
}

std::string fetch_line(const ListedPeer& target, const Globals& globals, std::string_view options) {
    return command_line(globals, fmt::format("key fetch {} --network {}{}{}", target.id(), target.network.str(),
                                             options.empty() ? "" : " ", options));
}

Result<config::TrustPlan> plan_key(const ListedPeer& target, const config::PublicKeyFile& keys, const Globals& globals) {
    const std::filesystem::path pubkeys = target.pubkeys(globals);
    for (const NodeId& other : target.others) {
        const auto theirs = config::read_public_keys(pubkeys / (other.str() + ".pub"), pubkeys.parent_path());
        if (!theirs || !(theirs->holds(keys.key) || (keys.previous && theirs->holds(*keys.previous)))) continue;
        return fail(
            "cli.key_of_other", fmt::format("it is the key of {} already", other.str()),
            fmt::format("each node has a key of its own; that of {} is shown on its host by: meshmon key show --network {}",
                        target.id(), target.network.str()));
    }
    return config::plan_trust(pubkeys, target.peer.node_id, keys);
}

int store_key(const ListedPeer& target, const config::PublicKeyFile& keys, const config::TrustPlan& plan, Context& context) {
    const std::string& id = target.id();
    const std::filesystem::path pubkeys = target.pubkeys(context.globals);
    if (const auto stored = config::trust_key(pubkeys, target.peer.node_id, keys, plan); !stored)
        return report(context, fmt::format("key of {} not stored", id), stored.error(), kFailed);
    const std::filesystem::path file = pubkeys / (id + ".pub");
    const crypto::Fingerprint print = crypto::fingerprint(keys.key);
    const bool changed = plan.change != config::KeyChange::none;
    if (context.globals.json) {
        context.out << json_line({{"schema", 1},
                                  {"network_id", target.network.str()},
                                  {"node_id", id},
                                  {"fingerprint", print.text()},
                                  {"words", print.words()},
                                  {"public_key_file", file.string()},
                                  {"stored", changed},
                                  {"change", to_text(plan.change)}});
    } else {
        context.out << fmt::format("{} {}: {}\n", changed ? "stored" : "already there", file.string(), print.text());
    }
    return kOk;
}

}  // namespace meshmon::cli
