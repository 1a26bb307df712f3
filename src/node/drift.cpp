#include "node/drift.hpp"

#include <algorithm>
#include <utility>

namespace meshmon::node {

api::Drift compare(const mesh::RevisionView& own, const mesh::RevisionView& other) {
    const config::Revision mine = config::Revision::parse(own.config_revision);
    const config::Revision theirs = config::Revision::parse(other.config_revision);
    if (mine.content == theirs.content && own.roster_hash == other.roster_hash) return api::Drift::same;
    if (!mine.committed || !theirs.committed || mine.committed == theirs.committed) return api::Drift::other;
    return *theirs.committed < *mine.committed ? api::Drift::behind : api::Drift::ahead;
}

std::vector<api::NodeConfig> DriftTracker::look(const mesh::NetworkView& view, WallTime now) {
    const auto own = std::ranges::find(view.revisions, view.self, &mesh::RevisionView::node);
    const mesh::RevisionView mine =
        own != view.revisions.end() ? *own : mesh::RevisionView{view.self, view.config_revision, view.roster_hash};
    std::map<NodeId, Entry> before = std::exchange(entries_, {});
    std::vector<api::NodeConfig> out;
    for (const mesh::RevisionView& said : view.revisions) {
        api::NodeConfig config;
        config.node = said.node;
        config.revision = config::Revision::parse(said.config_revision);
        config.roster_hash = said.roster_hash;
        config.drift = compare(mine, said);
        const auto old = before.find(said.node);
        Entry entry{config.revision.content, said.roster_hash, now, {}};
        if (old != before.end() && old->second.content == entry.content && old->second.roster == entry.roster)
            entry.since = old->second.since;
        if (config.drift != api::Drift::same)
            entry.differs_since = old != before.end() && old->second.differs_since ? old->second.differs_since : now;
        config.since = entry.since;
        config.differs_since = entry.differs_since;
        entries_.emplace(said.node, std::move(entry));
        out.push_back(std::move(config));
    }
    return out;
}

}  // namespace meshmon::node
