#include "puppet.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/keys.hpp"
#include "mesh/record.hpp"
#include "wire/codec.hpp"

namespace meshmon::bench {

namespace {

constexpr std::size_t kWantChecks = 2;  // as in mesh/network_exchange.cpp

mesh::OwnerIdentity identity_of(const Puppet::Stage& stage, std::size_t index, const crypto::PublicKey& key) {
    return {stage.roster->network, stage.roster->nodes[index].id, stage.tags[index], stage.key_tags[index], key};
}

}  // namespace

NodeId node_name(std::size_t index) { return *NodeId::parse(fmt::format("node-{:04}", index)); }

crypto::KeyPair node_key(std::size_t index) {
    ByteArray<32> seed{};
    for (std::size_t i = 0; i < 8; ++i) seed[i] = static_cast<std::uint8_t>(index >> (8 * i));
    seed[31] = 1;
    return crypto::key_pair_of(crypto::SecretKey(seed));
}

Puppet::Stage Puppet::make_stage(const mesh::Roster& roster, std::size_t real) {
    Stage stage;
    stage.roster = &roster;
    stage.real = real;
    stage.real_key = *roster.nodes[real].key;
    stage.roster_hash = mesh::roster_hash(roster);
    for (const mesh::RosterNode& node : roster.nodes) {
        stage.tags.push_back(mesh::node_tag(node.id));
        stage.key_tags.push_back({crypto::fingerprint(*node.key).key_tag()});
    }
    stage.puppets.resize(roster.nodes.size());
    return stage;
}

Puppet::Puppet(Stage& stage, std::size_t index, Now now)
    : stage_(stage),
      index_(index),
      crypto_(node_key(index)),
      box_(*crypto_.box_key(stage.real_key)),
      key_id_(crypto::fingerprint(crypto_.public_key()).short_id()),
      rotation_(index) {
    crypto_.random(boot_id_);
    own_ = std::make_unique<mesh::OwnRecord>(identity_of(stage, index, crypto_.public_key()), boot_id_);
    own_->begin_epoch(1);
    publish(true, now);
    // As if all had started at another moment of the last spacing.
    const auto share = [&](Duration spacing) { return spacing * index / static_cast<Duration::rep>(stage.tags.size()); };
    published_at_ -= share(stage.head_spacing);
    rtt_published_at_ -= share(stage.rtt_spacing);
}

void Puppet::publish_if_due(Now now) {
    if (now.mono - published_at_ >= stage_.head_spacing) publish(now.mono - rtt_published_at_ >= stage_.rtt_spacing, now);
}

void Puppet::publish(bool with_rtt, Now now) {
    mesh::OwnRecord::Content content;
    content.hello = {"1.0.0", {}, now.wall};
    if (with_rtt) content.rtt.emplace();
    for (std::size_t i = 0; i < stage_.tags.size(); ++i) {
        if (i == index_) continue;
        content.peers.push_back(stage_.tags[i]);
        const auto rtt_us = static_cast<std::uint32_t>(500 + (i * 7919 + index_ * 104729 + draws_ * 31) % 40000);
        if (content.rtt) content.rtt->push_back({stage_.tags[i], rtt_us, 0});
    }
    ++draws_;
    std::ranges::sort(content.peers);
    if (content.rtt) std::ranges::sort(*content.rtt, {}, &wire::RttEntry::node);
    content.roster_hash = stage_.roster_hash;
    content.config_revision = stage_.roster->config_revision;
    if (own_->current()) version_before_ = own_->current()->version;
    own_->publish(content, crypto_, now.wall);
    published_at_ = now.mono;
    if (with_rtt) rtt_published_at_ = now.mono;
}

wire::Version Puppet::version_heard(MonoTime now) const {
    const Duration poll = stage_.roster->nodes[index_].poll_rate;  // each pair meets twice in it
    return version_before_ && now - published_at_ < poll / 4 ? *version_before_ : own_->current()->version;
}

wire::Exchange Puppet::introduce(wire::ExchangeKind kind, Now now) const {
    wire::Exchange exchange;
    exchange.kind = kind;
    exchange.network = stage_.roster->network;
    exchange.from = stage_.roster->nodes[index_].id;
    exchange.to = stage_.roster->nodes[stage_.real].id;
    exchange.boot_id = boot_id_;
    exchange.sent_wall = now.wall;
    exchange.my_version = own_->current()->version;
    exchange.your_version_held = held_of_real_;
    exchange.roster_hash = stage_.roster_hash;
    exchange.config_revision = stage_.roster->config_revision;
    exchange.software_version = "1.0.0";
    return exchange;
}

Bytes Puppet::seal(const wire::Exchange& exchange) {
    wire::Envelope envelope;
    envelope.sender = key_id_;
    crypto_.random(envelope.nonce);
    const Bytes box = crypto_.seal(box_, envelope.nonce, wire::encode(exchange));
    envelope.box = box;
    return wire::encode(envelope);
}

std::optional<wire::Exchange> Puppet::open(ByteView body) const {
    const Result<wire::Envelope> envelope = wire::decode_envelope(body);
    if (!envelope) return std::nullopt;
    const std::optional<Bytes> plain = crypto_.open(box_, envelope->nonce, envelope->box);
    if (!plain) return std::nullopt;
    Result<wire::Exchange> exchange = wire::decode_exchange(*plain);
    if (!exchange) return std::nullopt;
    return std::move(*exchange);
}

void Puppet::take_in(const wire::Exchange& exchange) {
    real_holds_ = exchange.your_version_held;
    for (const wire::SignedRecord& record : exchange.records) {
        const Result<wire::Head> head = wire::decode_head(record.head);
        if (!head || head->owner != exchange.from) continue;
        const auto owner = identity_of(stage_, stage_.real, stage_.real_key);
        held_of_real_ = mesh::version_of(*head, crypto_.hash(record.head), owner);
    }
}

void Puppet::add_own_record(wire::Exchange& exchange) const {
    const mesh::Record& mine = *own_->current();
    if (real_holds_ && !mesh::is_newer(mine.version, *real_holds_)) return;
    exchange.records.push_back(mesh::delta(mine, real_holds_));
}

void Puppet::add_wants(wire::Exchange& exchange, Now now) {
    const std::size_t count = stage_.puppets.size();
    for (std::size_t i = 0; i < std::min(kWantChecks, count - 2); ++i) {
        rotation_ = (rotation_ + 1) % count;
        const Puppet* other = stage_.puppets[rotation_];
        if (other != nullptr && other != this) exchange.want.push_back(other->version_heard(now.mono));
    }
}

Bytes Puppet::request(Now now) {
    publish_if_due(now);
    wire::Exchange exchange = introduce(wire::ExchangeKind::request, now);
    exchange.counter = ++counter_;
    exchange.nonce = nonce_ = counter_ * 0x9e3779b97f4a7c15 + index_;
    exchange.challenge_echo = std::exchange(challenge_, std::nullopt);
    add_own_record(exchange);
    add_wants(exchange, now);
    return seal(exchange);
}

bool Puppet::take_answer(ByteView body, Now) {
    const std::optional<wire::Exchange> exchange = open(body);
    if (!exchange || exchange->nonce != nonce_) return true;
    challenge_ = exchange->challenge;
    if (exchange->accepted) take_in(*exchange);
    return exchange->accepted;
}

Bytes Puppet::answer(ByteView body, Now now) {
    publish_if_due(now);
    const std::optional<wire::Exchange> request = open(body);
    if (!request) return {};
    const bool proven = issued_ && request->challenge_echo == issued_;
    if (proven) take_in(*request);
    wire::Exchange exchange = introduce(wire::ExchangeKind::answer, now);
    exchange.nonce = request->nonce;
    exchange.received_wall = now.wall;
    exchange.challenge = issued_ = ++draws_ * 0xbf58476d1ce4e5b9 + index_;
    exchange.accepted = proven;
    if (proven) add_own_record(exchange);
    else exchange.your_version_held.reset();
    return seal(exchange);
}

}  // namespace meshmon::bench
