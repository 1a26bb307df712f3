// Keys, and their rotation: while a node has two, exchanges work under both, and the first head under the new one ends the old.

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "crypto/fingerprint.hpp"
#include "mesh/mistake.hpp"
#include "mesh/network_impl.hpp"
#include "mesh/probe.hpp"

namespace meshmon::mesh {

namespace {

constexpr auto kPatience = std::chrono::minutes(5);  // with those that are reached and lack the next key

}  // namespace

// ---- keys of peers ---------------------------------------------------------------------------------------------------

Boxes Network::Impl::boxes_with(const crypto::PublicKey& key) const {
    Boxes boxes;
    if (const auto box = signer_->box_key(key)) boxes.own = *box;
    if (second_.crypto == nullptr) return boxes;
    if (const auto box = second_.crypto->box_key(key)) boxes.other = *box;
    return boxes;
}

/// Whether what is known of the peer still applies: it is so as long as the key that it uses is listed.
bool Network::Impl::is_kept(const Peer& peer, const RosterNode& was, const RosterNode& node) const {
    if (node.id == roster_.self || made(Mistake::keeps_records_of_old_keys)) return true;
    if (!peer.identity) return was.key == node.key && was.previous == node.previous;
    return node.key == peer.identity->key || node.previous == peer.identity->key;
}

/// Of two, the older until a head under the newer one was taken: before the last restart, or before it left the roster.
std::optional<crypto::PublicKey> Network::Impl::key_in_use(const RosterNode& node) const {
    if (node.id == roster_.self) return identity_.key;
    if (!node.key || !node.previous) return node.key;
    const auto floor = floors_.find(node.id);
    const bool was_taken = floor != floors_.end() && floor->second.key == wire::KeyTag{crypto::fingerprint(*node.key).key_tag()};
    return was_taken ? node.key : node.previous;
}

void Network::Impl::set_key(Peer& peer, const NodeId& node, const crypto::PublicKey& key) const {
    peer.boxes = boxes_with(key);
    if (!peer.boxes.own) return;
    const crypto::Fingerprint fingerprint = crypto::fingerprint(key);
    peer.identity = make_identity(roster_.network, node, key);
    peer.key_id = fingerprint.short_id();
    peer.fingerprint = fingerprint.text();
    set_floor(peer.held, *peer.identity);
}

void Network::Impl::set_floor(HeldRecord& held, const OwnerIdentity& owner) const {
    const auto floor = floors_.find(owner.node);
    if (floor != floors_.end() && floor->second.key == owner.key_tag) held.set_floor(floor->second);
}

void Network::Impl::set_next_key(Peer& peer, const RosterNode& node) const {
    peer.former.reset();
    const bool has_next = peer.identity && node.id != roster_.self && node.previous == peer.identity->key;
    if (has_next && peer.next && peer.next->identity.key == *node.key) return;
    peer.next.reset();
    peer.outgoing.under.next = false;
    if (!has_next) {
        if (node.previous) peer.former = wire::KeyTag{crypto::fingerprint(*node.previous).key_tag()};
        return;
    }
    auto next = std::make_unique<NextKey>();
    next->boxes = boxes_with(*node.key);
    if (!next->boxes.own) return;
    const crypto::Fingerprint fingerprint = crypto::fingerprint(*node.key);
    next->identity = make_identity(roster_.network, node.id, *node.key);
    next->id = fingerprint.short_id();
    next->fingerprint = fingerprint.text();
    set_floor(next->held, next->identity);
    peer.next = std::move(next);
}

/// A head under it was taken: the key before counts no more, in heads and boxes.
void Network::Impl::use_next_key(std::size_t index, Now now) {
    passes(Probe::next_key_used);
    Peer& peer = peers_[index];
    const std::unique_ptr<NextKey> next = std::move(peer.next);
    if (!made(Mistake::keeps_former_keys)) by_key_id_.erase(peer.key_id);
    peer.former = peer.identity->key_tag;
    peer.identity = next->identity;
    peer.key_id = next->id;
    peer.fingerprint = next->fingerprint;
    peer.boxes = next->boxes;
    peer.held = std::move(next->held);
    peer.outgoing.under.next = false;
    if (std::optional<Flight>& flight = peer.outgoing.flight) {
        flight->under.next = false;
        flight->tried = 0;
    }
    ask_to_save();  // a crash must not bring the one before back
    tell(EventKind::key_changed, index, now, "speaks under its new key " + peer.fingerprint + "; the one before counts no more");
}

// ---- which keys to use -----------------------------------------------------------------------------------------------

/// Null where one of the two ends has no such key.
const crypto::BoxKey* Network::Impl::box_of(const Peer& peer, Under under) const {
    if (under.next && !peer.next) return nullptr;
    const Boxes& boxes = under.next ? peer.next->boxes : peer.boxes;
    const std::optional<crypto::BoxKey>& box = under.other ? boxes.other : boxes.own;
    return box ? &*box : nullptr;
}

std::uint8_t Network::Impl::bit_of(Under under) {
    return static_cast<std::uint8_t>(1U << ((under.other ? 2U : 0U) + (under.next ? 1U : 0U)));
}

/// Not the key before of this node, where the peer has used the one after: who listens there then may be its thief.
std::optional<Under> Network::Impl::next_keys_to_try(const Peer& peer, const Flight& flight) const {
    const bool is_over = !second_.is_next && peer.uses_own_key;
    for (const Under under : {Under{false, false}, Under{false, true}, Under{true, false}, Under{true, true}}) {
        if (under.other && is_over) continue;
        if (box_of(peer, under) != nullptr && (flight.tried & bit_of(under)) == 0) return under;
    }
    return std::nullopt;
}

/// Whether the peer can make something of what this node signs.
bool Network::Impl::knows_own_key(const Peer& peer) const {
    return second_.crypto == nullptr || second_.is_next || peer.knows_own_key;
}

/// What the peer says of this node's keys; nothing where it lists one, for then the exchange itself has told which. Whoever has
/// the key in use can say that of any peer: that it knows the next one counts once an exchange under that has shown it.
void Network::Impl::take_keys_of_mine(std::size_t index, const std::vector<wire::KeyTag>& keys, Now now) {
    if (second_.crypto == nullptr) return;
    Peer& peer = peers_[index];
    const auto lists = [&](const crypto::PublicKey& key) {
        return std::ranges::find(keys, wire::KeyTag{crypto::fingerprint(key).key_tag()}) != keys.end();
    };
    if (!keys.empty()) {
        peer.knows_own_key = lists(identity_.key);
        if (peer.knows_own_key) peer.outgoing.under.other = false;
        if (lists(second_.crypto->public_key())) heard_of_second_key(index, now);
    }
    look_for_next_key(now);
}

void Network::Impl::heard_of_second_key(std::size_t index, Now now) {
    Peer& peer = peers_[index];
    if (peer.knows_second_key || !second_.is_next) return;
    if (!may_dial(index)) {  // there is no way to ask it
        peer.knows_second_key = true;
        return;
    }
    peer.outgoing.under.other = true;  // of the next exchange; where that is refused, the key in use takes its place
    if (!std::exchange(peer.says_second_key, true)) want_exchange(index, false, now);
}

// ---- own keys --------------------------------------------------------------------------------------------------------

void Network::Impl::handle_keys(crypto::Crypto& signing, SecondKey second, Now now) {
    now = lived(now);
    const bool changes = signing.public_key() != identity_.key;
    MM_CHECK(!changes || (second_.crypto != nullptr && second_.crypto->public_key() == signing.public_key()),
             "a running network goes on with one of its keys");
    const bool same_second =
        second.crypto != nullptr && second_.crypto != nullptr && second.crypto->public_key() == second_.crypto->public_key();
    const crypto::PublicKey before = identity_.key;
    signer_ = &signing;
    second_ = second;
    second_key_id_ = second.crypto != nullptr ? crypto::fingerprint(second.crypto->public_key()).short_id() : 0;
    const bool is_former = changes && second.crypto != nullptr && second.crypto->public_key() == before;
    for (Peer& peer : peers_) {
        std::vector<std::pair<Boxes*, crypto::PublicKey>> shared;
        if (peer.identity) shared.emplace_back(&peer.boxes, peer.identity->key);
        if (peer.next) shared.emplace_back(&peer.next->boxes, peer.next->identity.key);
        for (auto& [boxes, key] : shared) {
            if (is_former) std::swap(boxes->own, boxes->other);
            else if (changes || !same_second) *boxes = boxes_with(key);
        }
        Outgoing& outgoing = peer.outgoing;
        if (changes) {
            peer.knows_own_key = std::exchange(peer.knows_second_key, false);
            peer.uses_own_key = peer.says_second_key = false;
            outgoing.under.other = is_former && !peer.knows_own_key;
        } else if (!same_second) {
            peer.knows_second_key = peer.says_second_key = false;
            outgoing.under.other = false;
        }
        if (outgoing.flight && (changes || !same_second)) {
            outgoing.flight->under.other = is_former && !outgoing.flight->under.other;
            outgoing.flight->tried = 0;
        }
    }
    if (changes) sign_under(signing.public_key(), now);
    ++generation_;
    look_for_next_key(now);
}

/// Versions are of one key: the new one begins with an epoch of its own, above the last so that no (epoch, seq) comes twice.
void Network::Impl::sign_under(const crypto::PublicKey& key, Now now) {
    const std::uint64_t above = epoch_saved_ < wire::kEpochMax ? epoch_saved_ : 0;
    epochs_used_up_ = false;
    identity_ = make_identity(roster_.network, roster_.self, key);
    by_key_id_.erase(own_key_id_);
    own_key_id_ = crypto::fingerprint(key).short_id();
    own_ = OwnRecord(identity_, boot_id_);
    epoch_saved_ = 0;
    epoch_jumps_ = 0;
    epoch_jumped_at_.reset();
    epoch_wanted_.reset();
    const std::optional<wire::SavedState>& saved = options_.saved;
    begin_next_epoch(saved && saved->key == identity_.key_tag ? std::max(above, saved->epoch) : above, now);
    if (!self_) return;
    Peer& self = peers_[*self_];
    set_key(self, roster_.self, key);
    by_key_id_.set(own_key_id_, *self_);
    tell(EventKind::key_changed, *self_, now, "this node signs under its new key " + self.fingerprint);
}

/// Whether the time has come to sign under the next key.
void Network::Impl::look_for_next_key(Now now) {
    next_key_due_ = false;
    if (second_.crypto == nullptr || !second_.is_next || !is_listed() || leaving_) return most_hold_since_.reset();
    std::size_t holding = 0;
    bool lacks_who_is_reached = false;
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        if (i == self_) continue;
        if (peers_[i].knows_second_key) ++holding;
        else lacks_who_is_reached = lacks_who_is_reached || peers_[i].link.status() == Status::up;
    }
    const std::size_t nodes = peers_.size();
    if (nodes > 1 && 2 * (holding + 1) <= nodes) return most_hold_since_.reset();  // of three nodes one may be gone for good
    if (!most_hold_since_) most_hold_since_ = now.mono;
    next_key_due_ = !lacks_who_is_reached || now.mono - *most_hold_since_ >= kPatience;
}

std::optional<Rotation> Network::Impl::rotation() const {
    if (second_.crypto == nullptr) return std::nullopt;
    Rotation rotation;
    rotation.is_next = second_.is_next;
    rotation.fingerprint = crypto::fingerprint(second_.crypto->public_key()).text();
    for (std::size_t i = 0; i < peers_.size(); ++i) {
        if (i == self_) continue;
        const Peer& peer = peers_[i];
        const bool uses_own_key =
            peer.uses_own_key && peer.link.reason() != Reason::refused_by_peer;  // it may have lost it again
        if (second_.is_next ? peer.knows_second_key : uses_own_key) ++rotation.holding;
        else rotation.lacking.push_back(roster_.nodes[i].id);
    }
    return rotation;
}

}  // namespace meshmon::mesh
