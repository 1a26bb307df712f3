#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "node/log_line.hpp"

namespace meshmon::node {

/// Where the daemon's lines go: one a change, none an exchange.
///
/// Source: docs/reference/logs.md.
/// Threads: loop thread only. Writing never blocks it: lines wait in a queue of kQueueMax for a thread that writes
/// them, and where the reader of stderr stands still the oldest are dropped.
/// Memory: at most kRepeatsMax remembered lines for counting repeats.
class Log {
public:
    static constexpr std::size_t kQueueMax = 512;
    static constexpr std::size_t kRepeatsMax = 256;
    static constexpr Duration kRepeatWindow = std::chrono::seconds(60);

    struct Options {
        LogLevel level = LogLevel::info;
        LogFormat format = LogFormat::logfmt;
        bool colour = false;
    };
    using Write = std::function<void(std::string_view line)>;

    /// `clock` gives both times; `write` takes finished lines without their end.
    Log(Options options, std::function<Now()> clock, Write write);

    /// The sink of a daemon: stderr, by a thread of its own.
    [[nodiscard]] static Write to_stderr();

    /// Writes `line` unless its level is too low.
    void write(const LogLine& line);

    /// Like write, but at most `burst` times in kRepeatWindow for one `key`; what is left out is counted, and the count
    /// shown with the last of them: "(×214 in 60 s)".
    void write_limited(std::string_view key, int burst, const LogLine& line);

    /// Tells the counts of windows that are over. To be called every few seconds and once before the end.
    void flush_repeats(bool all = false);

    [[nodiscard]] bool enabled(LogLevel level) const { return level >= options_.level; }

private:
    struct Repeats {
        MonoTime since;
        int written = 0;
        int left_out = 0;
        LogLine last;
    };
    void tell(const Repeats& repeats, MonoTime now);

    Options options_;
    std::function<Now()> clock_;
    Write write_;
    std::map<std::string, Repeats, std::less<>> repeats_;
};

}  // namespace meshmon::node
