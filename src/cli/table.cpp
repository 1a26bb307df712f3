#include "cli/table.hpp"

#include <algorithm>

namespace meshmon::cli {

std::string Table::text(const Terminal& terminal) const { return terminal.tty ? aligned(terminal) : tabbed(); }

std::string Table::tabbed() const {
    std::string out;
    for (std::size_t i = 0; i < columns_.size(); ++i) out += (i == 0 ? "" : "\t") + columns_[i].title;
    out += '\n';
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (i > 0) out += '\t';
            if (i < row.size()) out += row[i].text;
        }
        out += '\n';
    }
    return out;
}

std::string Table::aligned(const Terminal& terminal) const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t width = columns(columns_[i].title);
        for (const auto& row : rows_) width = std::max(width, i < row.size() ? columns(row[i].text) : 0);
        widths.push_back(width);
    }
    const auto line = [&](const std::vector<Cell>& row) {
        std::string out;
        std::string gap;  // put off, so that no line ends in spaces
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string padding(widths[i] - columns(row[i].text), ' ');
            const std::string shown = paint(row[i].text, row[i].text.empty() ? Colour::none : row[i].colour, terminal);
            const bool right = columns_[i].align == Align::right;
            if (!row[i].text.empty()) {
                out += gap + (right ? padding : "") + shown;
                gap = (right ? "" : padding) + "  ";
            } else {
                gap += padding + "  ";
            }
        }
        return out + '\n';
    };
    std::vector<Cell> head;
    head.reserve(columns_.size());
    for (const Column& column : columns_) head.push_back({column.title, Colour::bold});
    std::string out = line(head);
    for (const auto& row : rows_) out += line(row);
    return out;
}

}  // namespace meshmon::cli
