#include "node/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace meshmon::node {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

class LogTest : public testing::Test {
protected:
    Log make(LogLevel level = LogLevel::info) {
        return Log(
            {level, LogFormat::short_text, false}, [this] { return now_; },
            [this](std::string_view line) { lines_.emplace_back(line.substr(9)); });
    }
    static LogLine refused(std::string text) { return {LogLevel::warn, "peer_misbehaved", std::move(text), {}, {}, {}}; }

    Now now_{MonoTime(1h), WallTime(1h)};
    std::vector<std::string> lines_;
};

TEST_F(LogTest, LeavesOutWhatIsBelowItsLevel) {
    Log log = make(LogLevel::error);
    log.write(refused("a"));
    log.write_limited("k", 1, refused("a"));
    EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(LogTest, CountsRepeatsInsteadOfWritingThem) {
    Log log = make();
    for (int i = 0; i < 215; ++i) log.write_limited("k", 1, refused("bad box"));
    EXPECT_THAT(lines_, ElementsAre("warn  bad box"));
    now_.mono += 30s;
    log.flush_repeats();
    EXPECT_EQ(lines_.size(), 1u);
    now_.mono += 30s;
    log.flush_repeats();
    EXPECT_THAT(lines_, ElementsAre("warn  bad box", "warn  bad box (×214 in 60 s)"));
    log.write_limited("k", 1, refused("bad box"));
    EXPECT_EQ(lines_.size(), 3u) << "a new window begins with a line";
}

TEST_F(LogTest, TellsTheCountBeforeTheNextWindowBegins) {
    Log log = make();
    log.write_limited("k", 1, refused("one"));
    log.write_limited("k", 1, refused("two"));
    now_.mono += 61s;
    log.write_limited("k", 1, refused("three"));
    EXPECT_THAT(lines_, ElementsAre("warn  one", HasSubstr("two (×1 in "), "warn  three"));
}

TEST_F(LogTest, KeepsKeysApartAndItsMemoryBounded) {
    Log log = make();
    for (int i = 0; i < 10'000; ++i) log.write_limited("key " + std::to_string(i), 1, refused("x"));
    EXPECT_EQ(lines_.size(), 10'000u);
}

TEST_F(LogTest, TellsWhatIsLeftAtTheEnd) {
    Log log = make();
    log.write_limited("k", 1, refused("one"));
    log.write_limited("k", 1, refused("one"));
    log.flush_repeats(true);
    EXPECT_EQ(lines_.size(), 2u);
}

}  // namespace
}  // namespace meshmon::node
