#include "config/findings.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "config/codes.hpp"

namespace meshmon::config {

namespace {

constexpr int kKeptBefore = 150;
constexpr int kKeptAfter = 250;

/// The part of `line` from character `first` on, at most `count` characters.
std::string_view part(std::string_view line, int first, int count) {
    std::size_t begin = 0;
    for (; first > 0 && begin < line.size(); --first) begin += character_at(line, begin).bytes;
    std::size_t end = begin;
    for (; count > 0 && end < line.size(); --count) end += character_at(line, end).bytes;
    return line.substr(begin, end - begin);
}

}  // namespace

Findings::Findings(std::filesystem::path file, std::string_view text) : file_(std::move(file)), lines_(text) {}

void Findings::error(std::string_view code, const Spot& spot, std::string text, std::string hint) {
    add(Severity::error, code, spot, std::move(text), std::move(hint));
}

void Findings::warning(std::string_view code, const Spot& spot, std::string text, std::string hint) {
    add(Severity::warning, code, spot, std::move(text), std::move(hint));
}

void Findings::note(std::string_view code, const Spot& spot, std::string text, std::string hint) {
    add(Severity::note, code, spot, std::move(text), std::move(hint));
}

void Findings::add(Severity severity, std::string_view code, const Spot& spot, std::string text, std::string hint) {
    if (++counts_.at(static_cast<std::size_t>(severity)) > kPerSeverity) return;
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.code = code;
    diagnostic.text = std::move(text);
    diagnostic.hint = std::move(hint);
    diagnostic.place = place(spot);
    diagnostic.caret_length = spot.length;
    if (spot.line > 0) {
        diagnostic.line_offset = std::max(0, spot.column - 1 - kKeptBefore);
        diagnostic.source_line = part(lines_.line(spot.line), diagnostic.line_offset, kKeptBefore + kKeptAfter);
    }
    diagnostics_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Findings::take() {
    std::ranges::sort(diagnostics_, [](const Diagnostic& a, const Diagnostic& b) {
        return std::tie(a.place.line, a.place.column, a.code, a.text) < std::tie(b.place.line, b.place.column, b.code, b.text);
    });
    std::size_t beyond = 0;
    for (const std::size_t count : counts_) beyond += count - std::min(count, kPerSeverity);
    if (beyond > 0) {
        Diagnostic more;
        more.severity = Severity::note;
        more.code = code::kMoreFindings;
        more.text = fmt::format("{} more findings in this file are not shown", beyond);
        more.place.file = file_;
        diagnostics_.push_back(std::move(more));
    }
    return std::exchange(diagnostics_, {});
}

}  // namespace meshmon::config
