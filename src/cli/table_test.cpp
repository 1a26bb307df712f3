#include "cli/table.hpp"

#include <gtest/gtest.h>

namespace meshmon::cli {
namespace {

constexpr Terminal kTerminal = {.tty = true, .colour = false, .unicode = true};
constexpr Terminal kPipe = {};

Table sample() {
    Table table({{"NAME"}, {"RTT", Table::Align::right}, {""}});
    table.add({{"● fra-1", Colour::green}, {"–"}});
    table.add({{"✕ tok"}, {"84 ms"}, {"last heard 4 m ago"}});
    return table;
}

TEST(Table, AlignsOnATerminal) {
    EXPECT_EQ(sample().text(kTerminal),
              "NAME       RTT\n"
              "● fra-1      –\n"
              "✕ tok    84 ms  last heard 4 m ago\n");
}

TEST(Table, SeparatesByTabsElsewhere) {
    EXPECT_EQ(sample().text(kPipe), "NAME\tRTT\t\n● fra-1\t–\t\n✕ tok\t84 ms\tlast heard 4 m ago\n");
}

TEST(Table, ColoursDoNotShiftColumns) {
    EXPECT_EQ(sample().text({.tty = true, .colour = true, .unicode = true}),
              "\x1b[1mNAME\x1b[0m       \x1b[1mRTT\x1b[0m\n"
              "\x1b[32m● fra-1\x1b[0m      –\n"
              "✕ tok    84 ms  last heard 4 m ago\n");
}

TEST(Table, LinesDoNotEndInSpaces) {
    Table table({{"A"}, {"LONG COLUMN"}, {"C"}});
    table.add({{"x"}, {""}, {""}});
    EXPECT_EQ(table.text(kTerminal), "A  LONG COLUMN  C\nx\n");
}

}  // namespace
}  // namespace meshmon::cli
