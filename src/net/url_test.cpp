#include "net/url.hpp"

#include <gtest/gtest.h>

namespace meshmon::net {
namespace {

TEST(Url, TakesApartWhatAClientNeeds) {
    const auto url = parse_url("http://example.org:8001/mesh/v1/home?x=a%20b#end");
    ASSERT_TRUE(url);
    EXPECT_FALSE(url->https);
    EXPECT_EQ(url->host, "example.org");
    EXPECT_EQ(url->port, 8001);
    EXPECT_EQ(url->target, "/mesh/v1/home?x=a%20b");
    EXPECT_EQ(url->authority(), "example.org:8001");
    EXPECT_EQ(url->host_header(), "example.org:8001");
}

TEST(Url, KnowsTheSchemesOwnPorts) {
    EXPECT_EQ(parse_url("http://a")->port, 80);
    EXPECT_EQ(parse_url("https://a")->port, 443);
    EXPECT_EQ(parse_url("HTTPS://a:443/")->host_header(), "a");
    EXPECT_EQ(parse_url("https://a:80")->host_header(), "a:80");
    EXPECT_EQ(parse_url("http://a")->target, "/");
    EXPECT_EQ(parse_url("http://a?b")->target, "/?b");
}

TEST(Url, BracketsIpv6WhereItMust) {
    const auto url = parse_url("http://[2001:db8::7]:8000/");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "2001:db8::7");
    EXPECT_EQ(url->authority(), "[2001:db8::7]:8000");
    EXPECT_EQ(parse_url("http://[::1]")->host_header(), "[::1]");
}

TEST(Url, RefusesWhatItCannotUse) {
    for (const char* text :
         {"", "example.org", "//a", "ftp://a", "http://", "http:///a", "http://a:0", "http://a:65536", "http://a:99999",
          "http://a:x", "http://a:1x/", "http://user:secret@a", "http://a b", "http://a\r\nX: y", "file:///etc/passwd"}) {
        const auto url = parse_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().code, "net.url");
    }
}

}  // namespace
}  // namespace meshmon::net
