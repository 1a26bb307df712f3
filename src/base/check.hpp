#pragma once

#include <string_view>

namespace meshmon {

/// Prints the condition, its place and a backtrace, then aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line, std::string_view message) noexcept;

}  // namespace meshmon

/// Ends the process if our own reasoning was wrong. Stays on in release. Never for input: that is Result.
#define MM_CHECK(condition, message)                                            \
    do {                                                                        \
        if (!(condition)) [[unlikely]]                                          \
            ::meshmon::check_failed(#condition, __FILE__, __LINE__, (message)); \
    } while (false)
