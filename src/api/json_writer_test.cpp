#include "api/json_writer.hpp"

#include <limits>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include "api/source_for_tests.hpp"

namespace meshmon::api {

namespace {

std::string written(const auto& content) {
    JsonWriter json;
    json.value(content);
    return json.take();
}

std::string number(double value, int decimals) {
    JsonWriter json;
    json.number(value, decimals);
    return json.take();
}

}  // namespace

TEST(JsonWriter, PutsCommasBetweenMembersAndItems) {
    JsonWriter json;
    json.begin_object();
    json.member("a", 1);
    json.key("b");
    json.begin_array();
    json.value(true);
    json.null();
    json.begin_object();
    json.end_object();
    json.value("x");
    json.end_array();
    json.member("c", std::optional<int>());
    json.end_object();
    EXPECT_EQ(json.take(), R"({"a":1,"b":[true,null,{},"x"],"c":null})");
}

TEST(JsonWriter, EscapesWhatJsonCannotHold) {
    EXPECT_EQ(written("a\"b\\c\n\r\t\x01\x7f"), R"("a\"b\\c\n\r\t\u0001\u007f")");
    EXPECT_EQ(written(std::string_view("\0", 1)), R"("\u0000")");
    EXPECT_EQ(written("é漢😀"), "\"é漢😀\"");
}

TEST(JsonWriter, ReplacesWhatIsNotUtf8) {
    const std::string_view mark = "\xEF\xBF\xBD";
    const auto marks = [&](std::size_t count) {
        std::string text = "\"";
        while (count-- > 0) text += mark;
        return text + '"';
    };
    EXPECT_EQ(written("\xff"), marks(1));
    EXPECT_EQ(written("\xc0\x80"), marks(2)) << "a longer form than needed";
    EXPECT_EQ(written("\xed\xa0\x80"), marks(3)) << "a surrogate";
    EXPECT_EQ(written("\xf4\x90\x80\x80"), marks(4)) << "above U+10FFFF";
    EXPECT_EQ(written("\xe6\xbc"), marks(2)) << "cut off";
}

TEST(JsonWriter, WhatItWritesIsReadBackTheSame) {
    const std::string valid = "\"quoted\\\" \n\r\t\x01\x7f </script> é 漢字 😀";
    EXPECT_EQ(boost::json::parse(written(valid)).as_string(), valid);
    EXPECT_NO_THROW(boost::json::parse(written(nasty_text())));
}

TEST(JsonWriter, WritesNumbersAsPeopleDo) {
    EXPECT_EQ(number(84.2, 3), "84.2");
    EXPECT_EQ(number(12, 3), "12");
    EXPECT_EQ(number(0.025, 3), "0.025");
    EXPECT_EQ(number(-0.4, 3), "-0.4");
    EXPECT_EQ(number(1.005, 1), "1");
    EXPECT_EQ(number(0.0004, 3), "0");
    EXPECT_EQ(number(-0.0004, 3), "0");
    EXPECT_EQ(number(2.5, 0), "3");
    EXPECT_EQ(number(123456.789012, 6), "123456.789012");
}

TEST(JsonWriter, WritesNullForWhatIsNoNumber) {
    EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN(), 3), "null");
    EXPECT_EQ(number(std::numeric_limits<double>::infinity(), 3), "null");
    EXPECT_EQ(number(1e300, 3), "null");
}

TEST(JsonWriter, WritesIntegersWhole) {
    EXPECT_EQ(written(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
    EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
}

}  // namespace meshmon::api
