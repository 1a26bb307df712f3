#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "sim/bounds.hpp"
#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// S9: an isolated, paused or starved node accuses nobody (of more than two nodes; of two none can tell).
///
/// From the moment on at which a node can hear less than a quorum, or does not get to run, it comes to no new `down` of
/// whom it was in touch with, and once it can know how it stands, of nobody who lives; within one poll after a pause, of
/// nobody at all. What others find, one that starves may believe. Nor does its record, once it can know, accuse the living anew
/// while it calls itself healthy, and so has a vote. Whom it hears in turns, each for a while, may be a quorum together: that
/// gave proof of life since its accusations, and until it can know who of them is gone it may judge by that.
class AloneAccusesNobody : public Checker {
public:
    explicit AloneAccusesNobody(Bounds bounds) : bounds_(bounds) {}
    void on_step(const Step& step) override;

private:
    enum class Fitness { fit, may_judge_the_lost, judges_nobody };
    struct Known {
        std::uint64_t incarnation = 0;
        Fitness fitness = Fitness::fit;
        MonoTime fit_at;                 ///< the last step at which it was
        std::set<std::size_t> in_touch;  ///< who could be reached for long, when it was fit last
        std::set<std::size_t> heard;     ///< whom it could hear since it is alone, at once or in turns; itself included
        std::set<NodeId> down;
        std::set<NodeId> told_down;  ///< since the step before, by this process since it was told of its last pause
        std::shared_ptr<const mesh::Record> record;  ///< its own
        std::set<std::uint64_t> accused;             ///< by that: tags
    };

    [[nodiscard]] Fitness fitness(const Step& step, std::size_t node) const;
    [[nodiscard]] std::set<std::size_t> in_touch(const Step& step, std::size_t node) const;
    [[nodiscard]] std::set<std::size_t> heard_alone(const Step& step, std::size_t node, std::set<std::size_t> before) const;
    [[nodiscard]] bool reachable_for_long(const Step& step, std::size_t node, std::size_t subject) const;
    void look(const Step& step, std::size_t node, const Known& before, const Known& now);

    Bounds bounds_;
    std::map<std::size_t, Known> known_;  ///< at the last step
};

}  // namespace meshmon::sim
