#include <gtest/gtest.h>

#include <string>

#include "config/config.hpp"

namespace meshmon::config {
namespace {

Diagnostic at(int line, int column, int length, std::string source) {
    Diagnostic diagnostic;
    diagnostic.code = "E023";
    diagnostic.text = "what is wrong";
    diagnostic.hint = "how to mend it";
    diagnostic.place = {.file = "config/nodeconf.yml", .line = line, .column = column};
    diagnostic.source_line = std::move(source);
    diagnostic.caret_length = length;
    return diagnostic;
}

TEST(Format, ShowsPlaceLineCaretAndHint) {
    EXPECT_EQ(format(at(7, 10, 10, "    url: replace_me")),
              "config/nodeconf.yml:7:10: error[E023]: what is wrong\n"
              "  7 |     url: replace_me\n"
              "    |          ^^^^^^^^^^ how to mend it\n");
}

TEST(Format, NamesEachSeverity) {
    Diagnostic diagnostic = at(0, 0, 1, "");
    diagnostic.hint.clear();
    diagnostic.severity = Severity::warning;
    EXPECT_EQ(format(diagnostic), "config/nodeconf.yml: warning[E023]: what is wrong\n");
    diagnostic.severity = Severity::note;
    EXPECT_EQ(format(diagnostic), "config/nodeconf.yml: note[E023]: what is wrong\n");
}

TEST(Format, PutsTheHintBelowWithoutALine) {
    EXPECT_EQ(format(at(0, 0, 1, "")), "config/nodeconf.yml: error[E023]: what is wrong\n    hint: how to mend it\n");
}

TEST(Format, KeepsTheCaretUnderItsCharacterAfterTabsAndWideCharacters) {
    EXPECT_EQ(format(at(1, 3, 1, "\ta\tb")),
              "config/nodeconf.yml:1:3: error[E023]: what is wrong\n"
              "  1 |     a   b\n"
              "    |      ^^^ how to mend it\n");
    // e-acute is one column, each of the two CJK characters two, the combining accent none.
    EXPECT_EQ(format(at(1, 6, 1,
                        "\xC3\xA9\xE6\x97\xA5\xE6\x9C\xAC"
                        "e\xCC\x81"
                        "X")),
              "config/nodeconf.yml:1:6: error[E023]: what is wrong\n"
              "  1 | \xC3\xA9\xE6\x97\xA5\xE6\x9C\xAC"
              "e\xCC\x81"
              "X\n"
              "    |       ^ how to mend it\n");
}

TEST(Format, WidensTheMarginForLongFiles) {
    EXPECT_EQ(format(at(12345, 1, 1, "x")),
              "config/nodeconf.yml:12345:1: error[E023]: what is wrong\n"
              "12345 | x\n"
              "      | ^ how to mend it\n");
}

TEST(Format, CutsALongLineAroundTheCaret) {
    const std::string line = std::string(500, 'a') + "HERE" + std::string(500, 'b');
    EXPECT_EQ(format(at(1, 501, 4, line)),
              "config/nodeconf.yml:1:501: error[E023]: what is wrong\n"
              "  1 | ..." +
                  std::string(60, 'a') + "HERE" + std::string(46, 'b') +
                  "...\n"
                  "    |    " +
                  std::string(60, ' ') + "^^^^ how to mend it\n");
}

TEST(Format, KnowsThatTheLineWasCutBefore) {
    Diagnostic diagnostic = at(1, 1003, 2, "abHI");
    diagnostic.line_offset = 1000;
    EXPECT_EQ(format(diagnostic),
              "config/nodeconf.yml:1:1003: error[E023]: what is wrong\n"
              "  1 | ...abHI\n"
              "    |      ^^ how to mend it\n");
}

TEST(Format, ShowsNoControlCharacterOfTheFile) {
    const std::string out = format(at(1, 1, 1,
                                      "a\x1b[2J\x07\xFF\xE2\x80\xAE"
                                      "b"));
    EXPECT_EQ(out,
              "config/nodeconf.yml:1:1: error[E023]: what is wrong\n"
              "  1 | a\xEF\xBF\xBD[2J\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
              "b\n"
              "    | ^ how to mend it\n");
}

TEST(Format, BearsAPlaceBehindTheEndOfTheLine) {
    EXPECT_EQ(format(at(3, 99, 5, "ab")),
              "config/nodeconf.yml:3:99: error[E023]: what is wrong\n"
              "  3 | ab\n"
              "    |   ^ how to mend it\n");
}

}  // namespace
}  // namespace meshmon::config
