#pragma once

#include <vector>

#include "api/source.hpp"
#include "node/log_line.hpp"

namespace meshmon::node {

/// Remembers since when each problem stands, and says once that it came and once that it went.
///
/// Threads: loop thread only. Memory: the problems that stand.
class ProblemTracker {
public:
    struct Change {
        api::Problem problem;
        bool appeared = false;  ///< else it is mended
    };

    /// Takes the problems that stand now; answers what changed since the last call.
    std::vector<Change> update(std::vector<api::Problem> found, WallTime now);

    /// As last given, with `since`.
    [[nodiscard]] const std::vector<api::Problem>& standing() const { return standing_; }

private:
    std::vector<api::Problem> standing_;
};

/// How a change is logged: what appears by its severity, what is mended as info.
[[nodiscard]] LogLine to_log_line(const ProblemTracker::Change& change);

}  // namespace meshmon::node
