#pragma once

#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// A node that runs tries every peer that it is to dial, again and again, whatever became of the tries before: section
/// "Observations" of the verdicts. Twice the poll and two seconds are the most that may lie between two.
class KeepsTrying : public Checker {
public:
    explicit KeepsTrying(Duration poll_rate) : most_(2 * poll_rate + std::chrono::seconds(2)) {}
    void on_step(const Step& step) override;

private:
    Duration most_;
};

}  // namespace meshmon::sim
