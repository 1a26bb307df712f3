#pragma once

#include <set>

#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// S3 and what of S5 goes over the wire: every record that an honest node sends decodes, verifies under its owner's key,
/// and brings slots that its head lists.
class RecordsHold : public Checker {
public:
    void on_message(const OpenedMessage& message) override;

    [[nodiscard]] std::uint64_t records_seen() const { return records_seen_; }

private:
    void check(const OpenedMessage& message, const wire::SignedRecord& record);

    std::uint64_t records_seen_ = 0;
    std::set<std::pair<crypto::Hash, wire::Signature>> verified_;
};

}  // namespace meshmon::sim
