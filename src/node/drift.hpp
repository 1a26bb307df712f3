#pragma once

#include <map>
#include <vector>

#include "api/source.hpp"
#include "mesh/snapshot.hpp"

namespace meshmon::node {

/// Remembers since when each node of a network runs what it runs, and since when that is another configuration than this node's.
///
/// Threads: loop thread only. Time: the viewer's own; a change counts from the look that first saw it.
/// Memory: an entry for each node heard.
class DriftTracker {
public:
    /// What the nodes run now, this one too; in the order of `view.revisions`.
    std::vector<api::NodeConfig> look(const mesh::NetworkView& view, WallTime now);

private:
    struct Entry {
        std::string content;
        std::optional<wire::RosterHash> roster;
        WallTime since;
        std::optional<WallTime> differs_since;
    };
    std::map<NodeId, Entry> entries_;
};

/// How what another runs stands to what this node runs: by names, keys and settings; where both come from a repository and
/// differ, by the times of their commits.
[[nodiscard]] api::Drift compare(const mesh::RevisionView& own, const mesh::RevisionView& other);

}  // namespace meshmon::node
