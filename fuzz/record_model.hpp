#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "mesh/record.hpp"

namespace meshmon::fuzz {

/// What a node holds of one owner's record, in the plainest form: whole copies, maps, no sharing, no deltas.
///
/// Source: docs/protocol.md, "Records" and "What a receiver refuses", not the code that it is compared with.
class RecordModel {
public:
    using Outcome = mesh::HeldRecord::Outcome;

    /// What is there of one head.
    struct Copy {
        Bytes head_bytes;
        wire::Signature signature{};
        wire::Head head;
        std::map<wire::SlotHash, Bytes> slots;  ///< of those that the head lists
    };

    /// As mesh::HeldRecord::offer.
    Outcome offer(const wire::SignedRecord& offered, const wire::Head& head, const mesh::OwnerIdentity& owner,
                  const crypto::Crypto& crypto, MonoTime now);
    void set_floor(const wire::Floor& floor) { floor_ = floor; }

    [[nodiscard]] const std::optional<Copy>& held() const { return held_; }
    [[nodiscard]] bool equivocated() const { return equivocated_in_.has_value(); }
    [[nodiscard]] std::uint64_t verifications() const { return verifications_; }

private:
    struct Signed {
        Bytes head_bytes;
        wire::Signature signature{};
        wire::Head head;
    };
    [[nodiscard]] const Signed* contradicted_by(const Bytes& head_bytes, const wire::Head& head) const;
    [[nodiscard]] bool refill_and_ask(MonoTime now);

    std::optional<Copy> held_;
    std::optional<Copy> pending_;
    std::optional<wire::Floor> floor_;
    std::deque<Signed> signed_;                    ///< the last two that were verified
    std::optional<std::uint64_t> equivocated_in_;  ///< the epoch in which two truths were signed
    Bytes refused_;                                ///< the last head that was well signed and malformed
    std::uint64_t verifications_ = 0;
    Duration pace_{};  ///< heads of this owner that are still good, 50 ms each; at most 20
    MonoTime pace_at_;
};

}  // namespace meshmon::fuzz
