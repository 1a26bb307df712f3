#pragma once

#include <array>
#include <string_view>

namespace meshmon::crypto {

/// One word for each value of a byte: short, known, and hard to mistake for one another when spoken.
/// The list is part of how fingerprints are compared: never reordered, never changed.
extern const std::array<std::string_view, 256> kWords;

}  // namespace meshmon::crypto
