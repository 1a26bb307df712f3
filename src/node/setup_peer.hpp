#pragma once

#include <filesystem>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "node/problems.hpp"
#include "node/setup.hpp"

/// The part of the checklist that is about one peer.
namespace meshmon::node {

/// What the steps of one network are found from; all of it outlives the call.
struct SetupFacts {
    const NetworkFacts& network;
    const std::vector<api::Problem>& problems;
    const std::filesystem::path& config_dir;
    Running running;

    /// The first problem of one of these codes about the network itself or this node in it, or null.
    [[nodiscard]] const api::Problem* own_problem(std::initializer_list<std::string_view> codes) const;
};

/// `index`: of the peer in the node list; `probe`: null where nobody asked it. Precondition: the network's files are loaded.
void find_peer_steps(const SetupFacts& facts, std::size_t index, const PeerProbe* probe, std::vector<api::SetupStep>& out);

}  // namespace meshmon::node
