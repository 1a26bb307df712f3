#pragma once

#include <cstdint>
#include <map>

#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// S5: each version that an honest node names in a message - its own, that of the recipient, those of whom it asks for - is that
/// of the record which it holds at that moment. That this has exactly its slots StoredRecords sees to.
class AdvertisesWhatItHolds : public Checker {
public:
    void on_message(const OpenedMessage& message) override;

private:
    void look(const OpenedMessage& message, std::size_t owner, const wire::Version& named);
    [[nodiscard]] std::size_t owner_of(const OpenedMessage& message, const wire::NodeTag& tag);

    std::map<std::uint64_t, std::size_t> by_tag_;  ///< of all nodes
};

}  // namespace meshmon::sim
