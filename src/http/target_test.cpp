#include "http/target.hpp"

#include <gtest/gtest.h>

namespace meshmon::http {
namespace {

TEST(Target, DecodesPathAndQuery) {
    const auto target = parse_target("/a%20b/c?x=1&y=a+b%26&flag&x=2");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/a b/c");
    EXPECT_EQ(target->query, (std::map<std::string, std::string>{{"x", "2"}, {"y", "a b&"}, {"flag", ""}}));
}

TEST(Target, DecodesUtf8) { EXPECT_EQ(parse_target("/%C3%A9%e2%82%AC%f0%9f%98%80")->path, "/\u00e9\u20ac\U0001F600"); }

TEST(Target, TakesTheAbsoluteForm) {
    EXPECT_EQ(parse_target("http://example.org/a?b=c")->path, "/a");
    EXPECT_EQ(parse_target("http://example.org")->path, "/");
    EXPECT_EQ(parse_target("https://example.org?b=c")->query.at("b"), "c");
}

TEST(Target, KeepsPlusInThePathAndDropsTheFragment) { EXPECT_EQ(parse_target("/a+b#c")->path, "/a+b"); }

TEST(Target, RefusesWhatCanBeReadInTwoWays) {
    for (const char* text : {"",       "a",      "*",      "/a%",  "/a%2",           "/a%zz",   "/a%00b",    "/a%0ab",
                             "/a%2fb", "/a%5Cb", "/a\\b",  "/..",  "/../etc/passwd", "/a/../b", "/a/./b",    "/%2e%2e/a",
                             "/.%2E",  "/a?x=%", "/a?%00", "/%ff", "/?a=%c3",        "/%c0%af", "/%ed%a0%80"})
        EXPECT_FALSE(parse_target(text)) << text;
}

TEST(Target, TakesDotsInsideAName) {
    EXPECT_EQ(parse_target("/a..b/...")->path, "/a..b/...");
    EXPECT_EQ(parse_target("/.well-known/x")->path, "/.well-known/x");
}

TEST(Target, RefusesAFloodOfParameters) {
    std::string text = "/?";
    for (int i = 0; i < 65; ++i) text += "a&";
    EXPECT_FALSE(parse_target(text));
    text.resize(text.size() - 2);
    EXPECT_TRUE(parse_target(text));
}

}  // namespace
}  // namespace meshmon::http
