#include "cli/terminal.hpp"

#include <gtest/gtest.h>

#include <map>

namespace meshmon::cli {
namespace {

constexpr Terminal kUnicode = {.tty = true, .colour = false, .unicode = true};
constexpr Terminal kAscii = {.tty = true, .colour = false, .unicode = false};

Environment fixed(std::map<std::string, std::string, std::less<>> variables) {
    return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    };
}

TEST(Sanitise, KeepsWhatCanBeShown) { EXPECT_EQ(sanitise("Zürich 東京 (up)", kUnicode), "Zürich 東京 (up)"); }

TEST(Sanitise, TakesTheTeethOutOfEscapeSequences) {
    EXPECT_EQ(sanitise("\x1b[2Jgone\x1b]0;title\x07", kUnicode), "?[2Jgone?]0;title?");
    EXPECT_EQ(sanitise("a\nb\rc\td", kUnicode), "a?b?c?d");
    EXPECT_EQ(sanitise("\xc2\x9b"
                       "2J",
                       kUnicode),
              "?2J");  // CSI as one C1 character
    EXPECT_EQ(sanitise("\xe2\x80\xae"
                       "lived",
                       kUnicode),
              "?lived");  // right-to-left override
    EXPECT_EQ(sanitise(std::string_view("nul\0", 4), kUnicode), "nul?");
}

TEST(Sanitise, ReplacesBrokenUtf8) {
    EXPECT_EQ(sanitise("a\xff"
                       "b",
                       kUnicode),
              "a?b");
    EXPECT_EQ(sanitise("cut \xe2\x82", kUnicode).substr(0, 5), "cut ?");
    EXPECT_EQ(sanitise("\xc0\xaf", kUnicode).find('/'), std::string::npos);  // an overlong slash
}

TEST(Sanitise, LeavesAsciiAloneWhereTheTerminalHasNoUnicode) { EXPECT_EQ(sanitise("Zürich", kAscii), "Z?rich"); }

TEST(Sanitise, CutsWhatIsTooLong) { EXPECT_EQ(sanitise("abcdef", kUnicode, 3), "abc..."); }

TEST(Terminal, ColoursOnlyOnATerminalAndOnlyIfNobodyMinds) {
    EXPECT_TRUE(terminal_for(true, false, fixed({})).colour);
    EXPECT_FALSE(terminal_for(false, false, fixed({})).colour);
    EXPECT_FALSE(terminal_for(true, true, fixed({})).colour);
    EXPECT_FALSE(terminal_for(true, false, fixed({{"NO_COLOR", "1"}})).colour);
    EXPECT_TRUE(terminal_for(true, false, fixed({{"NO_COLOR", ""}})).colour);
    EXPECT_FALSE(terminal_for(true, false, fixed({{"TERM", "dumb"}})).colour);
}

TEST(Terminal, TheFirstLocaleVariableThatIsSetDecidesOnUnicode) {
    EXPECT_TRUE(terminal_for(true, false, fixed({{"LANG", "de_DE.UTF-8"}})).unicode);
    EXPECT_TRUE(terminal_for(true, false, fixed({{"LANG", "C.utf8"}})).unicode);
    EXPECT_FALSE(terminal_for(true, false, fixed({{"LC_ALL", "C"}, {"LANG", "de_DE.UTF-8"}})).unicode);
    EXPECT_TRUE(terminal_for(true, false, fixed({{"LC_ALL", ""}, {"LANG", "de_DE.UTF-8"}})).unicode);
    EXPECT_FALSE(terminal_for(true, false, fixed({})).unicode);
}

TEST(Terminal, PaintsOnlyWithColours) {
    EXPECT_EQ(paint("x", Colour::red, {.tty = true, .colour = true, .unicode = true}), "\x1b[31mx\x1b[0m");
    EXPECT_EQ(paint("x", Colour::red, kUnicode), "x");
}

TEST(Columns, CountsWhatIsSeenNotBytes) {
    EXPECT_EQ(columns("● fra-1"), 7U);
    EXPECT_EQ(columns("東京"), 4U);
}

}  // namespace
}  // namespace meshmon::cli
