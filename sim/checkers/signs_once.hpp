#pragma once

#include <map>
#include <tuple>

#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// S6: no honest node signs two heads of one (epoch, boot id, seq). Sees every head that honest nodes send or pass on.
class SignsOnce : public Checker {
public:
    void on_message(const OpenedMessage& message) override;

private:
    using Point = std::tuple<NodeId, std::uint64_t, wire::BootId, std::uint64_t>;
    std::map<Point, crypto::Hash> signed_;
};

}  // namespace meshmon::sim
