#include "node/process_figures.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace meshmon::node {
namespace {

double seconds(const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; }

}  // namespace

ProcessUse process_use() {
    ProcessUse use;
    std::ifstream statm("/proc/self/statm");
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    if (statm >> total >> resident) use.resident_bytes = resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) == 0) use.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    return use;
}

}  // namespace meshmon::node
