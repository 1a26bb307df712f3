#pragma once

#include <map>

#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// S2: a viewer below quorum calls nobody `down`, save who left. What a quorum is, it counts itself; a viewer may lag behind what
/// it sees for as long as it judges nobody after a pause.
class QuorumAccuses : public Checker {
public:
    explicit QuorumAccuses(Duration poll = std::chrono::seconds(1)) : most_(2 * poll + std::chrono::seconds(2)) {}
    void on_step(const Step& step) override;

private:
    /// As the viewer told of it.
    struct Quorum {
        std::uint64_t incarnation = 0;
        bool lost = false;
    };
    void look_at_what_was_told(const Step& step, std::size_t viewer);
    [[nodiscard]] bool lacks_quorum(const Step& step, std::size_t viewer);

    Duration most_;
    std::map<std::size_t, Quorum> quorums_;      ///< by viewer
    std::map<std::size_t, MonoTime> few_since_;  ///< by viewer: since when it sees fewer than a quorum
};

}  // namespace meshmon::sim
