#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "config/network_files.hpp"

namespace meshmon::node {

/// How it stands with the repository of one network in git mode.
struct PullState {
    std::optional<WallTime> asked;         ///< the last look that got an answer
    std::optional<Error> failed;           ///< why the last look got none
    std::optional<Error> refused;          ///< why the newest commit was not even read
    std::string refused_commit;            ///< which one that is
    std::optional<config::Commit> newest;  ///< the newest commit that was read, whether it loads or not
};

}  // namespace meshmon::node
