#include "node/problem_tracker.hpp"

#include <gtest/gtest.h>

namespace meshmon::node {
namespace {

using namespace std::chrono_literals;

api::Problem problem(std::string code, std::string detail = "d") {
    api::Problem out;
    out.code = std::move(code);
    out.title = "T";
    out.detail = std::move(detail);
    out.remedy = "r";
    return out;
}

TEST(ProblemTracker, SaysOnceThatAProblemCameAndOnceThatItWent) {
    ProblemTracker tracker;
    auto changes = tracker.update({problem("isolated")}, WallTime(1s));
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_TRUE(changes[0].appeared);
    EXPECT_TRUE(tracker.update({problem("isolated")}, WallTime(2s)).empty());
    changes = tracker.update({}, WallTime(3s));
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_FALSE(changes[0].appeared);
    EXPECT_TRUE(tracker.update({}, WallTime(4s)).empty());
}

TEST(ProblemTracker, KeepsSinceWhileTheFiguresChange) {
    ProblemTracker tracker;
    (void)tracker.update({problem("clock_offset", "3.0 s ahead")}, WallTime(1s));
    EXPECT_TRUE(tracker.update({problem("clock_offset", "3.1 s ahead")}, WallTime(9s)).empty());
    ASSERT_EQ(tracker.standing().size(), 1u);
    EXPECT_EQ(tracker.standing()[0].since, WallTime(1s));
    EXPECT_EQ(tracker.standing()[0].detail, "3.1 s ahead");
}

TEST(ProblemTracker, LogsBySeverity) {
    api::Problem found = problem("key_missing");
    found.severity = api::Severity::warning;
    EXPECT_EQ(to_log_line({found, true}).level, LogLevel::warn);
    EXPECT_EQ(to_log_line({found, true}).message, "T: d; r");
    EXPECT_EQ(to_log_line({found, false}).level, LogLevel::info);
    found.severity = api::Severity::info;
    EXPECT_EQ(to_log_line({found, true}).level, LogLevel::info);
    found.severity = api::Severity::error;
    EXPECT_EQ(to_log_line({found, true}).level, LogLevel::error);
}

}  // namespace
}  // namespace meshmon::node
