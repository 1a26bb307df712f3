#include "base/check.hpp"

#include <execinfo.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace meshmon {

void check_failed(const char* condition, const char* file, int line, std::string_view message) noexcept {
    std::fprintf(stderr, "meshmon: internal check failed: %.*s (%s) at %s:%d\n", static_cast<int>(message.size()), message.data(),
                 condition, file, line);
    void* frames[64];
    const int count = backtrace(frames, 64);
    backtrace_symbols_fd(frames, count, STDERR_FILENO);
    std::abort();
}

}  // namespace meshmon
