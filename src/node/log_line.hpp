#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

/// A log line as a value, and its three forms. Pure.
namespace meshmon::node {

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error, critical };

[[nodiscard]] std::string_view to_string(LogLevel level);

/// Any case; `warning` is taken for `warn`. Errors: node.log_level.
Result<LogLevel> parse_log_level(std::string_view text);

enum class LogFormat : std::uint8_t { logfmt, json, short_text };

/// `logfmt`, `json` or `short`. Errors: node.log_format.
Result<LogFormat> parse_log_format(std::string_view text);

/// One line. Every string but `event` and the names of fields may come from a stranger: the forms escape them.
struct LogLine {
    LogLevel level = LogLevel::info;
    std::string_view event;                                        ///< stable word, listed in docs/reference/logs.md
    std::string message;                                           ///< for people
    std::string network;                                           ///< network_id or directory; empty: the whole daemon
    std::string node;                                              ///< whom it is about; empty: nobody else
    std::vector<std::pair<std::string_view, std::string>> fields;  ///< more facts, by name
};

/// How much of one value is shown; the rest becomes "…".
inline constexpr std::size_t kLogValueMax = 2000;

/// `text` fit for the inside of a quoted string, in logfmt and JSON alike: quotes, backslashes, control characters,
/// invalid UTF-8 and characters that turn the direction of writing are escaped.
[[nodiscard]] std::string escape_log_value(std::string_view text);

/// One line without its end. `colour` is for short_text alone.
[[nodiscard]] std::string format_log_line(const LogLine& line, WallTime time, LogFormat format, bool colour);

}  // namespace meshmon::node
