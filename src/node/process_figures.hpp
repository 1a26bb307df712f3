#pragma once

#include <cstdint>

namespace meshmon::node {

/// What this process costs, as the system counts it.
struct ProcessUse {
    std::uint64_t resident_bytes = 0;  ///< 0 where /proc is not readable
    double cpu_seconds = 0;
};

/// Reads /proc/self/statm and getrusage: about 10 µs.
[[nodiscard]] ProcessUse process_use();

}  // namespace meshmon::node
