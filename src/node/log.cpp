#include "node/log.hpp"

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <utility>

namespace meshmon::node {

Log::Log(Options options, std::function<Now()> clock, Write write)
    : options_(options), clock_(std::move(clock)), write_(std::move(write)) {}

Log::Write Log::to_stderr() {
    // A pool of one's own, not spdlog's global one: it ends with the last copy of the sink and writes what is queued.
    auto pool = std::make_shared<spdlog::details::thread_pool>(kQueueMax, 1);
    auto logger = std::make_shared<spdlog::async_logger>("meshmon", std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool,
                                                         spdlog::async_overflow_policy::overrun_oldest);
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::trace);
    return [pool, logger](std::string_view line) {
        logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
    };
}

void Log::write(const LogLine& line) {
    if (enabled(line.level)) write_(format_log_line(line, clock_().wall, options_.format, options_.colour));
}

void Log::write_limited(std::string_view key, int burst, const LogLine& line) {
    if (!enabled(line.level)) return;
    const MonoTime now = clock_().mono;
    auto found = repeats_.find(key);
    if (found != repeats_.end() && now - found->second.since >= kRepeatWindow) {
        tell(found->second, now);
        repeats_.erase(found);
        found = repeats_.end();
    }
    if (found == repeats_.end()) {
        if (repeats_.size() >= kRepeatsMax) flush_repeats(true);
        found = repeats_.emplace(std::string(key), Repeats{now, 0, 0, {}}).first;
    }
    Repeats& repeats = found->second;
    if (repeats.written < burst) {
        ++repeats.written;
        write(line);
        return;
    }
    ++repeats.left_out;
    repeats.last = line;
}

void Log::flush_repeats(bool all) {
    const MonoTime now = clock_().mono;
    for (auto it = repeats_.begin(); it != repeats_.end();) {
        if (!all && now - it->second.since < kRepeatWindow) {
            ++it;
            continue;
        }
        tell(it->second, now);
        it = repeats_.erase(it);
    }
}

void Log::tell(const Repeats& repeats, MonoTime now) {
    if (repeats.left_out == 0) return;
    LogLine line = repeats.last;
    line.message += fmt::format(" (×{} in {})", repeats.left_out, to_short_text(now - repeats.since));
    write(line);
}

}  // namespace meshmon::node
