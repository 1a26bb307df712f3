#include "config/suggest.hpp"

#include <algorithm>
#include <array>

namespace meshmon::config {

namespace {

constexpr std::size_t kLongest = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

// Optimal string alignment, three rows of the usual matrix.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    a = a.substr(0, kLongest);
    b = b.substr(0, kLongest);
    using Row = std::array<std::size_t, kLongest + 1>;
    Row before_last{};
    Row last{};
    Row row{};
    for (std::size_t j = 0; j <= b.size(); ++j) last.at(j) = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row.at(j) = std::min({last.at(j) + 1, row.at(j - 1) + 1, last.at(j - 1) + (same ? 0U : 1U)});
            const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) row.at(j) = std::min(row.at(j), before_last.at(j - 2) + 1);
        }
        before_last = last;
        last = row;
    }
    return last.at(b.size());
}

std::optional<std::string_view> closest(std::string_view text, std::span<const std::string_view> choices) {
    std::optional<std::string_view> best;
    std::size_t best_distance = std::max<std::size_t>(1, text.size() / 3) + 1;
    for (const std::string_view choice : choices) {
        const std::size_t distance = edit_distance(text, choice);
        if (distance < best_distance && distance < std::max(text.size(), choice.size())) {
            best = choice;
            best_distance = distance;
        }
    }
    return best;
}

}  // namespace meshmon::config
