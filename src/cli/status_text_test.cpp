#include "cli/status_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/status_fixture.hpp"

namespace meshmon::cli {
namespace {

using fixture::Daemon;
using testing::HasSubstr;
using testing::Not;

constexpr Terminal kUnicode = {.tty = true, .colour = false, .unicode = true};
constexpr Terminal kAscii = {.tty = true, .colour = false, .unicode = false};
constexpr Terminal kPipe = {.tty = false, .colour = false, .unicode = true};

TEST(StatusText, ShowsTheMeshOnATerminal) {
    Daemon daemon;
    daemon.add_problem("warning");
    EXPECT_EQ(status_text(*daemon.status(), kUnicode),
              "prod-mesh  as seen by fra-1 · 07:14:31Z · config 9f3c2a1 (2/3) · 1.0 s old\n"
              "NODES 2/3 up      RTT  LOSS   IN  OUT  CONFIG   CLOCK   VERSION\n"
              "● fra-1 (this)      –     –  4/5  4/5  9f3c2a1  ref     1.2.0\n"
              "● nyc-1         84 ms   0 %  4/5  4/5  9f3c2a1  +0.4 s  1.2.0\n"
              "✕ tok-1             –     –  0/5    ?  81aa0c2  ?       1.1.9    last heard 4 m ago; down: said by fra-1 "
              "(connect, 13 s), "
              "nyc-1 (timeout, 12 s)\n"
              "# Health:\n"
              "#  - No public key for tok-1: config/networks/prod/pubkeys/tok-1.pub is missing  → copy it there\n");
}

TEST(StatusText, FallsBackToAscii) {
    const std::string text = status_text(*Daemon().status(), kAscii);
    EXPECT_THAT(text, HasSubstr("prod-mesh  as seen by fra-1 | 07:14:31Z | config 9f3c2a1 (2/3) | 1.0 s old\n"));
    EXPECT_THAT(text, HasSubstr("* fra-1 (this)      -     -  4/5"));
    EXPECT_THAT(text, HasSubstr("x tok-1"));
    EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
}

TEST(StatusText, IsTabSeparatedWithCommentsInAPipe) {
    const std::string text = status_text(*Daemon().status(), kPipe);
    EXPECT_THAT(text, HasSubstr("# prod-mesh  as seen by fra-1 · 07:14:31Z"));
    EXPECT_THAT(
        text,
        HasSubstr("NETWORK\tNODE\tSTATUS\tREASON\tCONTESTED\tRTT_MS\tLOSS\tIN\tOUT\tCONFIG\tCLOCK_OFFSET_MS\tVERSION\tREMARK\n"));
    EXPECT_THAT(text, HasSubstr("prod-mesh\tnyc-1\tup\t\tno\t84.200\t0.000\t4/5\t4/5\t9f3c2a1d0e55\t402.000\t1.2.0\t\n"));
    EXPECT_THAT(
        text,
        HasSubstr("prod-mesh\ttok-1\tdown\ttimeout\tno\t\t\t0/5\t4/5\t81aa0c2\t\t1.1.9\tlast heard 4 m ago; down: said by"));
}

TEST(StatusText, NoControlCharacterOfAPeerReachesTheTerminal) {
    const std::string bad =
        "\x1b]0;owned\x07\r\n\t\xc2\x9b"
        "31m\xe2\x80\xae";
    Daemon daemon;
    auto node = fixture::node("nyc-1", "down");
    for (const char* member : {"node_id", "reason", "reason_text", "software_version", "config_revision", "self_health"})
        node[member] = bad;
    auto testimony = fixture::testimony(bad, bad, "2026-11-22T07:14:18.000Z");
    testimony["why_not"] = bad;
    testimony["counts"] = false;
    node["evidence"].as_object()["testimonies"] = boost::json::array{testimony};
    auto degraded = node;
    degraded["status"] = "degraded";
    auto unknown = node;
    unknown["status"] = bad;
    daemon.answers["/api/v1/networks/prod-mesh/nodes"]["nodes"] = boost::json::array{node, degraded, unknown};
    auto& network = daemon.answers["/api/v1/networks/prod-mesh"];
    network["config_revision"] = bad;
    network["has_quorum"] = false;
    network["listed"] = false;
    boost::json::array names;
    names.emplace_back(boost::json::string(bad));
    network["partition"] = {{"sides", fixture::lists({{bad}, {bad}})},
                            {"groups", fixture::lists({{bad}, {bad}})},
                            {"bridges", names},
                            {"silent", names},
                            {"broken_links", fixture::lists({{bad, bad}})}};
    daemon.add_problem("error");
    auto& problem = daemon.answers["/api/v1/health"]["problems"].as_array()[0].as_object();
    for (const char* member : {"title", "detail", "remedy"}) problem[member] = bad;
    auto report = *daemon.status();
    report.networks[0].viewer = report.networks[0].id = bad;
    for (const Terminal& terminal : {kUnicode, kPipe}) {
        for (const bool one_node : {false, true}) {
            report.one_node = one_node;
            const std::string text = status_text(report, terminal);
            for (const char c : {'\x1b', '\x07', '\r'}) EXPECT_THAT(text, Not(HasSubstr(std::string(1, c))));
            EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
            EXPECT_THAT(text, Not(HasSubstr("\xe2\x80\xae")));
        }
    }
}

TEST(StatusText, ShowsSidesGroupsAndBridges) {
    Daemon daemon;
    using boost::json::array;
    auto& partition = daemon.answers["/api/v1/networks/prod-mesh"]["partition"].as_object();
    partition["sides"] = fixture::lists({{"fra-1", "nyc-1"}, {"tok-1", "syd-1"}});
    partition["own_side"] = 0;
    partition["silent"] = array{"lon-1"};
    EXPECT_THAT(status_text(*daemon.status(), kUnicode), HasSubstr("PARTITION into 2 sides\n"
                                                                   "  side 1 (this): fra-1, nyc-1\n"
                                                                   "  side 2: tok-1, syd-1\n"
                                                                   "  silent: lon-1\n"));
    partition["sides"] = fixture::lists({{"fra-1"}});
    partition["groups"] = fixture::lists({{"a", "b"}, {"c", "d"}});
    partition["bridges"] = array{"e"};
    partition["broken_links"] = fixture::lists({{"x", "y"}});
    EXPECT_THAT(status_text(*daemon.status(), kUnicode), HasSubstr("PARTIAL PARTITION, no link between these groups\n"
                                                                   "  group 1: a, b\n"
                                                                   "  group 2: c, d\n"
                                                                   "  bridges: e\n"
                                                                   "BROKEN LINKS x - y\n"
                                                                   "  silent: lon-1\n"));
}

TEST(StatusText, SaysThatThisNodeIsIsolated) {
    Daemon daemon;
    daemon.answers["/api/v1/networks/prod-mesh"]["has_quorum"] = false;
    daemon.answers["/api/v1/networks/prod-mesh"]["seen"] = 1;
    EXPECT_THAT(status_text(*daemon.status(), kUnicode), HasSubstr("ISOLATED this node sees 1 of 3, 2 are needed to judge\n"));
}

TEST(StatusText, OneNodeComesWithEveryTestimony) {
    const auto report = Daemon().status({.api = "", .network = std::nullopt, .node = "tok-1"});
    EXPECT_THAT(status_text(*report, kUnicode), HasSubstr("tok-1: 5 of 5 votes say up, 0 say down\n"
                                                          "  fra-1 says down (connect, 13 s)\n"
                                                          "  nyc-1 says down (timeout, 12 s)\n"));
}

TEST(StatusText, OneNodeThatContradictsItselfIsShownWithItsVersion) {
    Daemon daemon;
    const boost::json::object proof{{"epoch", 7}, {"seq", 3}, {"heads", boost::json::array()}};
    daemon.answers["/api/v1/networks/prod-mesh/nodes/tok-1"]["contradiction"] = proof;
    const auto report = daemon.status({.api = "", .network = std::nullopt, .node = "tok-1"});
    EXPECT_THAT(status_text(*report, kUnicode), HasSubstr("  it signed two states of version 7.3: its opinions do not count"));
}

TEST(StatusText, AWaitingNetworkAndNoNetworkAreSaid) {
    Daemon daemon;
    daemon.answers["/api/v1/networks"]["networks"].as_array()[0].as_object()["state"] = "waiting";
    EXPECT_EQ(status_text(*daemon.status(), kUnicode),
              "prod-mesh  as seen by fra-1 · waiting for its configuration (see Health)\n");
    daemon.answers["/api/v1/networks"]["networks"] = boost::json::array();
    EXPECT_EQ(status_text(*daemon.status(), kUnicode), "# this node is in no network\n");
}

NodeLine line(const std::string& status) {
    NodeLine node;
    node.id = "tok-1";
    node.status = status;
    return node;
}

TestimonyLine says(const std::string& observer, const std::string& what, const std::string& reason = "") {
    TestimonyLine testimony;
    testimony.observer = observer;
    testimony.says = what;
    testimony.reason = reason;
    testimony.counts = true;
    return testimony;
}

TEST(Remark, IsEmptyForANodeThatIsUp) { EXPECT_EQ(remark(line("up"), kUnicode), ""); }

TEST(Remark, NamesAtMostThreeObservers) {
    NodeLine node = line("down");
    for (const char* name : {"a", "b", "c", "d", "e"}) {
        node.testimonies.push_back(says(name, "down", "timeout"));
        node.testimonies.back().since_ago = std::chrono::seconds(12);
    }
    EXPECT_EQ(remark(node, kUnicode), "down: said by a (timeout, 12 s), b (timeout, 12 s), c (timeout, 12 s) and 2 more");
}

TEST(Remark, ACleanStopIsNoAccusation) {
    NodeLine node = line("down");
    node.reason = "left";
    node.since_ago = std::chrono::seconds(30);
    EXPECT_EQ(remark(node, kUnicode), "left 30 s ago");
}

TEST(Remark, DegradedSaysWhatEachObserverFinds) {
    NodeLine node = line("degraded");
    node.testimonies = {says("a", "up"), says("b", "up"), says("c", "unknown")};
    node.testimonies[0].one_way = true;
    node.testimonies[1].lossy = node.testimonies[1].slow = true;
    EXPECT_EQ(remark(node, kUnicode), "degraded: said by a (one-way), b (loss, slow)");
}

TEST(Remark, ContestedIsSaidWithWho) {
    NodeLine node = line("up");
    node.contested = true;
    node.testimonies = {says("a", "down", "connect")};
    node.testimonies[0].one_way = true;
    node.testimonies[0].counts = false;
    node.testimonies[0].why_not = "isolated";
    EXPECT_EQ(remark(node, kUnicode), "contested: said by a (connect, no vote: isolated)");
}

TEST(Remark, UnknownSaysWhy) {
    NodeLine node = line("unknown");
    node.reason = "key_missing";
    node.reason_text = "our roster holds no public key for it";
    EXPECT_EQ(remark(node, kUnicode), "unknown: our roster holds no public key for it");
}

TEST(StatusText, SaysWhoRunsAnotherConfiguration) {
    NodeLine node;
    node.status = "up";
    node.drift = "same";
    EXPECT_EQ(remark(node, {}), "");
    node.drift = "behind";
    node.differs_for = std::chrono::minutes(4);
    node.trouble = "pull-timeout";
    EXPECT_EQ(remark(node, {}), "older config for 4 m; cannot fetch its repository: no answer in time (pull-timeout)");
    node.drift = "other";
    node.difference = "other keys";
    node.trouble = "rejected";
    EXPECT_EQ(remark(node, {}), "other keys for 4 m; rejects a newer config that does not load");
}

TEST(StatusText, ShowsCommandsWholeAndOnLinesOfTheirOwn) {
    StatusReport report;
    ProblemLine& problem = report.problems.emplace_back();
    problem.title = "The repository has no public key of b";
    const std::string command = "git clone " + std::string(600, 'x') + " && git push";
    problem.remedy = "on this host:\n" + command + "\x1b\n";
    EXPECT_NE(status_text(report, {}).find("-> on this host:\n#      " + command + "?\n"), std::string::npos)
        << status_text(report, {});
    problem.remedy = std::string(1000, '\n');
    EXPECT_LT(status_text(report, {}).size(), 1000U);
}

TEST(StatusText, ShowsTheLineOfAFileWithItsCaret) {
    StatusReport report;
    ProblemLine& problem = report.problems.emplace_back();
    problem.title = "config.yml does not load";
    problem.excerpt = "  7 |     url: x\n    |          ^ no\x1b[31m\n";
    EXPECT_NE(
        status_text(report, {}).find("#  - config.yml does not load\n#      7 |     url: x\n#        |          ^ no?[31m\n"),
        std::string::npos)
        << status_text(report, {});
}

}  // namespace
}  // namespace meshmon::cli
