#pragma once

#include <deque>

#include "sim/bounds.hpp"
#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// L3: once faults stop for a core, each of it holds what each other one had signed five polls ago, over at most two hops.
///
/// Faults have stopped when those who can reach each other must do so again: L2. What a process signed that is no more is not
/// asked for: if it lost its disk and its peers too, nobody knows. Nor is what somebody signed whose disk takes nothing: it may
/// be below what others hold of it, and cannot go above that: L6.
class Converges : public Checker {
public:
    explicit Converges(Bounds bounds) : bounds_(bounds) {}
    void on_step(const Step& step) override;

private:
    struct Signed {
        MonoTime at;  ///< the first step at which it was seen
        wire::Version version;
    };

    void note_what_is_newest(const Step& step);
    void look(const Step& step, std::size_t viewer, const Truth::Core& core);

    Bounds bounds_;
    std::vector<std::deque<Signed>> signed_;  ///< by owner, oldest first; from the last one of five polls ago on
    std::vector<std::uint64_t> incarnations_;
    std::vector<MonoTime> did_not_write_;  ///< when the disk of each was seen last to take nothing
};

}  // namespace meshmon::sim
