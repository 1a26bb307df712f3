#include "http/message.hpp"

#include <gtest/gtest.h>

namespace meshmon::http {
namespace {

TEST(Request, FindsHeaderByLowerCaseName) {
    Request request;
    request.headers["content-type"] = "text/plain";
    EXPECT_EQ(request.header("content-type"), "text/plain");
    EXPECT_EQ(request.header("accept"), std::nullopt);
}

TEST(Response, SetReplacesWhateverTheCase) {
    Response response;
    response.set("Content-Type", "text/plain");
    response.set("content-type", "text/html");
    EXPECT_EQ(response.headers.size(), 1U);
    EXPECT_EQ(response.header("CONTENT-TYPE"), "text/html");
    EXPECT_EQ(response.header("ETag"), std::nullopt);
}

TEST(Stream, HandsOutWhatWasPushed) {
    Stream stream(100);
    int woken = 0;
    stream.on_change([&] { ++woken; });
    EXPECT_TRUE(stream.push("ab"));
    EXPECT_TRUE(stream.push("cd"));
    EXPECT_EQ(woken, 2);
    EXPECT_EQ(stream.take(), "abcd");
    EXPECT_EQ(stream.take(), "");
}

TEST(Stream, ClosesForAReaderThatFallsBehind) {
    Stream stream(4);
    EXPECT_TRUE(stream.push("abcd"));
    EXPECT_FALSE(stream.push("e"));
    EXPECT_TRUE(stream.closed());
    EXPECT_EQ(stream.take(), "abcd");
    EXPECT_FALSE(stream.push("f"));
}

TEST(Stream, KeepsWhatIsQueuedAtClose) {
    Stream stream(10);
    int woken = 0;
    EXPECT_TRUE(stream.push("end"));
    stream.on_change([&] { ++woken; });
    stream.close();
    stream.close();
    EXPECT_EQ(woken, 1);
    EXPECT_EQ(stream.take(), "end");
    EXPECT_FALSE(stream.push("more"));
}

TEST(Header, MustNotHoldALineEnd) {
    EXPECT_TRUE(is_header_text("text/plain; charset=utf-8"));
    for (const char* text : {"a\r\nb: c", "a\nb", "a\rb"}) EXPECT_FALSE(is_header_text(text));
    EXPECT_FALSE(is_header_text(std::string_view("a\0b", 3)));
}

TEST(Reason, NamesStatus) {
    EXPECT_EQ(reason_phrase(404), "Not Found");
    EXPECT_EQ(reason_phrase(299), "Unknown");
}

}  // namespace
}  // namespace meshmon::http
