#pragma once

#include "base/time.hpp"

namespace meshmon::node {

/// How long until the next look at a repository: its interval, or after `failures` in a row `retry` doubled with each of them,
/// where that is less. `chance`, uniform in [0, 1), varies it by up to a tenth either way: nodes that were started together do
/// not ask their host together for ever. Pure.
[[nodiscard]] Duration look_delay(Duration interval, Duration retry, int failures, double chance);

}  // namespace meshmon::node
