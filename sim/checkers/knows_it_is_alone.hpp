#pragma once

#include "sim/bounds.hpp"
#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// L5: a node of more than two that can hear less than a quorum calls itself isolated within the bound.
///
/// Where it hears some, it may hold what they brought of others for as long as a relayed proof of life is current.
class KnowsItIsAlone : public Checker {
public:
    explicit KnowsItIsAlone(Bounds bounds) : bounds_(bounds) {}
    void on_step(const Step& step) override;

private:
    Bounds bounds_;
};

}  // namespace meshmon::sim
