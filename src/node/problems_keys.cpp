// How far a rotation of this node's key is.
#include <fmt/format.h>

#include <algorithm>

#include "config/access.hpp"
#include "config/keys.hpp"
#include "node/problems.hpp"
#include "repo/on_disk.hpp"

namespace meshmon::node {
namespace {

using api::Problem;
using api::Severity;

/// Whether the network's files name both keys already, so that the others find them by themselves.
bool names_both(const config::LoadedNetwork& network) {
    if (!network.folder) return false;
    const auto own = std::ranges::find(network.folder->keys, network.ref.node_id, &config::PeerKey::node_id);
    return own != network.folder->keys.end() && own->previous.has_value();
}

std::string how_to_hand_out(const config::LoadedNetwork& network, const std::filesystem::path& config_dir,
                            const std::vector<NodeId>& lacking) {
    const std::string& id = network.ref.node_id.str();
    if (network.ref.type == config::ConfigType::git) {
        if (names_both(network)) return "the repository has it: they find it at their next look";
        return fmt::format("put it into the repository; on this host:\n{}", repo::add_key_commands(config_dir, network.ref));
    }
    const std::string own = config::own_key_place(config_dir, network.ref).public_file().string();
    return fmt::format("on the {} of {}: meshmon key fetch {} --network {}; or copy {} of this host there, whole",
                       lacking.size() == 1 ? "host" : "hosts", list_names(lacking), id, network.network->str(), own);
}

std::string how_to_end(const config::LoadedNetwork& network) {
    const std::string command = fmt::format("meshmon key rotate --finish --network {}", network.network->str());
    if (network.ref.type == config::ConfigType::local)
        return fmt::format("on this host: {}; then give its public key file to the others as before", command);
    return fmt::format("on this host: {}; then commit the public key file as it says", command);
}

}  // namespace

void find_rotation_problem(const NetworkFacts& facts, const std::filesystem::path& config_dir, std::vector<Problem>& out) {
    if (!facts.view || !facts.view->rotation) return;
    const config::LoadedNetwork& network = *facts.loaded;
    const mesh::Rotation& rotation = *facts.view->rotation;
    const std::string& id = network.ref.node_id.str();
    Problem problem = make_problem("key_rotation", Severity::info, fmt::format("The key of {} is being changed", id));
    problem.network = network.network;
    problem.node = network.ref.node_id;
    problem.file = config::own_key_place(config_dir, network.ref).public_file().string();
    if (facts.key_error) {
        problem.severity = Severity::error;
        problem.detail = fmt::format("the new key cannot be put in use: {}", facts.key_error->message);
        problem.remedy = facts.key_error->hint;
    } else if (rotation.is_next && !rotation.lacking.empty()) {
        problem.detail = fmt::format(
            "the new key {} waits: {} {} not know it yet, {} of {} others do. This node goes on under its old key, and changes "
            "over by itself once most know the new one, and all that it reaches, for whom it waits five minutes more",
            rotation.fingerprint, list_names(rotation.lacking), rotation.lacking.size() == 1 ? "does" : "do", rotation.holding,
            rotation.holding + rotation.lacking.size());
        problem.remedy = how_to_hand_out(network, config_dir, rotation.lacking);
    } else if (rotation.is_next) {
        problem.detail = fmt::format("all others know the new key {}: this node changes over to it", rotation.fingerprint);
        problem.remedy = "nothing is to be done";
    } else if (!rotation.lacking.empty()) {
        problem.detail =
            fmt::format("the new key is in use; {} {} not used it yet, or lost it again, and may know the old one {} alone",
                        list_names(rotation.lacking), rotation.lacking.size() == 1 ? "has" : "have", rotation.fingerprint);
        problem.remedy = how_to_hand_out(network, config_dir, rotation.lacking);
    } else {
        problem.detail = fmt::format("all others use the new key; the old one {} is still listed", rotation.fingerprint);
        problem.remedy = how_to_end(network);
    }
    out.push_back(std::move(problem));
}

}  // namespace meshmon::node
