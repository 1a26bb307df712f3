#include "config/yaml_tree.hpp"

#include <gtest/gtest.h>

#include <string>

#include "config/folder_for_tests.hpp"

namespace meshmon::config {
namespace {

std::string repeat(std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

/// What is found in `text`, as shown; "" if it is a tree.
std::string refused(std::string_view text) {
    Findings findings("f.yml", text);
    const std::optional<YamlTree> tree = YamlTree::parse(text, findings);
    const std::string out = formatted(findings.take());
    EXPECT_TRUE(tree || !out.empty());
    return out;
}

TEST(YamlTree, KeepsValuesWithTheirPlaces) {
    const std::string text = "a: 1\nb:\n  - \xC3\xA9: 'x y'\n    c: ~\n";
    Findings findings("f.yml", text);
    const std::optional<YamlTree> tree = YamlTree::parse(text, findings);
    ASSERT_TRUE(tree);
    const YamlNode root = tree->root();
    ASSERT_EQ(root.kind(), YamlKind::map);
    ASSERT_EQ(root.size(), 4U);
    EXPECT_EQ(root.at(0).text(), "a");
    EXPECT_EQ(root.at(1).text(), "1");
    const YamlNode item = root.at(3).at(0);
    EXPECT_EQ(item.spot().line, 3);
    EXPECT_EQ(item.spot().column, 5);
    EXPECT_EQ(item.at(1).text(), "x y");
    EXPECT_EQ(item.at(1).spot().column, 8);
    EXPECT_EQ(item.at(1).spot().length, 5);
    EXPECT_EQ(item.at(3).kind(), YamlKind::null);
}

TEST(YamlTree, ResolvesAliases) {
    const std::string text = "a: &x [1, 2]\nb: *x\n";
    Findings findings("f.yml", text);
    const std::optional<YamlTree> tree = YamlTree::parse(text, findings);
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->root().at(3).at(1).text(), "2");
}

TEST(YamlTree, AcceptsAByteOrderMark) {
    EXPECT_EQ(refused("\xEF\xBB\xBF"
                      "a: 1\n"),
              "");
}

TEST(YamlTree, SaysThatAFileIsEmpty) {
    for (const std::string_view text : {"", "\n\n", "# only a comment\n", "---\n", "~\n"}) {
        EXPECT_EQ(refused(text), "f.yml: error[E011]: the file is empty\n") << text;
    }
}

TEST(YamlTree, RefusesMoreThan2MiB) {
    EXPECT_EQ(refused(std::string(3 * 1024 * 1024, 'a')),
              "f.yml: error[E003]: the file has 3145728 bytes; the limit is 2097152\n    hint: is this the right file?\n");
}

TEST(YamlTree, RefusesBytesThatAreNoText) {
    EXPECT_EQ(refused(std::string_view("a: 1\nb: \0x\n", 11)),
              "f.yml:2:4: error[E004]: a NUL byte: this is no text file\n"
              "  2 | b: \xEF\xBF\xBDx\n"
              "    |    ^ restore the file\n");
    EXPECT_EQ(refused("a: caf\xE9\n"),
              "f.yml:1:7: error[E004]: a byte that is not UTF-8\n"
              "  1 | a: caf\xEF\xBF\xBD\n"
              "    |       ^ save the file as UTF-8\n");
    EXPECT_EQ(refused("\xFF\xFE"
                      "a"),
              "f.yml: error[E004]: the file is UTF-16\n    hint: save it as UTF-8\n");
}

TEST(YamlTree, NamesATabInTheIndentation) {
    for (const std::string_view text : {"a:\n\tb: 1\n", "a:\n\tb:\n"}) {
        EXPECT_EQ(refused(text).substr(0, 50), "f.yml:2:1: error[E005]: a tab in the indentation\n ") << text;
    }
    EXPECT_EQ(refused("a:\n  b: 1\n\tc: 2\n"),
              "f.yml:3:1: error[E005]: a tab in the indentation\n"
              "  3 |     c: 2\n"
              "    | ^^^^ YAML is indented by spaces only\n");
}

TEST(YamlTree, ShowsWhereYamlBreaks) {
    EXPECT_EQ(refused("networks:\n- directory: x\n node_id: y\n"),
              "f.yml:3:2: error[E005]: no valid YAML: end of sequence not found\n"
              "  3 |  node_id: y\n"
              "    |  ^ look at the indentation, brackets, quotes and colons here and just above\n");
    EXPECT_EQ(refused("a: *nope\n").substr(0, 72), "f.yml:1:4: error[E005]: no valid YAML: the referenced anchor is not defi");
    EXPECT_EQ(refused("a: 'it''s\nb: 1\n"),
              "f.yml:1:4: error[E005]: no valid YAML: a quote that is never closed\n"
              "  1 | a: 'it''s\n"
              "    |    ^ close it where the text ends\n");
    EXPECT_EQ(refused("a: \"x \\\" y\"\nb: 'it''s'\n"), "");
}

TEST(YamlTree, RefusesDepth1000AtLevel33) {
    EXPECT_EQ(refused(repeat("[", 1000) + repeat("]", 1000)).substr(0, 56),
              "f.yml:1:33: error[E006]: nested deeper than 32 levels\n  ");
    EXPECT_EQ(refused(repeat("- ", 1000)).substr(0, 52), "f.yml:1:65: error[E006]: nested deeper than 32 level");
    EXPECT_EQ(refused(repeat("[", 32) + repeat("]", 32)), "");
}

TEST(YamlTree, RefusesBillionLaughs) {
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i <= 9; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + repeat(", " + before, 9) + "]\n";
    }
    EXPECT_EQ(refused(text),
              "f.yml:4:45: error[E007]: aliases repeat more than 10000 values\n"
              "  4 | a3: &a3 [*a2, *a2, *a2, *a2, *a2, *a2, *a2, *a2, *a2, *a2]\n"
              "    |                                             ^ write the values out, or repeat smaller ones\n");
}

TEST(YamlTree, RefusesTooManyValues) {
    EXPECT_EQ(refused("[" + repeat("a,", 500'000) + "]").substr(0, 65),
              "f.yml:1:800000: error[E007]: more than 400000 values in one file\n");
}

TEST(YamlTree, RefusesAnAliasWithinItsAnchor) {
    EXPECT_EQ(refused("a: &x\n  - *x\n"),
              "f.yml:2:5: error[E008]: this alias stands within the value that it names\n"
              "  2 |   - *x\n"
              "    |     ^ write the value out instead of repeating it by '*'\n");
}

TEST(YamlTree, RefusesASecondDocument) {
    EXPECT_EQ(refused("a: 1\n---\nb: 2\n"),
              "f.yml:2:1: error[E009]: a second document begins here\n"
              "  2 | ---\n"
              "    | ^ one file is one document: remove the '---' and what does not belong to it\n");
}

TEST(YamlTree, NamesKeysThatStandTwice) {
    EXPECT_EQ(refused("a: 1\nbc: 2\na: 3\nbc: 4\n"),
              "f.yml:3:1: error[E010]: key 'a' stands here a second time\n"
              "  3 | a: 3\n"
              "    | ^ the first is in line 1: remove one of them\n"
              "f.yml:4:1: error[E010]: key 'bc' stands here a second time\n"
              "  4 | bc: 4\n"
              "    | ^^ the first is in line 2: remove one of them\n");
}

TEST(YamlTree, RefusesKeysThatAreNoText) {
    EXPECT_EQ(refused("? [a, b]\n: c\n"),
              "f.yml:1:3: error[E012]: a key must be plain text\n"
              "  1 | ? [a, b]\n"
              "    |   ^ write key: value\n");
}

TEST(YamlTree, ReadsLargeHostileTextsToTheEnd) {
    // Each is near the limit of size; none may take long, blow the stack or get through as something that it is not.
    constexpr int kMany = 1'000'000;
    for (const std::string& text :
         {repeat("{a: ", kMany / 2), repeat("? ", kMany), repeat("&a ", kMany / 2), repeat("!t ", kMany / 2), repeat("a:", kMany),
          "\"" + repeat("\\", 2 * kMany), repeat("[{", kMany), repeat("%", 2 * kMany), repeat("- a\n", kMany / 2),
          "{" + repeat("? a,", kMany / 2), repeat("---\n", kMany / 2)}) {
        EXPECT_NE(refused(text), "") << text.substr(0, 20);
    }
}

TEST(Findings, KeepsTwoHundredOfASeverityAndCountsTheRest) {
    Findings findings("f.yml", "x");
    for (int i = 0; i < 250; ++i) findings.warning("W100", {.line = 1, .column = 1}, "w");
    findings.error("E012", {.line = 1, .column = 1}, "e");
    const std::vector<Diagnostic> all = findings.take();
    EXPECT_EQ(all.size(), 202U);
    EXPECT_EQ(all.front().code, "E012");
    EXPECT_EQ(format(all.back()), "f.yml: note[N299]: 50 more findings in this file are not shown\n");
}

TEST(Findings, KeepsAWindowOfALongLine) {
    const std::string text = std::string(1'000'000, 'a') + "HERE" + std::string(1'000'000, 'b');
    Findings findings("f.yml", text);
    findings.error("E012", {.line = 1, .column = 1'000'001, .length = 4}, "e");
    const Diagnostic found = findings.take().front();
    EXPECT_EQ(found.source_line.size(), 400U);
    EXPECT_EQ(found.line_offset, 999'850);
    EXPECT_EQ(format(found), "f.yml:1:1000001: error[E012]: e\n  1 | ..." + std::string(60, 'a') + "HERE" + std::string(46, 'b') +
                                 "...\n    |    " + std::string(60, ' ') + "^^^^\n");
}

}  // namespace
}  // namespace meshmon::config
