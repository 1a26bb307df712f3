#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sim/checkers/checker.hpp"
#include "sim/identity.hpp"
#include "wire/codec.hpp"

namespace meshmon::sim {

using namespace std::chrono_literals;

inline MonoTime at(Duration since_start) { return MonoTime(since_start); }

/// Honest nodes, three by default, that have run for long, dial each other, and see each other up.
class Checkers : public testing::Test {
protected:
    explicit Checkers(std::size_t nodes = 3)
        : honest(nodes, true), links(nodes, {}, 1), truth(nodes), tries(nodes * nodes, at(59s)), former_keys(nodes) {
        for (std::size_t node = 0; node < nodes; ++node) ids.push_back(*NodeId::parse("n0" + std::to_string(node)));
        for (std::size_t node = 0; node < nodes; ++node) {
            identities.push_back(make_identity(CryptoKind::stand_in, node, node));
            keys.push_back(identities.back()->public_key());
            NodeState& state = states.emplace_back();
            state.running = true;
            state.awake_since = at(0s);
            state.view.self = ids[node];
            state.view.has_quorum = true;
            for (const NodeId& id : ids) {
                mesh::NodeView& seen = state.nodes.emplace_back();
                seen.id = id;
                seen.self = id == ids[node];
                seen.status = mesh::Status::up;
                seen.key_known = true;
                seen.head.emplace();
                if (!seen.self) seen.link.emplace().dials = true;
            }
        }
    }

    std::size_t found(Checker& checker, Duration when = 1min) {
        truth.look(at(when), ids, states, links);
        checker.on_step({.now = at(when),
                         .ids = ids,
                         .states = states,
                         .links = links,
                         .truth = truth,
                         .tries = tries,
                         .crypto = *identities[0],
                         .keys = keys,
                         .former_keys = former_keys});
        return checker.violations().size();
    }

    /// A verdict of `down` by time-out that some viewer came to.
    [[nodiscard]] Told calls_down(std::size_t subject, Duration when) const {
        return {at(when),
                {.kind = mesh::EventKind::node_status,
                 .node = ids[subject],
                 .from = mesh::Status::up,
                 .to = mesh::Status::down,
                 .reason = mesh::Reason::timeout,
                 .at = {},
                 .detail = {}}};
    }

    wire::SignedRecord record(std::uint64_t seq, const std::string& revision) {
        const wire::Head head{.network = *NetworkId::parse("sim"),
                              .owner = ids[1],
                              .epoch = 1,
                              .seq = seq,
                              .boot_id = {},
                              .wall = {},
                              .roster_hash = {},
                              .config_revision = revision,
                              .health = wire::SelfHealth::healthy,
                              .slots = {}};
        wire::SignedRecord record{.head = wire::encode(head), .signature = {}, .slots = {}};
        record.signature = identities[1]->sign(wire::signing_input(record.head));
        return record;
    }

    std::size_t found(Checker& checker, const wire::SignedRecord& record) {
        wire::Exchange exchange;
        exchange.records = {record};
        checker.on_message({.at = at(1s),
                            .from = 0,
                            .to = 2,
                            .bytes = 0,
                            .exchange = exchange,
                            .sender = nullptr,
                            .crypto = *identities[2],
                            .keys = keys,
                            .former_keys = former_keys,
                            .honest = honest,
                            .ids = ids});
        return checker.violations().size();
    }

    std::vector<NodeId> ids;
    std::vector<NodeState> states;
    std::vector<bool> honest;
    Links links;
    Truth truth;
    std::vector<MonoTime> tries;
    std::vector<std::unique_ptr<crypto::Crypto>> identities;
    std::vector<crypto::PublicKey> keys;
    std::vector<std::vector<crypto::PublicKey>> former_keys;
};

}  // namespace meshmon::sim
