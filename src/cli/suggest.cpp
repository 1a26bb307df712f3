#include "cli/suggest.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "config/suggest.hpp"

namespace meshmon::cli {

std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& candidates) {
    if (word.empty()) return std::nullopt;
    const std::vector<std::string_view> choices(candidates.begin(), candidates.end());
    if (const auto near = config::closest(word, choices)) return std::string(*near);
    const auto begun = [&](const std::string& candidate) { return candidate.starts_with(word); };
    if (std::ranges::count_if(candidates, begun) != 1) return std::nullopt;
    return *std::ranges::find_if(candidates, begun);
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    const auto meant = closest(word, candidates);
    return meant ? fmt::format("; did you mean '{}'?", *meant) : std::string();
}

}  // namespace meshmon::cli
