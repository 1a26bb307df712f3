#pragma once

#include <string>
#include <vector>

#include "cli/terminal.hpp"

namespace meshmon::cli {

struct Cell {
    std::string text;  ///< sanitised
    Colour colour = Colour::none;
};

/// Rows under a heading: aligned columns on a terminal, tab-separated values with a heading elsewhere.
/// The last column is never padded. Cells in a row may be fewer than headings.
class Table {
public:
    enum class Align { left, right };
    struct Column {
        std::string title;
        Align align = Align::left;
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
    [[nodiscard]] bool empty() const { return rows_.empty(); }

    [[nodiscard]] std::string text(const Terminal& terminal) const;

private:
    [[nodiscard]] std::string aligned(const Terminal& terminal) const;
    [[nodiscard]] std::string tabbed() const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace meshmon::cli
