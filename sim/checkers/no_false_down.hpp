#pragma once

#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// S1: a node that at least half of the honest nodes reach both ways is never `down` at a viewer that is near these.
///
/// "Near" and "reach" are the truth of the simulated links, for at least as long as recovery may take (L2): whoever lives,
/// and exchanges with the viewer both ways, is near it. Whoever runs may be fresh there, and counts among the others.
class NoFalseDown : public Checker {
public:
    explicit NoFalseDown(Duration poll_rate) : settled_(2 * poll_rate + std::chrono::seconds(2) + kMargin) {}
    void on_step(const Step& step) override;

private:
    static constexpr Duration kMargin = std::chrono::seconds(1);

    // What held for long at `when`, between the last step and this one, and holds now.
    [[nodiscard]] bool awake(const Step& step, std::size_t node, MonoTime when) const;
    [[nodiscard]] bool linked(const Step& step, std::size_t a, std::size_t b, MonoTime when) const;
    void check(const Step& step, std::size_t viewer, std::size_t subject, MonoTime when);

    Duration settled_;
};

}  // namespace meshmon::sim
