#pragma once

#include "sim/bounds.hpp"
#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// L1: who crashed, froze or was cut off is `down` at every node of a calm core, within the bound.
///
/// Those of the core who have a vote must be a quorum by the viewer's roster, and the core three quarters of all who might
/// say something else: those outside that were heard after the death.
class FindsTheDead : public Checker {
public:
    explicit FindsTheDead(Bounds bounds) : bounds_(bounds) {}
    void on_step(const Step& step) override;

private:
    void look(const Step& step, std::size_t viewer, const Truth::Core& core);
    [[nodiscard]] std::size_t voters(const Step& step, const Truth::Core& core) const;
    void note_who_is_well(const Step& step);
    [[nodiscard]] Duration bound(const Step& step, const Truth::Core& core, std::size_t viewer, std::size_t subject,
                                 const mesh::NodeView& dead) const;
    [[nodiscard]] bool outnumbers(const Step& step, const Truth::Core& core, std::size_t viewer, std::size_t dead) const;

    Bounds bounds_;
    std::vector<bool> well_;  ///< viewer * nodes + subject: whether all reached the subject for long, when it was heard last
};

}  // namespace meshmon::sim
