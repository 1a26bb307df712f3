#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace meshmon::cli {

/// How a variable of the environment is read; a lambda over a map in tests.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

[[nodiscard]] Environment process_environment();

/// What the reader of a stream can show.
struct Terminal {
    bool tty = false;
    bool colour = false;
    bool unicode = false;
};

/// Colours only on a terminal that is not "dumb", without NO_COLOR and --no-color. Unicode by the locale's variables.
[[nodiscard]] Terminal terminal_for(bool is_tty, bool no_color, const Environment& environment);

enum class Colour { none, red, yellow, green, grey, bold };

/// `text` in that colour where the terminal shows colours.
[[nodiscard]] std::string paint(std::string_view text, Colour colour, const Terminal& terminal);

/// Text from elsewhere (peers, files, servers), made safe to print: control characters, escape sequences, text-direction
/// marks, line breaks and broken UTF-8 become '?', and so does everything that is not ASCII where the terminal is not Unicode.
/// At most `max` characters; a longer text ends in "...".
[[nodiscard]] std::string sanitise(std::string_view text, const Terminal& terminal, std::size_t max = 200);

/// The same for a text of several lines, each behind `indent` but the first: commands to be copied stay whole. Of a text with
/// more than 20 lines the first ones.
[[nodiscard]] std::string sanitise_lines(std::string_view text, const Terminal& terminal, std::string_view indent);

/// How many columns a sanitised text takes on a terminal.
[[nodiscard]] std::size_t columns(std::string_view text);

}  // namespace meshmon::cli
