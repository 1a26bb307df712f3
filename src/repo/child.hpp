#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "repo/stop.hpp"

namespace meshmon::repo {

using Deadline = std::chrono::steady_clock::time_point;

/// A program to be run, with everything that it may use.
struct ChildOptions {
    std::filesystem::path program;         ///< whole path
    std::vector<std::string> arguments;    ///< without the program's own name
    std::vector<std::string> environment;  ///< all of it: "NAME=value"
    std::filesystem::path folder = "/";    ///< where it runs
    std::string input = {};                ///< its standard input
    Deadline deadline;
    std::size_t output_max = std::size_t{1} << 20U;      ///< more of it ends the child
    std::uint64_t file_max = std::uint64_t{1} << 26U;    ///< bytes in any file that it writes
    std::uint64_t memory_max = std::uint64_t{1} << 31U;  ///< of address space
};

/// What became of it.
struct ChildResult {
    enum class End {
        exited,     ///< `code` is its exit code
        signalled,  ///< `code` is the signal
        deadline,   ///< it and its group were killed, here and below
        stopped,    ///< by Stop
        too_much,   ///< it wrote more than output_max
    };
    End end = End::exited;
    int code = 0;
    std::string output;
    std::string errors;  ///< the last 16 KiB of its standard error

    [[nodiscard]] bool ok() const { return end == End::exited && code == 0; }
};

/// Runs a program to its end in a process group of its own, of which nothing is left afterwards.
///
/// Threads: any; blocks until the end, at the latest a second after the deadline or the stop. No descriptor, signal handler or
/// variable of this process reaches the child but what the options name.
/// Errors: repo.spawn, it could not be started: says why.
Result<ChildResult> run_child(const ChildOptions& options, const Stop& stop);

}  // namespace meshmon::repo
