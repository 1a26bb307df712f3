#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "crypto/sodium.hpp"
#include "mesh/own_record.hpp"
#include "mesh/roster.hpp"
#include "wire/messages.hpp"

namespace meshmon::bench {

/// The identity of the node number `index` in every benchmark: name and key follow from the number, so that two processes agree.
[[nodiscard]] NodeId node_name(std::size_t index);
[[nodiscard]] crypto::KeyPair node_key(std::size_t index);

/// The roster of nodes 0 to `count - 1`, as node `self` loads it. `url` makes a node's URL of its number.
template <typename Url>
[[nodiscard]] mesh::Roster make_roster(std::string_view network, std::size_t count, std::size_t self, Duration poll_rate,
                                       Url url);

/// Plays an honest peer towards one real node, at a fraction of a node's memory: it holds nothing of the others.
///
/// It speaks the protocol as mesh::Network does: sealed exchanges, nonces and challenges, a signed record with every page that
/// a healthy node of this roster has, a new head when a node would sign one, `want` for others in rotation.
class Puppet {
public:
    /// `roster` lives as long as the puppets; `real` is the node under test.
    struct Stage {
        const mesh::Roster* roster = nullptr;
        std::size_t real = 0;
        crypto::PublicKey real_key;
        wire::RosterHash roster_hash{};
        std::vector<wire::NodeTag> tags;     ///< by number
        std::vector<wire::KeyTag> key_tags;  ///< by number
        std::vector<const Puppet*> puppets;  ///< by number; null for the real node
        Duration head_spacing = std::chrono::seconds(10);
        Duration rtt_spacing = std::chrono::seconds(300);
    };
    [[nodiscard]] static Stage make_stage(const mesh::Roster& roster, std::size_t real);

    Puppet(Stage& stage, std::size_t index, Now now);

    /// The body of its next request to the real node.
    [[nodiscard]] Bytes request(Now now);

    /// Takes in the answer to its last request. False where it must be sent again at once, with the challenge that came.
    bool take_answer(ByteView body, Now now);

    /// The body of its answer to a request of the real node; empty where that does not read.
    [[nodiscard]] Bytes answer(ByteView body, Now now);

    /// Signs a new head if a node would by now.
    void publish_if_due(Now now);

    /// What the others have heard of it: news take a part of a poll to reach them.
    [[nodiscard]] wire::Version version_heard(MonoTime now) const;

private:
    [[nodiscard]] wire::Exchange introduce(wire::ExchangeKind kind, Now now) const;
    [[nodiscard]] Bytes seal(const wire::Exchange& exchange);
    [[nodiscard]] std::optional<wire::Exchange> open(ByteView body) const;
    void take_in(const wire::Exchange& exchange);
    void add_own_record(wire::Exchange& exchange) const;
    void add_wants(wire::Exchange& exchange, Now now);
    void publish(bool with_rtt, Now now);

    Stage& stage_;
    std::size_t index_;
    crypto::SodiumCrypto crypto_;
    crypto::BoxKey box_;
    std::uint64_t key_id_ = 0;
    wire::BootId boot_id_{};
    std::unique_ptr<mesh::OwnRecord> own_;
    MonoTime published_at_;
    MonoTime rtt_published_at_;
    std::optional<wire::Version> version_before_;
    std::uint64_t counter_ = 0;
    std::uint64_t nonce_ = 0;
    std::uint64_t draws_ = 0;
    std::size_t rotation_ = 0;
    std::optional<std::uint64_t> challenge_;  ///< the real node's last, to be echoed
    std::optional<std::uint64_t> issued_;     ///< the own last
    std::optional<wire::Version> held_of_real_;
    std::optional<wire::Version> real_holds_;
};

template <typename Url>
mesh::Roster make_roster(std::string_view network, std::size_t count, std::size_t self, Duration poll_rate, Url url) {
    mesh::Roster roster;
    roster.network = *NetworkId::parse(network);
    roster.self = node_name(self);
    roster.config_revision = "3f1c2a9d0b7e6a54";
    for (std::size_t i = 0; i < count; ++i) {
        mesh::RosterNode node;
        node.id = node_name(i);
        node.key = node_key(i).public_key;
        node.url = url(i);
        node.url_state = mesh::UrlState::usable;
        node.poll_rate = poll_rate;
        roster.nodes.push_back(std::move(node));
    }
    return roster;
}

}  // namespace meshmon::bench
