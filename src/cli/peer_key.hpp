#pragma once

#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "cli/globals.hpp"
#include "cli/output.hpp"
#include "config/config.hpp"
#include "config/trust.hpp"

/// What key fetch and key trust share: whose key it is, and where it goes.
namespace meshmon::cli {

/// A node of a local network's list, as this configuration knows it.
struct ListedPeer {
    config::NetworkRef ref;
    NetworkId network;
    config::Peer peer;
    std::vector<NodeId> others;  ///< all other nodes of the list, this one among them

    [[nodiscard]] const std::string& id() const { return peer.node_id.str(); }
    [[nodiscard]] std::filesystem::path pubkeys(const Globals& globals) const;
};

/// Where the only network stands whose list has the node of this name. Errors: cli.unknown_node; cli.usage, no name, several
/// networks have it, or it is this node itself; cli.config, a list that cannot be read; cli.git_network, its keys come from a
/// repository.
Result<ListedPeer> find_peer(const std::string& name, const Globals& globals);

/// `meshmon key fetch` for this peer with `options`: a command to copy.
[[nodiscard]] std::string fetch_line(const ListedPeer& target, const Globals& globals, std::string_view options = {});

/// What storing these keys would change. Errors: cli.key_of_other, one of them lies here as the key of another node of the list;
/// those of config::plan_trust.
Result<config::TrustPlan> plan_key(const ListedPeer& target, const config::PublicKeyFile& keys, const Globals& globals);

/// Writes the key into the peer's file, and prints what came of it. Answers the exit code.
int store_key(const ListedPeer& target, const config::PublicKeyFile& keys, const config::TrustPlan& plan, Context& context);

}  // namespace meshmon::cli
