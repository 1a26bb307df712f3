#include "node/log_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace meshmon::node {
namespace {

constexpr std::array<std::string_view, 6> kLevels = {"trace", "debug", "info", "warn", "error", "critical"};

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

/// The code point at `at` and its length; length 0 where the bytes are no UTF-8.
struct CodePoint {
    std::uint32_t value = 0;
    std::size_t length = 0;
};

CodePoint decode_utf8(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t first = byte(at);
    const std::size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
    if (length == 0 || at + length > text.size()) return {};
    if (length == 1) return {first, 1};
    std::uint32_t value = first & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80) return {};
        value = value << 6 | (byte(at + i) & 0x3Fu);
    }
    constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < kSmallest[length] || value > 0x10FFFF || surrogate) return {};
    return {value, length};
}

/// Control characters of both blocks, line separators, and what turns the direction of writing.
bool is_treacherous(std::uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x061C || c == 0xFEFF;
}

std::string escape(std::string_view text, bool quoted) {
    std::string out;
    out.reserve(std::min(text.size(), kLogValueMax) + 8);
    for (std::size_t at = 0; at < text.size();) {
        if (at >= kLogValueMax) return out + "…";
        const CodePoint c = decode_utf8(text, at);
        if (c.length == 0) {
            out += "\xEF\xBF\xBD";  // U+FFFD: not even a valid character
            ++at;
            continue;
        }
        if (c.value == '\n') out += "\\n";
        else if (c.value == '\r') out += "\\r";
        else if (c.value == '\t') out += "\\t";
        else if (is_treacherous(c.value)) out += fmt::format("\\u{:04x}", c.value);
        else if (quoted && (c.value == '"' || c.value == '\\')) out += {'\\', static_cast<char>(c.value)};
        else out += text.substr(at, c.length);
        at += c.length;
    }
    return out;
}

bool needs_no_quotes(std::string_view text) {
    return !text.empty() && text.size() <= kLogValueMax && std::ranges::all_of(text, [](unsigned char c) {
        return std::isalnum(c) != 0 || std::string_view("._-:/+@%,[]").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

void add_logfmt(std::string& out, std::string_view name, std::string_view value, bool always_quoted) {
    if (!out.empty()) out += ' ';
    out += name;
    out += '=';
    if (!always_quoted && needs_no_quotes(value)) out += value;
    else out += fmt::format("\"{}\"", escape(value, true));
}

void add_json(std::string& out, std::string_view name, std::string_view value) {
    out += fmt::format("{}\"{}\":\"{}\"", out.empty() ? "{" : ",", name, escape(value, true));
}

/// Calls `add(name, value, is_message)` for everything a line says, in its fixed order.
template <typename Add>
void each_field(const LogLine& line, WallTime time, Add add) {
    add("ts", to_rfc3339(time), false);
    add("level", std::string(to_string(line.level)), false);
    add("event", std::string(line.event), false);
    if (!line.network.empty()) add("net", line.network, false);
    if (!line.node.empty()) add("node", line.node, false);
    for (const auto& [name, value] : line.fields) add(name, value, false);
    add("msg", line.message, true);
}

std::string_view colour_of(LogLevel level) {
    switch (level) {
        case LogLevel::trace:
        case LogLevel::debug: return "\x1b[2m";
        case LogLevel::info: return "\x1b[32m";
        case LogLevel::warn: return "\x1b[33m";
        case LogLevel::error: return "\x1b[31m";
        case LogLevel::critical: return "\x1b[1;31m";
    }
    return "";
}

std::string short_form(const LogLine& line, WallTime time, bool colour) {
    const std::string stamp = to_rfc3339(time).substr(11, 8);
    std::string level = fmt::format("{:<5}", line.level == LogLevel::critical ? "fatal" : to_string(line.level));
    if (colour) level = fmt::format("{}{}\x1b[0m", colour_of(line.level), level);
    std::string subject = escape(line.network, false);
    if (!line.node.empty()) subject += (subject.empty() ? "" : "/") + escape(line.node, false);
    if (!subject.empty()) subject = colour ? fmt::format("\x1b[1m{}\x1b[0m ", subject) : subject + " ";
    return fmt::format("{} {} {}{}", stamp, level, subject, escape(line.message, false));
}

}  // namespace

std::string_view to_string(LogLevel level) { return kLevels[static_cast<std::size_t>(level)]; }

Result<LogLevel> parse_log_level(std::string_view text) {
    const std::string word = lower(text);
    if (word == "warning") return LogLevel::warn;
    for (std::size_t i = 0; i < kLevels.size(); ++i) {
        if (word == kLevels[i]) return static_cast<LogLevel>(i);
    }
    return fail("node.log_level", fmt::format("'{}' is no log level", text),
                "use one of: trace, debug, info, warn, error, critical");
}

Result<LogFormat> parse_log_format(std::string_view text) {
    const std::string word = lower(text);
    if (word == "logfmt") return LogFormat::logfmt;
    if (word == "json") return LogFormat::json;
    if (word == "short") return LogFormat::short_text;
    return fail("node.log_format", fmt::format("'{}' is no log format", text), "use one of: logfmt, json, short");
}

std::string escape_log_value(std::string_view text) { return escape(text, true); }

std::string format_log_line(const LogLine& line, WallTime time, LogFormat format, bool colour) {
    std::string out;
    switch (format) {
        case LogFormat::logfmt:
            each_field(line, time, [&](std::string_view name, const std::string& value, bool message) {
                add_logfmt(out, name, value, message);
            });
            return out;
        case LogFormat::json:
            each_field(line, time, [&](std::string_view name, const std::string& value, bool) { add_json(out, name, value); });
            return out + "}";
        case LogFormat::short_text: return short_form(line, time, colour);
    }
    return out;
}

}  // namespace meshmon::node
