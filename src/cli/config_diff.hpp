#pragma once

#include <map>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.hpp"
#include "cli/daemon_client.hpp"
#include "cli/terminal.hpp"

/// What `meshmon config diff` finds out about the configurations that two nodes run.
///
/// What they are is in their signed records, which the running daemon holds: revision, roster hash, commit. The entries
/// themselves are asked from each node at its URL; a node that does not answer can be stood in for by one whose record names the
/// same revision and roster hash. All texts come from elsewhere: sanitise() before showing any.
namespace meshmon::cli {

struct ConfigSide {
    std::string node;
    bool heard = false;  ///< the daemon holds what it says about its configuration
    std::string revision, roster_hash, commit, committed, trouble;
    std::string stand_in;                                               ///< whose entries are shown in its place; empty: its own
    std::string why_not;                                                ///< why its entries are not known; empty: they are
    std::map<std::string, std::map<std::string, std::string>> entries;  ///< by node, what is set for it
};

struct ConfigDifference {
    std::string node;  ///< whose entry
    std::string what;  ///< key, or empty: one side has no such entry
    std::string left, right;
};

struct ConfigDiff {
    std::string network, viewer;
    ConfigSide left, right;
    bool same = false;  ///< revision and roster hash of both are known, and equal
    std::vector<ConfigDifference> differences;
};

struct ConfigDiffQuery {
    std::string api;
    std::optional<std::string> network;  ///< id or directory
    std::string left, right;
};

/// Errors: those of `get_json` for the daemon; cli.unknown_network and cli.unknown_node.
Result<ConfigDiff> fetch_config_diff(const ConfigDiffQuery& query, const GetJson& get_json);

[[nodiscard]] std::string config_diff_text(const ConfigDiff& diff, const Terminal& terminal);
[[nodiscard]] boost::json::object config_diff_json(const ConfigDiff& diff);

}  // namespace meshmon::cli
