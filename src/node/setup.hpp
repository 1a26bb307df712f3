#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "api/setup.hpp"
#include "crypto/crypto.hpp"
#include "net/client.hpp"
#include "node/problems.hpp"

/// The checklist of a setup, from what this node knows. Pure: the same facts give the same list.
/// Source: docs/reference/setup.md names every step.
namespace meshmon::node {

/// What became of asking a peer for its public key: runs without any key.
struct PeerProbe {
    std::optional<net::Failure> failure;  ///< absent: it answered
    std::string detail;                   ///< of the failure
    int status = 0;                       ///< HTTP, of the answer
    std::optional<crypto::PublicKey> offered;
    std::optional<crypto::PublicKey> offered_before{};  ///< the key that `offered` is to follow
    Duration took{};
};

/// By directory of the network and node.
using PeerProbes = std::map<std::pair<std::string, NodeId>, PeerProbe>;

/// What to ask a peer for: its public key, at the URL that its entry names.
[[nodiscard]] std::string probe_url(const std::string& peer_url, const NetworkId& network);

[[nodiscard]] PeerProbe read_probe(const net::ClientResult& result);

/// Whether the facts come from a daemon, whose mesh tells what a probe cannot.
enum class Running { no, yes };

[[nodiscard]] api::Setup find_setup(const Facts& facts, const PeerProbes& probes, Running running);

}  // namespace meshmon::node
