#include "config/text.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/check.hpp"

namespace meshmon::config {

namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr int kQuotedMax = 80;
constexpr std::size_t kBlock = 512;  // how far a column is counted at the most

struct Span {
    char32_t first;
    char32_t last;
};

// Combining marks and other characters without a column of their own, by block (Unicode 15).
constexpr std::array kZeroWidth = std::to_array<Span>({{0x0300, 0x036F},
                                                       {0x0483, 0x0489},
                                                       {0x0591, 0x05BD},
                                                       {0x0610, 0x061A},
                                                       {0x064B, 0x065F},
                                                       {0x0E34, 0x0E3A},
                                                       {0x1AB0, 0x1AFF},
                                                       {0x1DC0, 0x1DFF},
                                                       {0x200B, 0x200D},
                                                       {0x20D0, 0x20FF},
                                                       {0xFE00, 0xFE0F},
                                                       {0xFE20, 0xFE2F}});

// East Asian wide and fullwidth characters and emoji, by block (Unicode 15, EastAsianWidth W and F).
constexpr std::array kWide = std::to_array<Span>({{0x1100, 0x115F},
                                                  {0x2E80, 0x303E},
                                                  {0x3041, 0x33FF},
                                                  {0x3400, 0x4DBF},
                                                  {0x4E00, 0x9FFF},
                                                  {0xA000, 0xA4CF},
                                                  {0xAC00, 0xD7A3},
                                                  {0xF900, 0xFAFF},
                                                  {0xFE30, 0xFE6F},
                                                  {0xFF00, 0xFF60},
                                                  {0xFFE0, 0xFFE6},
                                                  {0x1F300, 0x1F64F},
                                                  {0x1F680, 0x1F6FF},
                                                  {0x1F900, 0x1F9FF},
                                                  {0x20000, 0x3FFFD}});

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

bool in(std::span<const Span> spans, char32_t c) {
    return std::ranges::any_of(spans, [c](const Span& span) { return c >= span.first && c <= span.last; });
}

/// The length that a sequence beginning with `lead` must have, or 0.
std::size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return 2;
    if (lead >= 0xE0 && lead <= 0xEF) return 3;
    if (lead >= 0xF0 && lead <= 0xF4) return 4;
    return 0;
}

}  // namespace

Character character_at(std::string_view text, std::size_t at) {
    MM_CHECK(at < text.size(), "reading behind the end of a text");
    constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
    constexpr Character kInvalid{.value = kReplacement, .bytes = 1, .valid = false};
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = sequence_length(lead);
    if (length == 1) return {.value = lead};
    if (length == 0 || length > text.size() - at) return kInvalid;
    char32_t value = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[at + i]);
        if ((next & 0xC0U) != 0x80U) return kInvalid;
        value = (value << 6U) | (next & 0x3FU);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < kSmallest.at(length) || value > 0x10FFFF || surrogate) return kInvalid;
    return {.value = value, .bytes = length};
}

int character_count(std::string_view text) {
    int count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) at += character_at(text, at).bytes;
    return count;
}

int display_width(char32_t character) {
    if (in(kZeroWidth, character)) return 0;
    return in(kWide, character) ? 2 : 1;
}

bool is_unshowable(char32_t character) {
    if (character < 0x20 || (character >= 0x7F && character <= 0x9F)) return true;
    const bool separator = character == 0x2028 || character == 0x2029 || character == 0xFEFF;
    const bool direction = character == 0x200E || character == 0x200F || (character >= 0x202A && character <= 0x202E) ||
                           (character >= 0x2066 && character <= 0x2069);
    return separator || direction;
}

std::size_t find_invalid_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const Character character = character_at(text, at);
        if (!character.valid) return at;
        at += character.bytes;
    }
    return std::string_view::npos;
}

std::string in_quotes(std::string_view value) {
    std::string out = "'";
    int shown = 0;
    for (std::size_t at = 0; at < value.size(); ++shown) {
        if (shown == kQuotedMax) {
            out += "...";
            break;
        }
        const Character character = character_at(value, at);
        if (!character.valid || is_unshowable(character.value)) {
            out += '?';
        } else {
            out += value.substr(at, character.bytes);
        }
        at += character.bytes;
    }
    return out + "'";
}

Lines::Lines(std::string_view text) : text_(text) {
    starts_.push_back(0);
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\n') starts_.push_back(at + 1);
    }
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (at % kBlock == 0) block_counts_.push_back(count);
        if (begins_character(text[at])) ++count;
    }
}

std::string_view Lines::line(int number) const {
    if (number < 1 || number > count()) return {};
    const std::size_t start = start_of(number);
    const std::size_t end = number == count() ? text_.size() : start_of(number + 1) - 1;  // not searched for: lines may be long
    std::string_view line = text_.substr(start, end - start);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

int Lines::line_of(std::size_t offset) const {
    return static_cast<int>(std::ranges::upper_bound(starts_, offset) - starts_.begin());
}

int Lines::column_of(int number, std::size_t byte_column) const {
    const std::size_t start = start_of(number);
    const std::size_t offset = start + std::min(byte_column, line(number).size());
    return 1 + static_cast<int>(characters_before(offset) - characters_before(start));
}

std::size_t Lines::characters_before(std::size_t offset) const {
    if (text_.empty()) return 0;
    const std::size_t block = std::min(offset / kBlock, block_counts_.size() - 1);
    std::size_t count = block_counts_[block];
    for (std::size_t at = block * kBlock; at < offset; ++at) count += begins_character(text_[at]) ? 1U : 0U;
    return count;
}

std::size_t Lines::start_of(int number) const {
    MM_CHECK(number >= 1 && number <= count(), "no such line");
    return starts_[static_cast<std::size_t>(number - 1)];
}

}  // namespace meshmon::config
