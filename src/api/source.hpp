#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/setup.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "config/revision.hpp"
#include "mesh/roster.hpp"
#include "mesh/snapshot.hpp"

/// What the API shows, and where it gets it from.
namespace meshmon::api {

enum class Severity { info, warning, error };

/// Something about this node that a person should know and can mend. Stable codes: docs/reference/problems.md.
struct Problem {
    std::string code;  ///< `key_missing` ...
    Severity severity = Severity::warning;
    std::string title;   ///< short: "No public key for server-02"
    std::string detail;  ///< what, where (file:line), since when it matters
    std::string remedy;  ///< what to do, on which host, with the command where there is one
    WallTime since;
    std::optional<NetworkId> network;
    std::optional<NodeId> node;  ///< the peer concerned
    std::string file;            ///< may be empty
    std::optional<int> line;
    std::string excerpt;  ///< that line of the file, and below it a caret with what is wrong there; may be empty
};

/// Where a network in git mode gets its files, and how that goes.
struct Repository {
    std::string url;
    std::string branch;                 ///< empty: the remote's default, and nothing was read yet
    std::string commit;                 ///< that runs, in hex; empty: none does
    std::optional<WallTime> committed;  ///< when
    std::optional<WallTime> asked;      ///< the last look that got an answer
    std::string trouble;                ///< why the last look got none, or its commit is not taken; empty: neither
};

/// One network of this node's configuration. It runs, or it waits for something that `problems` names.
struct NetworkEntry {
    std::string directory;             ///< folder under config/networks/
    std::optional<NetworkId> network;  ///< absent until its config.yml was read once
    NodeId node;                       ///< this node's name there
    bool running = false;
    std::string config_type;  ///< `local` or `git`
    std::string fingerprint;  ///< of this node's key there: "SHA256:..."
    std::string key_words;
    std::string public_key_pem;
    std::optional<Repository> repository;  ///< in git mode
};

struct Me {
    std::string version;
    std::string commit;
    std::string listen;  ///< "0.0.0.0:8000"
    std::string config_dir;
    std::string data_dir;
    std::string boot_id;  ///< hex
    std::int64_t pid = 0;
    WallTime started;
    std::vector<NetworkEntry> networks;
};

/// How the configuration that a node runs stands to what this node runs.
enum class Drift {
    same,
    other,   ///< another one; neither is known to be older
    behind,  ///< from an older commit than this node's
    ahead,   ///< from a newer one
};

/// What a node runs, by its signed record; since when, by this node's clock.
struct NodeConfig {
    NodeId node;
    config::Revision revision;
    std::optional<wire::RosterHash> roster_hash;
    Drift drift = Drift::same;
    WallTime since;                         ///< it runs this, at the latest
    std::optional<WallTime> differs_since;  ///< it runs something else than this node; absent: the same
};

/// What became of the configuration each time it was read anew.
struct ConfigLoads {
    std::uint64_t applied = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t rejected = 0;  ///< some file did not load, and what loaded last stands in
};

struct ProcessFigures {
    Duration loop_lag_last{};
    Duration loop_lag_max{};  ///< since start
    std::uint64_t resident_bytes = 0;
    double cpu_seconds = 0;
    std::uint64_t open_connections = 0;
    std::uint64_t http_requests = 0;
    bool config_valid = true;  ///< the newest state of all configuration files loaded
    std::optional<WallTime> config_loaded;
    ConfigLoads config_loads;
    std::uint64_t http_refused = 0;  ///< connections and requests turned away by limits
};

/// Everything the handlers read. Implemented by node::Driver, and by fakes in tests.
/// Threads: loop thread only. Cost: what mesh::Network's functions of the same names cost.
class Source {
public:
    virtual ~Source() = default;

    [[nodiscard]] virtual Now now() const = 0;
    [[nodiscard]] virtual Me me() const = 0;

    /// These answer nothing for a network that is not configured or does not run.
    [[nodiscard]] virtual std::optional<mesh::NetworkView> network(const NetworkId& id) const = 0;
    [[nodiscard]] virtual std::optional<std::vector<mesh::NodeView>> nodes(const NetworkId& id) const = 0;
    [[nodiscard]] virtual std::optional<mesh::NodeView> node(const NetworkId& id, const NodeId& node) const = 0;
    [[nodiscard]] virtual std::optional<mesh::LinkMatrix> links(const NetworkId& id) const = 0;
    [[nodiscard]] virtual std::optional<mesh::Roster> roster(const NetworkId& id) const = 0;
    [[nodiscard]] virtual std::vector<NodeConfig> configs(const NetworkId& id) const = 0;  ///< of every node heard, by node
    [[nodiscard]] virtual std::optional<mesh::Counters> counters(const NetworkId& id) const = 0;
    /// Never falls while this process runs, also when a network stops and starts again: ETags are made of it.
    [[nodiscard]] virtual std::uint64_t generation(const NetworkId& id) const = 0;

    [[nodiscard]] virtual std::vector<Problem> problems() const = 0;  ///< worst first
    [[nodiscard]] virtual Setup setup() const = 0;                    ///< looked up anew: not for every request of a page
    [[nodiscard]] virtual ProcessFigures figures() const = 0;
    [[nodiscard]] virtual bool ready() const = 0;  ///< can serve and its data folder is usable; peers do not matter
    [[nodiscard]] virtual std::string not_ready_reason() const = 0;
};

}  // namespace meshmon::api
