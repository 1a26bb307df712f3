#include "node/log_line.hpp"

#include <gtest/gtest.h>

namespace meshmon::node {
namespace {

constexpr WallTime kTime{std::chrono::milliseconds(1'763'795'671'123)};

LogLine peer_down() { return {LogLevel::warn, "node_down", "fra-1 is down", "prod", "fra-1", {{"reason", "connect"}}}; }

TEST(LogLine, IsOneLogfmtLine) {
    EXPECT_EQ(format_log_line(peer_down(), kTime, LogFormat::logfmt, false),
              "ts=2025-11-22T07:14:31.123Z level=warn event=node_down net=prod node=fra-1 reason=connect msg=\"fra-1 is down\"");
}

TEST(LogLine, IsOneJsonObject) {
    EXPECT_EQ(format_log_line(peer_down(), kTime, LogFormat::json, false),
              R"({"ts":"2025-11-22T07:14:31.123Z","level":"warn","event":"node_down","net":"prod","node":"fra-1",)"
              R"("reason":"connect","msg":"fra-1 is down"})");
}

TEST(LogLine, IsShortOnATerminal) {
    EXPECT_EQ(format_log_line(peer_down(), kTime, LogFormat::short_text, false), "07:14:31 warn  prod/fra-1 fra-1 is down");
    EXPECT_EQ(format_log_line(peer_down(), kTime, LogFormat::short_text, true),
              "07:14:31 \x1b[33mwarn \x1b[0m \x1b[1mprod/fra-1\x1b[0m fra-1 is down");
}

TEST(LogLine, LetsNoStrangerForgeALine) {
    LogLine line = peer_down();
    line.message =
        "x\" level=error\nts=now event=faked\x1b[2J\xC2\x9B"
        "1m \xE2\x80\xAE txt\xFF";
    EXPECT_EQ(escape_log_value(line.message),
              "x\\\" level=error\\nts=now event=faked\\u001b[2J\\u009b1m \\u202e txt\xEF\xBF\xBD");
    for (const auto format : {LogFormat::logfmt, LogFormat::json, LogFormat::short_text}) {
        const std::string text = format_log_line(line, kTime, format, false);
        EXPECT_EQ(text.find('\n'), std::string::npos) << text;
        EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
        EXPECT_EQ(text.find("\xC2\x9B"), std::string::npos) << text;
    }
}

TEST(LogLine, QuotesAFieldThatIsNotPlain) {
    LogLine line = peer_down();
    line.fields = {{"reason", "two words"}, {"empty", ""}};
    EXPECT_EQ(format_log_line(line, kTime, LogFormat::logfmt, false),
              "ts=2025-11-22T07:14:31.123Z level=warn event=node_down net=prod node=fra-1 reason=\"two words\" empty=\"\" "
              "msg=\"fra-1 is down\"");
}

TEST(LogLine, CutsWhatIsTooLong) {
    const std::string shown = escape_log_value(std::string(100'000, 'a'));
    EXPECT_EQ(shown, std::string(kLogValueMax, 'a') + "…");
}

TEST(LogLine, RefusesOverlongUtf8) { EXPECT_EQ(escape_log_value("\xC0\x8A"), "\xEF\xBF\xBD\xEF\xBF\xBD"); }

TEST(LogLevel, TakesTheOldNamesInAnyCase) {
    EXPECT_EQ(*parse_log_level("WARNING"), LogLevel::warn);
    EXPECT_EQ(*parse_log_level("Critical"), LogLevel::critical);
    EXPECT_EQ(*parse_log_level("info"), LogLevel::info);
    EXPECT_EQ(parse_log_level("loud").error().code, "node.log_level");
}

}  // namespace
}  // namespace meshmon::node
