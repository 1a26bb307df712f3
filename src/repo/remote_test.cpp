#include "repo/remote.hpp"

#include <gtest/gtest.h>

namespace meshmon::repo {
namespace {

std::string parts(std::string_view url) {
    const Result<Remote> remote = parse_remote(url);
    if (!remote) return "refused";
    return std::string(to_string(remote->transport)) + "|" + remote->user + "|" + remote->host + "|" + remote->port + "|" +
           remote->base + "|" + remote->url;
}

TEST(ParseRemote, TakesAUrlApart) {
    EXPECT_EQ(parts("https://git.example.com/team/mesh.git"),
              "https||git.example.com||https://git.example.com|https://git.example.com/team/mesh.git");
    EXPECT_EQ(parts("https://ada@[::1]:8443/x"), "https|ada|::1|8443|https://[::1]:8443|https://[::1]:8443/x");
    EXPECT_EQ(parts("http://127.0.0.1:80"), "http||127.0.0.1|80|http://127.0.0.1:80|http://127.0.0.1:80");
    EXPECT_EQ(parts("ssh://git@host:2222/team/x"), "ssh|git|host|2222||ssh://git@host:2222/team/x");
    EXPECT_EQ(parts("git@github.com:team/x.git"), "ssh|git|github.com|||git@github.com:team/x.git");
    EXPECT_EQ(parts("file:///srv/mesh.git"), "file|||||file:///srv/mesh.git");
}

TEST(ParseRemote, RefusesEveryOtherTransport) {
    for (const std::string_view url :
         {"git://host/x", "HTTPS://host/x", "ext::sh -c id", "ftp://host/x", "--upload-pack=id", "-oProxyCommand=id",
          "/srv/mesh.git", "fd::17", "ssh://-oProxyCommand=id/x", "-x@host:path", "user@-oProxyCommand=id:x",
          "https://ada:secret@host/x", "host:path", "https://host/x\ny", "transport::address", "file://host/../x\x1b",
          "ssh://user:pw@host/x"}) {
        EXPECT_EQ(parts(url), "refused") << url;
    }
}

TEST(Remote, LetsATokenTravelOverTlsOrWithinTheMachineAlone) {
    EXPECT_TRUE(parse_remote("https://host/x")->takes_token());
    EXPECT_TRUE(parse_remote("http://127.0.0.1:8000/x")->takes_token());
    EXPECT_TRUE(parse_remote("http://localhost/x")->takes_token());
    EXPECT_TRUE(parse_remote("http://[::1]/x")->takes_token());
    EXPECT_FALSE(parse_remote("http://host/x")->takes_token());
    EXPECT_FALSE(parse_remote("http://127.0.0.1.example.com/x")->takes_token());
    EXPECT_FALSE(parse_remote("ssh://host/x")->takes_token());
    EXPECT_FALSE(parse_remote("file:///x")->takes_token());
}

}  // namespace
}  // namespace meshmon::repo
