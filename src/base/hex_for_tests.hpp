#pragma once

#include "base/bytes.hpp"
#include "base/check.hpp"

namespace meshmon {

/// Bytes from hex digits, for literals in tests. White space is skipped; anything else is a mistake in the test.
[[nodiscard]] inline Bytes from_hex(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    Bytes bytes;
    int high = -1;
    for (const char c : text) {
        if (c == ' ' || c == '\n') continue;
        const std::size_t digit = kDigits.find(c);
        MM_CHECK(digit != std::string_view::npos, "a hex literal holds digits and white space alone");
        if (high < 0) {
            high = static_cast<int>(digit);
        } else {
            bytes.push_back(static_cast<char>(high * 16 + static_cast<int>(digit)));
            high = -1;
        }
    }
    MM_CHECK(high < 0, "a hex literal has two digits for each byte");
    return bytes;
}

template <std::size_t N>
[[nodiscard]] ByteArray<N> array_from_hex(std::string_view text) {
    auto array = to_array<N>(from_hex(text));
    MM_CHECK(array.has_value(), "a hex literal has the length of its array");
    return *array;
}

}  // namespace meshmon
