#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "crypto/crypto.hpp"
#include "mesh/record.hpp"
#include "wire/messages.hpp"

namespace meshmon::mesh {

/// The record that this node signs about itself and what it sees.
///
/// Source: docs/protocol.md, "Records".
/// Invariant: no two heads of one (epoch, boot id, seq); nothing is signed under an epoch that is not durable, which is
/// the caller's to know: begin_epoch is called when it is.
class OwnRecord {
public:
    struct Content {
        wire::Hello hello;
        std::vector<wire::NodeTag> peers;                ///< ordered
        std::vector<wire::ReachEntry> reach;             ///< ordered; those not plainly up
        std::optional<std::vector<wire::RttEntry>> rtt;  ///< ordered; absent: as before
        wire::Answers answers;
        wire::RosterHash roster_hash{};
        std::string config_revision;
        wire::SelfHealth health = wire::SelfHealth::healthy;
    };

    OwnRecord(OwnerIdentity identity, wire::BootId boot_id) : identity_(std::move(identity)), boot_id_(boot_id) {}

    void begin_epoch(std::uint64_t epoch);

    /// Signs the next head. Precondition: an epoch was begun.
    void publish(const Content& content, const crypto::Crypto& crypto, WallTime wall);

    /// Null until the first publish of the first epoch.
    [[nodiscard]] const std::shared_ptr<const Record>& current() const { return current_; }
    [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

    /// Whether `version` is of this epoch, and of a head that this process did not sign: the epoch was used before, by a
    /// process whose disk was lost. False where that head is older than the kSignedKept newest. O(log kSignedKept).
    [[nodiscard]] bool is_of_another_process(const wire::Version& version) const;
    [[nodiscard]] const OwnerIdentity& identity() const { return identity_; }

private:
    static constexpr std::size_t kSignedKept = 64;  // a process that is heard of learns what is held of it within a few

    using SlotKey = std::pair<wire::SlotKind, std::uint32_t>;

    [[nodiscard]] std::map<SlotKey, Bytes> slots_of(const Content& content) const;

    OwnerIdentity identity_;
    wire::BootId boot_id_;
    std::uint64_t epoch_ = 0;
    std::uint64_t seq_ = 0;
    std::shared_ptr<const Record> current_;
    std::map<std::uint64_t, std::uint32_t> signed_;  ///< of this epoch: the newest heads' seq and hash; at most kSignedKept
};

/// The `peers` slots of who observes all of the nodes with `tags`, in any order.
[[nodiscard]] RosterSlots roster_slots(std::vector<wire::NodeTag> tags, const crypto::Crypto& crypto, RecordPool* pool);

}  // namespace meshmon::mesh
