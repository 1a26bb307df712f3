#include "node/machine_slept.hpp"

#include <time.h>

namespace meshmon::node {
namespace {

Duration read(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

Duration machine_slept() { return read(CLOCK_BOOTTIME) - read(CLOCK_MONOTONIC); }

}  // namespace meshmon::node
