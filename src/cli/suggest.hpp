#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshmon::cli {

/// The candidate that `word` was probably meant to be: the nearest by spelling (config::closest), else the only one that `word`
/// is the beginning of. Nothing if none is near.
[[nodiscard]] std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& candidates);

/// "; did you mean 'x'?", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace meshmon::cli
