#include "node/look_delay.hpp"

#include <algorithm>

namespace meshmon::node {

Duration look_delay(Duration interval, Duration retry, int failures, double chance) {
    constexpr int kDoublingsMax = 11;  // of five seconds, hours: more than that every interval is
    constexpr double kJitter = 0.1;
    Duration delay = interval;
    if (failures > 0) delay = std::min(delay, retry * (1 << std::min(failures - 1, kDoublingsMax)));
    return Duration(static_cast<Duration::rep>(static_cast<double>(delay.count()) * (1 + kJitter * (2 * chance - 1))));
}

}  // namespace meshmon::node
