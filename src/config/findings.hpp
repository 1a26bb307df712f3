#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/text.hpp"

namespace meshmon::config {

/// A span of a file that a finding is about. Line 0: the file as a whole.
struct Spot {
    int line = 0;
    int column = 0;  ///< in characters, from 1
    int length = 1;  ///< in characters
};

/// Collects what is found in one file, in the order found, with its source lines.
///
/// Memory: at most kPerSeverity findings of each severity are kept, each with at most 400 characters of its line; what is
/// beyond is counted and told by one note (N299).
class Findings {
public:
    static constexpr std::size_t kPerSeverity = 200;

    /// `text` outlives this.
    Findings(std::filesystem::path file, std::string_view text);

    void error(std::string_view code, const Spot& spot, std::string text, std::string hint = {});
    void warning(std::string_view code, const Spot& spot, std::string text, std::string hint = {});
    void note(std::string_view code, const Spot& spot, std::string text, std::string hint = {});

    [[nodiscard]] bool has_errors() const { return counts_.at(static_cast<std::size_t>(Severity::error)) > 0; }
    /// Whether another finding of this severity would be kept, not only counted.
    [[nodiscard]] bool keeps(Severity severity) const { return counts_.at(static_cast<std::size_t>(severity)) < kPerSeverity; }

    [[nodiscard]] const Lines& lines() const { return lines_; }
    [[nodiscard]] Place place(const Spot& spot) const { return {.file = file_, .line = spot.line, .column = spot.column}; }

    /// The findings by their place; ends this collection.
    [[nodiscard]] std::vector<Diagnostic> take();

private:
    void add(Severity severity, std::string_view code, const Spot& spot, std::string text, std::string hint);

    std::filesystem::path file_;
    Lines lines_;
    std::vector<Diagnostic> diagnostics_;
    std::array<std::size_t, 3> counts_{};
};

}  // namespace meshmon::config
