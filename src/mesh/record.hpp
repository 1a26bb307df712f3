#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/crypto.hpp"
#include "wire/messages.hpp"

namespace meshmon::mesh {

class RecordPool;
struct Holdings;

/// What a record is checked against before it is taken.
struct OwnerIdentity {
    NetworkId network;
    NodeId node;
    wire::NodeTag node_tag;
    wire::KeyTag key_tag;
    crypto::PublicKey key;
};

[[nodiscard]] OwnerIdentity make_identity(const NetworkId& network, const NodeId& node, const crypto::PublicKey& key);

/// One version of one owner's record, whole: its signed head and every slot that the head lists. Never changed, so shared.
struct Record {
    Bytes head_bytes;
    wire::Signature signature{};
    wire::Head head;
    wire::Version version;
    std::vector<std::shared_ptr<const Bytes>> slots;  ///< as in head.slots

    [[nodiscard]] const Bytes* slot(wire::SlotKind kind, std::uint32_t page) const;
    [[nodiscard]] std::size_t bytes() const;
};

/// Whether `a` is a later state than `b` of the same owner and key.
[[nodiscard]] bool is_newer(const wire::Version& a, const wire::Version& b);

/// Whether both name one version, and not the same head: whoever signed both told two truths, or two processes signed.
[[nodiscard]] bool is_other_truth(const wire::Version& a, const wire::Version& b);

/// The version of the head that reads `head` and whose bytes have `hash`.
[[nodiscard]] wire::Version version_of(const wire::Head& head, const crypto::Hash& hash, const OwnerIdentity& owner);

/// Slots that everybody with one roster makes itself, by their hashes: they need not travel.
using RosterSlots = std::vector<std::pair<wire::SlotHash, std::shared_ptr<const Bytes>>>;

/// The record as somebody needs it who holds `held` of it: the head, and the slots that changed since, but for those of
/// `made_there` (may be null).
[[nodiscard]] wire::SignedRecord delta(const Record& record, const std::optional<wire::Version>& held,
                                       const RosterSlots* made_there = nullptr);

/// How many good heads of one owner are looked at: 20 a second, as many at once. No honest node publishes at such a pace.
class HeadPace {
public:
    [[nodiscard]] bool allows(MonoTime now);
    /// One was good. Precondition: it was allowed.
    void spend() { tokens_ -= 1; }

private:
    static constexpr double kPerSecond = 20;
    double tokens_ = kPerSecond;
    MonoTime at_;
};

/// The newest record of one owner that this node holds, with the rules for taking a newer one.
///
/// Source: docs/protocol.md, "Records".
/// Memory: one record, one pending head with the slots that came, and the last two heads without slots.
/// Invariant: a head counts only when all its slots are present and its signature was verified; versions never fall.
class HeldRecord {
public:
    enum class Outcome {
        accepted,      ///< current() is newer than before
        pending,       ///< verified, but slots are missing; the older one stays readable
        known,         ///< not newer than what is held
        equivocation,  ///< verified: another head of one of the last versions, under one boot id; told once an epoch
        fork,          ///< verified: another head of one of the last versions, under another boot id
        bad_signature,
        malformed,
        rate_limited,
    };

    /// Takes `offered`, whose head reads `head`, if it is newer. Verifies last, and only what passed every other check;
    /// counts that in `verifications`. What is taken is shared through `pool`, if there is one; slots of `made_here` (may be
    /// null) need not come. Precondition: the head names this owner and network.
    Outcome offer(const wire::SignedRecord& offered, wire::Head head, const OwnerIdentity& owner, const crypto::Crypto& crypto,
                  MonoTime now, std::uint64_t& verifications, RecordPool* pool = nullptr, const RosterSlots* made_here = nullptr);

    /// Two truths that the owner signed under one version: whoever holds its public key can verify that.
    struct Equivocation {
        std::uint64_t epoch = 0, seq = 0;
        wire::SignedRecord one, other;  ///< heads and signatures alone
    };
    /// Held until a head of a higher epoch is taken.
    [[nodiscard]] const std::optional<Equivocation>& equivocation() const { return equivocation_; }

    /// Never falls below this version of this key again.
    void set_floor(const wire::Floor& floor);
    [[nodiscard]] const std::optional<wire::Floor>& floor() const { return floor_; }

    [[nodiscard]] const std::shared_ptr<const Record>& current() const { return current_; }
    [[nodiscard]] std::optional<wire::Version> version() const;

    /// The head of another process, verified and never whole here, because of which one under `version` is not taken: its
    /// owner has to see it, or it goes on below. Nothing where there is none.
    [[nodiscard]] std::optional<wire::SignedRecord> in_the_way_of(const wire::Version& version) const;

    /// Adds what is kept here.
    void add_to(Holdings& sum) const;

private:
    static constexpr std::size_t kVerifiedKept = 2;  // while two that were told two truths compare, a newer one may come

    /// A head that was verified.
    struct Verified {
        std::shared_ptr<const Bytes> head;
        wire::Signature signature{};
        wire::Version version;
        wire::BootId boot_id{};
    };
    [[nodiscard]] const Verified* contradicted_by(const wire::Version& version, const wire::BootId& boot_id) const;
    [[nodiscard]] bool comes_whole(const wire::Head& head, const std::vector<Bytes>& offered_slots, const crypto::Crypto& crypto,
                                   const RosterSlots* made_here) const;
    [[nodiscard]] const Verified* verified_before(const wire::Version& version, const Bytes& head) const;
    Outcome contradiction(const Verified& verified, const wire::SignedRecord& offered, const wire::Head& head);
    Outcome complete(Record candidate, const std::vector<Bytes>& offered_slots, const crypto::Hash& hash,
                     const crypto::Crypto& crypto, RecordPool* pool, const RosterSlots* made_here);
    [[nodiscard]] bool is_below_floor(const wire::Version& version) const;

    std::shared_ptr<const Record> current_;
    std::unique_ptr<const Record> pending_;  ///< or null; slots that are missing are null
    std::optional<wire::Floor> floor_;
    std::vector<Verified> verified_;  ///< the last few, oldest first
    std::optional<Equivocation> equivocation_;
    std::optional<crypto::Hash> refused_;  ///< head that was verified and not taken; not verified again
    HeadPace pace_;
};

/// Whether every slot decodes that `before` (may be null) did not share as the same kind, if that kind is known; others are kept
/// as they are.
[[nodiscard]] bool slots_decode(const Record& record, const Record* before);

}  // namespace meshmon::mesh
