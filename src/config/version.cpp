#include <algorithm>
#include <array>
#include <charconv>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "config/config.hpp"
#include "config/text.hpp"

namespace meshmon::config {

namespace {

constexpr std::size_t kVersionMax = 128;

/// Semantic Versioning 2.0.0; build data is left out, as it has no part in the order.
struct Version {
    std::array<std::uint32_t, 3> numbers{};
    std::vector<std::string_view> pre;  ///< empty: a release
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_identifier_character(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; }
bool is_number(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

/// Cuts `text` at the first `separator` and answers what was before it.
std::string_view cut(std::string_view& text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view first = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return first;
}

bool parse_numbers(std::string_view text, Version& out) {
    std::size_t parts = 0;
    if (text.empty() || text.ends_with('.')) return false;
    while (!text.empty()) {
        const std::string_view part = cut(text, '.');
        if (parts == out.numbers.size() || !is_number(part)) return false;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), out.numbers.at(parts));
        if (error != std::errc{} || end != part.data() + part.size()) return false;
        ++parts;
    }
    return true;
}

bool parse_pre_release(std::string_view text, Version& out) {
    if (text.empty() || text.ends_with('.')) return false;
    while (!text.empty()) {
        const std::string_view part = cut(text, '.');
        if (part.empty() || !std::ranges::all_of(part, is_identifier_character)) return false;
        out.pre.push_back(part);
    }
    return true;
}

std::optional<Version> parse_version(std::string_view text) {
    if (text.size() > kVersionMax) return std::nullopt;
    if (text.starts_with('v')) text.remove_prefix(1);
    const std::size_t build = std::min(text.find('+'), text.size());
    text = text.substr(0, build);
    const std::size_t dash = text.find('-');
    Version version;
    if (!parse_numbers(text.substr(0, std::min(dash, text.size())), version)) return std::nullopt;
    if (dash != std::string_view::npos && !parse_pre_release(text.substr(dash + 1), version)) return std::nullopt;
    return version;
}

std::strong_ordering compare_identifiers(std::string_view a, std::string_view b) {
    const bool a_number = is_number(a);
    const bool b_number = is_number(b);
    if (a_number != b_number) return a_number ? std::strong_ordering::less : std::strong_ordering::greater;
    if (!a_number) return a <=> b;
    a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
    b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
    if (a.size() != b.size()) return a.size() <=> b.size();
    return a <=> b;
}

std::strong_ordering compare(const Version& a, const Version& b) {
    if (const auto numbers = a.numbers <=> b.numbers; numbers != 0) return numbers;
    if (a.pre.empty() || b.pre.empty()) return b.pre.size() <=> a.pre.size();  // a release is above its pre-releases
    for (std::size_t i = 0; i < std::min(a.pre.size(), b.pre.size()); ++i) {
        if (const auto part = compare_identifiers(a.pre[i], b.pre[i]); part != 0) return part;
    }
    return a.pre.size() <=> b.pre.size();
}

std::string_view take_operator(std::string_view& text) {
    for (const std::string_view op : {">=", "<=", "==", "!=", ">", "<", "="}) {
        if (text.starts_with(op)) {
            text.remove_prefix(op.size());
            return op;
        }
    }
    return "==";
}

bool holds(std::string_view op, std::strong_ordering order) {
    if (op == ">=") return order >= 0;
    if (op == "<=") return order <= 0;
    if (op == "!=") return order != 0;
    if (op == ">") return order > 0;
    if (op == "<") return order < 0;
    return order == 0;
}

/// The single ranges of a text that joins them by commas or spaces; a space behind an operator joins nothing.
std::vector<std::string> split_ranges(std::string_view text) {
    std::vector<std::string> ranges;
    bool open = false;  // an operator without its version yet
    std::string current;
    const auto finish = [&] {
        if (!current.empty() && !open) ranges.push_back(std::exchange(current, {}));
    };
    for (const char c : text) {
        if (c == ',' || c == ' ') {
            if (c == ',') open = false;
            finish();
            continue;
        }
        const bool is_operator = c == '<' || c == '>' || c == '=' || c == '!';
        if (is_operator && !open) finish();
        open = is_operator;
        current += c;
    }
    open = false;
    finish();
    return ranges;
}

}  // namespace

Result<bool> version_fits(std::string_view version, std::string_view range) {
    const std::optional<Version> own = parse_version(version);
    if (!own)
        return fail("config.version", fmt::format("{} is no version", in_quotes(version)),
                    "versions are like 1.2.0 or 1.2.0-rc.1");
    const auto refuse = [range] {
        return fail("config.version_range", fmt::format("{} is no version range", in_quotes(range)),
                    "write an operator (>= > <= < == !=) and a version, like >=0.2.0");
    };
    if (range.size() > 4 * kVersionMax) return refuse();
    const std::vector<std::string> ranges = split_ranges(range);
    if (ranges.empty()) return refuse();
    bool fits = true;
    for (const std::string& single : ranges) {
        std::string_view rest = single;
        const std::string_view op = take_operator(rest);
        const std::optional<Version> bound = parse_version(rest);
        if (!bound) return refuse();
        fits = fits && holds(op, compare(*own, *bound));
    }
    return fits;
}

}  // namespace meshmon::config
