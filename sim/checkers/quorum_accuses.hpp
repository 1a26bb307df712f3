#pragma once

#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// S2: a viewer below quorum calls nobody `down`, save who left.
class QuorumAccuses : public Checker {
public:
    void on_step(const Step& step) override;
};

}  // namespace meshmon::sim
