#include "config/url.hpp"

#include <gtest/gtest.h>

#include "config/config.hpp"

namespace meshmon::config {
namespace {

std::string why(const auto& result) { return result ? "none" : result.error().message + " | " + result.error().hint; }

TEST(ParsePeerUrl, TakesHttpAndHttpsWithAnyHostPortAndPath) {
    for (const std::string_view url : {"https://server-01.example.com:8000", "http://10.0.0.1:8000", "http://[fe80::1]:8000",
                                       "https://example.com/meshmon/one", "HTTP://example.com", "http://a:65535", "http://a:1"}) {
        EXPECT_EQ(parse_peer_url(url).value_or("refused"), url);
    }
}

TEST(ParsePeerUrl, TakesTrailingSlashesAway) {
    EXPECT_EQ(parse_peer_url("https://example.com/").value(), "https://example.com");
    EXPECT_EQ(parse_peer_url("https://example.com/mesh//").value(), "https://example.com/mesh");
}

TEST(ParsePeerUrl, SaysWhatIsWrong) {
    constexpr std::string_view kExample = " | write it like https://host.example.com:8000";
    EXPECT_EQ(why(parse_peer_url("node:42069")),
              "'node:42069' is no usable URL: http:// or https:// is missing | did you mean http://node:42069?");
    EXPECT_EQ(why(parse_peer_url("ftp://a")),
              "'ftp://a' is no usable URL: 'ftp' is neither http nor https" + std::string(kExample));
    EXPECT_EQ(why(parse_peer_url("http://")), "'http://' is no usable URL: the host is missing" + std::string(kExample));
    EXPECT_EQ(why(parse_peer_url("http://:80")), "'http://:80' is no usable URL: the host is missing" + std::string(kExample));
    EXPECT_EQ(why(parse_peer_url("http://a:0")),
              "'http://a:0' is no usable URL: the port must be 1 to 65535" + std::string(kExample));
    EXPECT_EQ(why(parse_peer_url("http://a:65536")),
              "'http://a:65536' is no usable URL: the port must be 1 to 65535" + std::string(kExample));
    EXPECT_EQ(why(parse_peer_url("http://u:p@a")),
              "'http://u:p@a' is no usable URL: user and password do not belong here" + std::string(kExample));
    EXPECT_EQ(why(parse_peer_url("http://a/?q")),
              "'http://a/?q' is no usable URL: it must end before the '?'" + std::string(kExample));
    EXPECT_EQ(why(parse_peer_url("http://a/#f")),
              "'http://a/#f' is no usable URL: it must end before the '#'" + std::string(kExample));
    EXPECT_EQ(why(parse_peer_url("http://a b")), "'http://a b' is no usable URL: it is not well formed" + std::string(kExample));
    EXPECT_EQ(why(parse_peer_url("http://" + std::string(3000, 'a'))).substr(81, 57),
              "...' is no usable URL: it has more than 2048 characters |");
}

TEST(ParsePeerUrl, RefusesPortsThatDoNotExist) {
    for (const std::string_view port :
         {"65536", "65616", "99999", "131152", "4294967376", "18446744073709551696", "0", "00000"}) {
        const std::string url = "http://a:" + std::string(port);
        EXPECT_EQ(why(parse_peer_url(url)), "'" + url +
                                                "' is no usable URL: the port must be 1 to 65535 | write it like "
                                                "https://host.example.com:8000");
        EXPECT_FALSE(check_target_url(url)) << url;
        EXPECT_FALSE(parse_git_url(url)) << url;
    }
}

TEST(CheckTargetUrl, AllowsPathQueryAndFragment) {
    EXPECT_TRUE(check_target_url("https://www.example.com/health?full=1#top"));
    EXPECT_FALSE(check_target_url("example.com"));
}

TEST(ParseGitUrl, TakesTheKnownTransports) {
    for (const std::string_view url : {"https://github.com/team/mesh.git", "http://a/b", "ssh://git@host:2222/team/mesh.git",
                                       "file:///srv/mesh.git", "git@github.com:team/mesh.git"}) {
        EXPECT_EQ(parse_git_url(url).value_or("refused"), url);
    }
}

TEST(ParseGitUrl, RefusesOptionsOtherTransportsAndPasswords) {
    for (const std::string_view url :
         {"--upload-pack=touch x", "-u", "ext::sh -c id", "ext::id", "fd::17", "https://u:secret@host/x",
          "ssh://-oProxyCommand=x/y", "a@-oProxyCommand=x:y", "team/mesh", "/srv/mesh", "", "https://", "https://host/a b",
          "https://host/a\nb", "javascript://x", "user@host:"}) {
        EXPECT_FALSE(parse_git_url(url)) << url;
    }
}

TEST(ParseGitUrl, SaysWhatToTakeInPlaceOfGitsOwnDaemon) {
    EXPECT_EQ(why(parse_git_url("git://git.example.com:9418/team/mesh.git")),
              "'git://git.example.com:9418/team/mesh.git' is no usable repository: with git:// nothing proves who answers | take "
              "https or ssh: https://git.example.com/team/mesh.git or ssh://git@git.example.com/team/mesh.git");
    EXPECT_EQ(why(parse_git_url("git:///mesh.git")),
              "'git:///mesh.git' is no usable repository: 'git' is none of https, http, ssh, file | write it like "
              "https://git.example.com/team/meshmon.git");
}

TEST(ParseGitUrl, RepeatsNoPassword) {
    EXPECT_EQ(why(parse_git_url("git://ada:s3cret@host/x")).find("s3cret"), std::string::npos);
    EXPECT_EQ(why(parse_git_url("https://ada:s3cret@host/x")).find("s3cret"), std::string::npos);
    EXPECT_EQ(why(parse_git_url("ftp://ada:s3cret@host/x")).find("s3cret"), std::string::npos);
    EXPECT_EQ(why(parse_git_url("https://ada:s3cret@host/ x")).find("s3cret"), std::string::npos);
}

TEST(CoverPasswords, KeepsTheRestAndTheColumns) {
    EXPECT_EQ(cover_passwords("git_repo: https://ada:s3cr\xc3\xa9t@host/x # http://b:c@d"),
              "git_repo: https://ada:******@host/x # http://b:*@d");
    EXPECT_EQ(cover_passwords("{git_repo: 'https://ada:p@ss@host:1/x'}"), "{git_repo: 'https://ada:****@host:1/x'}");
    EXPECT_EQ(cover_passwords("https://ada:p/q@host"), "https://ada:***@host");
    for (const std::string line : {"ssh://git@host:22/x", "https://host", "://", "a@b:c", ""})
        EXPECT_EQ(cover_passwords(line), line);
}

TEST(ParseListen, TakesNumericAddressesAndPorts) {
    for (const std::string_view text : {"0.0.0.0:8000", "[::]:8000", "127.0.0.1:0", "[::1]:65535"}) {
        EXPECT_EQ(parse_listen(text).value().text(), text);
    }
    const ListenAddress address = parse_listen("[::]:80").value();
    EXPECT_EQ(address.host, "::");
    EXPECT_EQ(address.port, 80);
}

TEST(ParseListen, RefusesWhatIsNoAddress) {
    for (const std::string_view text :
         {"", "8000", ":8000", "localhost:8000", "0.0.0.0", "0.0.0.0:", "0.0.0.0:65536", "0.0.0.0:-1", "0.0.0.0:80x", "::1:80",
          "[127.0.0.1]:80", "[]:80", "1.2.3:80", "[::1:80", "0.0.0.0 :80"}) {
        EXPECT_FALSE(parse_listen(text)) << text;
    }
    EXPECT_EQ(why(parse_listen("localhost:80")),
              "cannot listen on 'localhost:80': the address must be numeric, an IPv6 one in brackets | write ADDRESS:PORT, like "
              "0.0.0.0:8000 for all IPv4 addresses or [::]:8000 for IPv6 as well");
}

}  // namespace
}  // namespace meshmon::config
