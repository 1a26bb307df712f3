#include "mesh/roster.hpp"

#include <algorithm>

#include "crypto/hash.hpp"

namespace meshmon::mesh {

const RosterNode* Roster::find(const NodeId& id) const {
    const auto node = std::ranges::lower_bound(nodes, id, {}, &RosterNode::id);
    return node != nodes.end() && node->id == id ? &*node : nullptr;
}

bool Roster::dials(const NodeId& from, const NodeId& to) const {
    const RosterNode* node = find(to);
    return node != nullptr && dials(from, *node);
}

bool Roster::dials(const NodeId& from, const RosterNode& to) {
    if (to.url_state != UrlState::usable || from == to.id) return false;
    if (!to.allow.empty() && std::ranges::find(to.allow, from) == to.allow.end()) return false;
    return std::ranges::find(to.block, from) == to.block.end();
}

wire::RosterHash roster_hash(const Roster& roster) {
    Bytes text = "meshmon roster v1\n";
    for (const RosterNode& node : roster.nodes) {
        text += node.id.str();
        text += ' ';
        text += node.key ? to_hex(view(node.key->bytes)) : "-";
        if (node.previous) text += ' ' + to_hex(view(node.previous->bytes));
        text += '\n';
    }
    const crypto::Hash hash = crypto::blake2b_256(text);
    wire::RosterHash shortened;
    std::copy_n(hash.begin(), shortened.size(), shortened.begin());
    return shortened;
}

wire::NodeTag node_tag(const NodeId& id) {
    const crypto::Hash hash = crypto::blake2b_256(id.str());
    wire::NodeTag tag;
    for (std::size_t i = 0; i < 6; ++i) tag.value = tag.value << 8 | hash[i];
    return tag;
}

}  // namespace meshmon::mesh
