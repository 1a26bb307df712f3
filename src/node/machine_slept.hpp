#pragma once

#include "base/time.hpp"

namespace meshmon::node {

/// How long this machine was suspended since it started: what mesh::PauseDetector calls `slept`, read now.
[[nodiscard]] Duration machine_slept();

}  // namespace meshmon::node
