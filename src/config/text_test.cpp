#include "config/text.hpp"

#include <gtest/gtest.h>

namespace meshmon::config {
namespace {

TEST(Text, ReadsUtf8AndNothingElse) {
    EXPECT_EQ(character_at("\xC3\xA9", 0).value, U'\u00E9');
    EXPECT_EQ(character_at("\xE6\x97\xA5", 0).bytes, 3U);
    EXPECT_EQ(character_at("\xF0\x9F\x98\x80", 0).value, U'\U0001F600');
    // Overlong, surrogate, beyond Unicode, cut off, a lone continuation.
    for (const std::string_view bad :
         {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE6\x97", "\x80", "\xFF"}) {
        EXPECT_FALSE(character_at(bad, 0).valid) << testing::PrintToString(bad);
        EXPECT_EQ(find_invalid_utf8(bad), 0U);
    }
    EXPECT_EQ(find_invalid_utf8("caf\xC3\xA9"), std::string_view::npos);
}

TEST(Text, QuotesWithoutLettingAnythingOut) {
    EXPECT_EQ(in_quotes("plain"), "'plain'");
    EXPECT_EQ(in_quotes("\x1b[31mred\n\xFF"),
              "'?[31mred?"
              "?'");
    EXPECT_EQ(in_quotes("\xE2\x80\xAE"
                        "abc"),
              "'?abc'");  // right-to-left override
    EXPECT_EQ(in_quotes(std::string(200, 'x')), "'" + std::string(80, 'x') + "...'");
}

TEST(Lines, EndWithLfOrCrLf) {
    const Lines lines("one\r\ntwo\n\nfour");
    EXPECT_EQ(lines.count(), 4);
    EXPECT_EQ(lines.line(1), "one");
    EXPECT_EQ(lines.line(2), "two");
    EXPECT_EQ(lines.line(3), "");
    EXPECT_EQ(lines.line(4), "four");
    EXPECT_EQ(lines.line(5), "");
    EXPECT_EQ(lines.line_of(5), 2);
    EXPECT_EQ(lines.line_of(9), 3);
}

TEST(Lines, CountColumnsInCharactersHoweverLongTheLine) {
    std::string text = "x\n";
    for (int i = 0; i < 2000; ++i) text += "\xC3\xA9";
    const Lines lines(text);
    EXPECT_EQ(lines.column_of(2, 0), 1);
    EXPECT_EQ(lines.column_of(2, 2), 2);
    EXPECT_EQ(lines.column_of(2, 4000), 2001);
    EXPECT_EQ(lines.column_of(2, 9999), 2001);
}

}  // namespace
}  // namespace meshmon::config
