#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/source.hpp"
#include "base/time.hpp"
#include "config/load.hpp"
#include "mesh/snapshot.hpp"
#include "node/pull_state.hpp"

/// From what this node knows to what a person should do. Pure: the same facts give the same sentences.
/// Source: docs/reference/problems.md names every code.
namespace meshmon::node {

/// One network of the node file, with everything that can be wrong with it.
struct NetworkFacts {
    const config::LoadedNetwork* loaded = nullptr;  ///< as it runs, with what was rejected; never null
    std::optional<std::string> unmet_range;         ///< of node_version[], that this version does not fit
    bool quorum_expected = false;                   ///< it is missing for longer than a start or a hiccup takes
    bool had_quorum = true;                         ///< it was there once since the start, of more than this node
    std::optional<mesh::NetworkView> view;          ///< absent: does not run
    std::vector<mesh::NodeView> nodes;
    std::vector<api::NodeConfig> configs;  ///< of every node heard
    std::set<NodeId> clones;               ///< identities found to live twice
    const PullState* pull = nullptr;       ///< in git mode
    std::optional<Error> key_error;        ///< why the next key of a rotation could not be put in use
};

struct Facts {
    const config::Loaded* loaded = nullptr;  ///< never null
    WallTime now;
    std::string version;
    std::string data_dir;
    std::string listen;                       ///< the address that this process listens on
    std::optional<std::string> save_error;    ///< why state could not be made durable
    std::optional<Error> data_dir_lost;       ///< the data folder was removed or replaced, and why it cannot be made anew
    std::vector<std::string> restart_needed;  ///< what the node file says, and this process can no longer do; one sentence each
    std::optional<Duration> paused;           ///< the longest pause of the last five minutes
    std::vector<NetworkFacts> networks;
};

/// Clocks that differ by more than this, beyond the error of the measurement, are a problem.
inline constexpr Duration kClockOffsetMax = std::chrono::seconds(2);

/// As long may nodes run different configurations: somebody copies files by hand, or each looks at a repository once a minute.
inline constexpr Duration kDriftGrace = std::chrono::seconds(10);
inline constexpr Duration kDriftGraceGit = std::chrono::seconds(90);

/// Findings of one file that are shown one by one; `meshmon check` shows them all.
inline constexpr std::size_t kFindingsShown = 20;

/// Worst first, then by code, network and node. `since` is left empty: ProblemTracker knows it.
[[nodiscard]] std::vector<api::Problem> find_problems(const Facts& facts);

/// A problem with empty detail and remedy.
[[nodiscard]] api::Problem make_problem(std::string_view code, api::Severity severity, std::string title);

/// Those of the configuration and the keys, and those of the mesh: the two halves of find_problems.
void find_config_problems(const Facts& facts, std::vector<api::Problem>& out);
void find_rotation_problem(const NetworkFacts& facts, const std::filesystem::path& config_dir, std::vector<api::Problem>& out);
void find_git_problems(const NetworkFacts& facts, const std::filesystem::path& config_dir, std::vector<api::Problem>& out);
void find_mesh_problems(const NetworkFacts& facts, WallTime now, std::vector<api::Problem>& out);

/// "a", "a and b", "a, b and 3 more".
[[nodiscard]] std::string list_names(const std::vector<NodeId>& names);

}  // namespace meshmon::node
