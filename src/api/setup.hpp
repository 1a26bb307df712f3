#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_writer.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

/// The checklist from an empty folder to a working mesh: what is done, what is next, and which command mends it.
namespace meshmon::api {

/// `waiting`: a step that this one depends on is not done. `not_needed`: nobody will ever ask for it here.
enum class StepState { done, failed, waiting, not_needed };

struct SetupStep {
    std::string_view name;  ///< stable, of docs/reference/setup.md
    StepState state = StepState::waiting;
    std::string detail;          ///< what was found, or what it waits for; may be empty where it is done
    std::string remedy;          ///< of a failed step: what to do, with the command
    std::optional<NodeId> host;  ///< of a failed step: the node on whose host it is to be done
    std::string file;            ///< may be empty
    std::optional<int> line;
};

struct SetupPeer {
    NodeId node;
    std::vector<SetupStep> steps;
};

struct SetupNetwork {
    std::string directory;
    std::optional<NetworkId> network;
    NodeId node;
    std::string fingerprint;  ///< of this node's key there; may be empty
    std::string key_words;
    std::vector<SetupStep> steps;  ///< this node's own
    std::vector<SetupPeer> peers;  ///< in the order of the node list
};

struct Setup {
    std::vector<SetupStep> steps;  ///< of the node file
    std::vector<SetupNetwork> networks;
};

/// Nothing failed and nothing waits.
[[nodiscard]] bool is_ready(const std::vector<SetupStep>& steps);
[[nodiscard]] bool is_complete(const Setup& setup);

[[nodiscard]] std::string_view to_string(StepState state);

/// The answer of GET /api/v1/health/setup; `meshmon doctor` shows the same, daemon or not.
void write_setup(JsonWriter& json, const Setup& setup, WallTime at);

}  // namespace meshmon::api
