#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "config/config.hpp"
#include "config/text.hpp"

namespace meshmon::config {

namespace {

constexpr int kShownMax = 110;    // terminals are 80 to 200 columns wide
constexpr int kShownBefore = 60;  // columns kept in front of the caret when a long line is cut
constexpr int kTabWidth = 4;

std::string_view word(Severity severity) {
    switch (severity) {
        case Severity::note: return "note";
        case Severity::warning: return "warning";
        case Severity::error: return "error";
    }
    return "";
}

/// One character of the source line as it is shown.
struct Cell {
    std::string text;
    int width = 1;
};

std::vector<Cell> to_cells(std::string_view line) {
    std::vector<Cell> cells;
    int column = 0;
    for (std::size_t at = 0; at < line.size();) {
        const Character character = character_at(line, at);
        Cell cell{.text = std::string(line.substr(at, character.bytes)), .width = display_width(character.value)};
        if (character.value == '\t') {
            cell.width = kTabWidth - column % kTabWidth;
            cell.text = std::string(static_cast<std::size_t>(cell.width), ' ');
        } else if (!character.valid || is_unshowable(character.value)) {
            cell = {.text = "\xEF\xBF\xBD", .width = 1};
        }
        column += cell.width;
        at += character.bytes;
        cells.push_back(std::move(cell));
    }
    return cells;
}

int width_of(const std::vector<Cell>& cells, std::size_t first, std::size_t last) {
    int width = 0;
    for (std::size_t i = first; i < std::min(last, cells.size()); ++i) width += cells[i].width;
    return width;
}

struct Excerpt {
    std::string line;
    int before_caret = 0;  ///< columns
    int under_caret = 1;
};

/// What of the line is shown so that the caret is within sight.
Excerpt excerpt(const std::vector<Cell>& cells, std::size_t caret, std::size_t caret_end, bool cut_before) {
    std::size_t first = 0;
    std::size_t last = cells.size();
    if (width_of(cells, 0, last) > kShownMax) {
        while (width_of(cells, first, caret) > kShownBefore) ++first;
        last = first;
        for (int width = 0; last < cells.size() && width + cells[last].width <= kShownMax; ++last) width += cells[last].width;
    }
    Excerpt out;
    cut_before = cut_before || first > 0;
    if (cut_before) out.line = "...";
    for (std::size_t i = first; i < last; ++i) out.line += cells[i].text;
    if (last < cells.size()) out.line += "...";
    out.before_caret = (cut_before ? 3 : 0) + width_of(cells, first, caret);
    out.under_caret = std::max(1, width_of(cells, caret, std::min(caret_end, last)));
    return out;
}

std::string head(const Diagnostic& diagnostic) {
    std::string out = diagnostic.place.file.string();
    if (diagnostic.place.line > 0) out += fmt::format(":{}:{}", diagnostic.place.line, std::max(1, diagnostic.place.column));
    return out + fmt::format(": {}[{}]: {}\n", word(diagnostic.severity), diagnostic.code, diagnostic.text);
}

}  // namespace

std::string format_excerpt(const Diagnostic& diagnostic) {
    if (diagnostic.place.line == 0 || diagnostic.source_line.empty()) return "";
    const std::vector<Cell> cells = to_cells(diagnostic.source_line);
    const int in_line = std::max(0, diagnostic.place.column - 1 - diagnostic.line_offset);
    const std::size_t caret = std::min(static_cast<std::size_t>(in_line), cells.size());
    const std::size_t caret_end = caret + static_cast<std::size_t>(std::max(1, diagnostic.caret_length));
    const Excerpt shown = excerpt(cells, caret, caret_end, diagnostic.line_offset > 0);
    const std::string number = fmt::format("{:>3}", diagnostic.place.line);
    std::string out = number + " | " + shown.line + "\n";
    out += fmt::format("{:{}} | {:{}}{:^<{}}", "", number.size(), "", shown.before_caret, "^", shown.under_caret);
    if (!diagnostic.hint.empty()) out += " " + diagnostic.hint;
    return out + "\n";
}

std::string format(const Diagnostic& diagnostic) {
    const std::string shown = format_excerpt(diagnostic);
    if (!shown.empty() || diagnostic.hint.empty()) return head(diagnostic) + shown;
    return head(diagnostic) + "    hint: " + diagnostic.hint + "\n";
}

}  // namespace meshmon::config
