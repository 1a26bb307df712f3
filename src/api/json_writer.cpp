#include "api/json_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/check.hpp"

namespace meshmon::api {

namespace {

constexpr std::array<std::int64_t, 7> kPowersOfTen{1, 10, 100, 1000, 10'000, 100'000, 1'000'000};

/// The length of the UTF-8 sequence at the front of `text`, or 0 if there is no valid one (RFC 3629).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const unsigned low = first == 0xE0 ? 0xA0 : 0x80;   // shorter forms are not allowed
        const unsigned high = first == 0xED ? 0x9F : 0xBF;  // nor are surrogates
        return continues(1, low, high) && continues(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const unsigned low = first == 0xF0 ? 0x90 : 0x80;
        const unsigned high = first == 0xF4 ? 0x8F : 0xBF;  // up to U+10FFFF
        return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

std::string_view short_escape(char c) {
    switch (c) {
        case '"': return "\\\"";
        case '\\': return "\\\\";
        case '\n': return "\\n";
        case '\r': return "\\r";
        case '\t': return "\\t";
        default: return {};
    }
}

}  // namespace

void JsonWriter::open(char bracket) {
    separate();
    text_ += bracket;
    ++depth_;
    comma_ = false;
}

void JsonWriter::close(char bracket) {
    MM_CHECK(depth_ > 0, "a JSON bracket is closed that was not opened");
    text_ += bracket;
    --depth_;
    comma_ = true;
}

void JsonWriter::separate() {
    if (comma_) text_ += ',';
    comma_ = true;
}

void JsonWriter::key(std::string_view name) {
    separate();
    escaped(name);
    text_ += ':';
    comma_ = false;
}

void JsonWriter::null() { word("null"); }

void JsonWriter::word(std::string_view literal) {
    separate();
    text_ += literal;
}

void JsonWriter::value(std::string_view text) {
    separate();
    escaped(text);
}

void JsonWriter::signed_number(std::int64_t number) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    word({digits.data(), end});
}

void JsonWriter::unsigned_number(std::uint64_t number) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    word({digits.data(), end});
}

// By way of an integer: a matrix holds two million of these, and formatting doubles is ten times as slow.
void JsonWriter::number(double value, int decimals) {
    MM_CHECK(decimals >= 0 && decimals < static_cast<int>(kPowersOfTen.size()), "too many decimals");
    const std::int64_t power = kPowersOfTen[static_cast<std::size_t>(decimals)];
    const double scaled = value * static_cast<double>(power);
    if (!(std::abs(scaled) < 9e18)) return null();
    const std::int64_t units = std::llround(scaled);
    const std::uint64_t magnitude = units < 0 ? ~static_cast<std::uint64_t>(units) + 1 : static_cast<std::uint64_t>(units);
    separate();
    if (units < 0) text_ += '-';
    std::array<char, 24> digits;
    char* end = std::to_chars(digits.data(), digits.data() + digits.size(), magnitude / static_cast<std::uint64_t>(power)).ptr;
    text_.append(digits.data(), end);
    std::uint64_t fraction = magnitude % static_cast<std::uint64_t>(power);
    if (fraction == 0) return;
    text_ += '.';
    for (std::uint64_t place = static_cast<std::uint64_t>(power) / 10; fraction != 0; place /= 10) {
        text_ += static_cast<char>('0' + fraction / place);
        fraction %= place;
    }
}

void JsonWriter::escaped(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    text_ += '"';
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text.front());
        std::size_t length = utf8_length(text);
        if (length == 0) {
            text_ += "\xEF\xBF\xBD";
            length = 1;
        } else if (const std::string_view escape = short_escape(text.front()); !escape.empty()) {
            text_ += escape;
        } else if (byte < 0x20 || byte == 0x7F) {
            text_ += "\\u00";
            text_ += kHex[byte >> 4];
            text_ += kHex[byte & 15];
        } else {
            text_ += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    text_ += '"';
}

std::string JsonWriter::take() {
    MM_CHECK(depth_ == 0, "JSON is taken with an open bracket");
    comma_ = false;
    return std::exchange(text_, {});
}

}  // namespace meshmon::api
