#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace meshmon::config {

/// The fewest insertions, removals, replacements and swaps of neighbours that turn `a` into `b`; ASCII case does not count.
/// Both are cut to 64 bytes first.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The choice that `text` was probably meant to be: at most one edit for each three characters, at least one. Ties: the first.
[[nodiscard]] std::optional<std::string_view> closest(std::string_view text, std::span<const std::string_view> choices);

}  // namespace meshmon::config
