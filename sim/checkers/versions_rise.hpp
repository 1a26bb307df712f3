#pragma once

#include <map>
#include <utility>

#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// S4: the version that a node holds of another never falls within one key and one life of the process, and after a
/// restart never below the floors that its disk kept. It begins anew with each roster.
class VersionsRise : public Checker {
public:
    void on_step(const Step& step) override;
    void on_beginning(const Beginning& beginning) override;

private:
    using Key = std::pair<NodeId, std::uint32_t>;            ///< owner and key tag
    using Height = std::pair<std::uint64_t, std::uint64_t>;  ///< epoch and seq
    std::map<std::size_t, std::map<Key, Height>> least_;     ///< by viewer
    using Listing = std::pair<std::uint64_t, MonoTime>;      ///< incarnation, and since when it has its roster
    std::map<std::size_t, Listing> listings_;                ///< by viewer, at the last look
};

}  // namespace meshmon::sim
