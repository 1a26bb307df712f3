#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Text as a person sees it: lines, characters, columns. For messages about files whose content nobody vouches for.
namespace meshmon::config {

/// One Unicode character out of UTF-8. A byte that is no part of valid UTF-8 counts as one character, U+FFFD.
struct Character {
    char32_t value = 0;
    std::size_t bytes = 1;
    bool valid = true;
};

/// Precondition: at < text.size().
[[nodiscard]] Character character_at(std::string_view text, std::size_t at);

/// How many characters `text` has.
[[nodiscard]] int character_count(std::string_view text);

/// How many columns a terminal gives the character: 0 for combining marks, 2 for wide ones, otherwise 1.
[[nodiscard]] int display_width(char32_t character);

/// Whether showing the character could do anything but show it: controls, line ends, changes of writing direction.
[[nodiscard]] bool is_unshowable(char32_t character);

/// The offset of the first byte that is no valid UTF-8, or npos.
[[nodiscard]] std::size_t find_invalid_utf8(std::string_view text);

/// `'value'`, safe to show in one line: unshowable characters as '?', at most 80 characters, then "...".
[[nodiscard]] std::string in_quotes(std::string_view value);

/// The lines of a UTF-8 text, by number. Keeps no copy: `text` outlives it. A line's end (LF, CRLF) does not belong to it.
class Lines {
public:
    explicit Lines(std::string_view text);

    /// Line `number`, from 1; empty past the end.
    [[nodiscard]] std::string_view line(int number) const;

    [[nodiscard]] int count() const { return static_cast<int>(starts_.size()); }

    /// The line that the byte at `offset` stands in, from 1.
    [[nodiscard]] int line_of(std::size_t offset) const;

    /// The column, in characters from 1, of the byte that is `byte_column` bytes (from 0) into line `number`.
    [[nodiscard]] int column_of(int number, std::size_t byte_column) const;

    [[nodiscard]] std::size_t start_of(int number) const;

private:
    [[nodiscard]] std::size_t characters_before(std::size_t offset) const;

    std::string_view text_;
    std::vector<std::size_t> starts_;
    std::vector<std::size_t> block_counts_;  ///< characters before each block of the text: columns cost the same in any line
};

}  // namespace meshmon::config
