#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace meshmon {

/// Raw bytes. A std::string, because that is what Protocol Buffers and HTTP bodies hold: nothing is copied in between.
using Bytes = std::string;
using ByteView = std::string_view;

template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

template <std::size_t N>
[[nodiscard]] ByteView view(const ByteArray<N>& array) {
    return {reinterpret_cast<const char*>(array.data()), N};
}

/// Copies `bytes` into a fixed array. Errors: base.length, if they are not exactly N.
template <std::size_t N>
[[nodiscard]] Result<ByteArray<N>> to_array(ByteView bytes) {
    if (bytes.size() != N)
        return fail("base.length", "expected " + std::to_string(N) + " bytes, got " + std::to_string(bytes.size()));
    ByteArray<N> array;
    for (std::size_t i = 0; i < N; ++i) array[i] = static_cast<std::uint8_t>(bytes[i]);
    return array;
}

[[nodiscard]] std::string to_hex(ByteView bytes);

/// Standard alphabet with padding, in one line.
[[nodiscard]] std::string to_base64(ByteView bytes);

/// Errors: base.base64, for anything but the standard alphabet with correct padding. White space is not skipped.
Result<Bytes> from_base64(std::string_view text);

}  // namespace meshmon
