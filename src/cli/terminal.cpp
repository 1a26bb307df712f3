#include "cli/terminal.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include <fmt/format.h>

#include "config/text.hpp"

namespace meshmon::cli {
namespace {

bool is_utf8_locale(const Environment& environment) {
    for (const std::string_view name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        auto value = environment(name);
        if (!value || value->empty()) continue;
        std::ranges::transform(*value, value->begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return value->contains("utf-8") || value->contains("utf8");
    }
    return false;
}

std::string_view escape(Colour colour) {
    switch (colour) {
        case Colour::none: return "";
        case Colour::red: return "\x1b[31m";
        case Colour::yellow: return "\x1b[33m";
        case Colour::green: return "\x1b[32m";
        case Colour::grey: return "\x1b[90m";
        case Colour::bold: return "\x1b[1m";
    }
    return "";
}

}  // namespace

Environment process_environment() {
    return [](std::string_view name) -> std::optional<std::string> {
        const char* value = std::getenv(std::string(name).c_str());
        if (value == nullptr) return std::nullopt;
        return std::string(value);
    };
}

Terminal terminal_for(bool is_tty, bool no_color, const Environment& environment) {
    const bool dumb = environment("TERM").value_or("") == "dumb";
    const bool refused = no_color || !environment("NO_COLOR").value_or("").empty();
    return {.tty = is_tty, .colour = is_tty && !dumb && !refused, .unicode = is_utf8_locale(environment)};
}

std::string paint(std::string_view text, Colour colour, const Terminal& terminal) {
    if (!terminal.colour || colour == Colour::none) return std::string(text);
    return std::string(escape(colour)) + std::string(text) + "\x1b[0m";
}

std::string sanitise(std::string_view text, const Terminal& terminal, std::size_t max) {
    std::string out;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) {
        if (count == max) return out + "...";
        const config::Character character = config::character_at(text, at);
        const bool ascii = character.value < 0x80;
        const bool shown = character.valid && !config::is_unshowable(character.value) && (ascii || terminal.unicode);
        if (shown) {
            out += text.substr(at, character.bytes);
        } else {
            out += '?';
        }
        at += character.bytes;
    }
    return out;
}

std::string sanitise_lines(std::string_view text, const Terminal& terminal, std::string_view indent) {
    constexpr std::size_t kLineMax = 2000;  // a command with a few long paths
    constexpr std::size_t kLinesMax = 20;
    std::string out;
    for (std::size_t line = 0; line == 0 || (!text.empty() && line < kLinesMax); ++line) {
        const std::size_t end = text.find('\n');
        if (line > 0) out += fmt::format("\n{}", indent);
        out += sanitise(text.substr(0, end), terminal, kLineMax);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return out;
}

std::size_t columns(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const config::Character character = config::character_at(text, at);
        width += static_cast<std::size_t>(config::display_width(character.value));
        at += character.bytes;
    }
    return width;
}

}  // namespace meshmon::cli
