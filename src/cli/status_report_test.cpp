#include "cli/status_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/output.hpp"
#include "cli/status_fixture.hpp"

namespace meshmon::cli {
namespace {

using fixture::Daemon;
using testing::HasSubstr;

std::vector<boost::json::object> all_up() { return {fixture::node("fra-1", "up"), fixture::node("nyc-1", "up")}; }

int exit_with(const std::string& status) {
    Daemon daemon;
    auto nodes = all_up();
    nodes.push_back(fixture::node("tok-1", status));
    daemon.set_nodes(std::move(nodes));
    return exit_code(*daemon.status());
}

TEST(StatusReport, ExitCodeFollowsTheWorstNode) {
    EXPECT_EQ(exit_with("up"), kOk);
    EXPECT_EQ(exit_with("degraded"), kDegraded);
    EXPECT_EQ(exit_with("unknown"), kDegraded);
    EXPECT_EQ(exit_with("down"), kDown);
}

TEST(StatusReport, AContestedNodeIsNotAllGood) {
    Daemon daemon;
    auto nodes = all_up();
    nodes.back()["contested"] = true;
    daemon.set_nodes(std::move(nodes));
    EXPECT_EQ(exit_code(*daemon.status()), kDegraded);
}

TEST(StatusReport, ASplitIsAsBadAsADownNode) {
    Daemon daemon;
    daemon.set_nodes(all_up());
    auto& partition = daemon.answers["/api/v1/networks/prod-mesh"]["partition"].as_object();
    partition["broken_links"] = fixture::lists({{"fra-1", "nyc-1"}});
    EXPECT_EQ(exit_code(*daemon.status()), kDegraded);
    partition["sides"] = fixture::lists({{"fra-1"}, {"nyc-1"}});
    EXPECT_EQ(exit_code(*daemon.status()), kDown);
}

TEST(StatusReport, ProblemsCountFromErrorOn) {
    Daemon daemon;
    daemon.set_nodes(all_up());
    daemon.add_problem("warning");
    EXPECT_EQ(exit_code(*daemon.status()), kOk);
    daemon.add_problem("error");
    EXPECT_EQ(exit_code(*daemon.status()), kDegraded);
}

TEST(StatusReport, AWaitingNetworkIsNotAllGoodAndIsNotAskedFurther) {
    Daemon daemon;
    daemon.answers["/api/v1/networks"]["networks"].as_array()[0].as_object()["state"] = "waiting";
    const auto report = daemon.status();
    ASSERT_TRUE(report);
    EXPECT_EQ(exit_code(*report), kDegraded);
    EXPECT_THAT(daemon.asked, testing::ElementsAre("/api/v1/me", "/api/v1/networks", "/api/v1/health"));
}

TEST(StatusReport, NetworkIsChosenByIdOrDirectory) {
    EXPECT_EQ(Daemon().status({.api = "", .network = "prod-mesh", .node = std::nullopt})->networks.size(), 1U);
    EXPECT_EQ(Daemon().status({.api = "", .network = "prod", .node = std::nullopt})->networks.size(), 1U);
    const auto unknown = Daemon().status({.api = "", .network = "prod-mehs", .node = std::nullopt});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, "cli.unknown_network");
    EXPECT_THAT(unknown.error().message, HasSubstr("did you mean 'prod-mesh'?"));
}

TEST(StatusReport, ProblemsOfOtherNetworksAreLeftOut) {
    Daemon daemon;
    daemon.add_problem("error", "home");
    daemon.add_problem("error", "prod-mesh");
    daemon.add_problem("error");
    EXPECT_EQ(daemon.status({.api = "", .network = "prod", .node = std::nullopt})->problems.size(), 2U);
}

TEST(StatusReport, OneNodeAsksForAllItsEvidenceAndAnswersForItAlone) {
    Daemon daemon;
    const auto report = daemon.status({.api = "", .network = std::nullopt, .node = "nyc-1"});
    ASSERT_TRUE(report);
    EXPECT_THAT(daemon.asked, testing::Contains("/api/v1/networks/prod-mesh/nodes/nyc-1"));
    EXPECT_EQ(exit_code(*report), kOk) << "tok-1 is down, but was not asked for";
    const auto unknown = daemon.status({.api = "", .network = std::nullopt, .node = "nyc-2"});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, "cli.unknown_node");
    EXPECT_THAT(unknown.error().message, HasSubstr("did you mean 'nyc-1'?"));
}

TEST(StatusReport, MergesWhatWasAskedIntoOneObject) {
    const auto report = Daemon().status();
    const auto& network = report->merged.at("networks").as_array().at(0).as_object();
    EXPECT_EQ(network.at("network_id").as_string(), "prod-mesh");
    EXPECT_EQ(network.at("state").as_string(), "running");
    EXPECT_EQ(network.at("quorum").as_int64(), 2);
    EXPECT_EQ(network.at("nodes").as_array().size(), 3U);
    EXPECT_EQ(report->merged.at("me").as_object().at("version").as_string(), "1.2.0");
    EXPECT_TRUE(report->merged.at("problems").is_array());
}

TEST(StatusReport, HandsOnWhatCouldNotBeFetched) {
    Daemon daemon;
    daemon.answers.erase("/api/v1/networks/prod-mesh/nodes");
    const auto report = daemon.status();
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, "cli.answer");
}

TEST(StatusReport, ReadsAnswersOfStrangersWithoutTrust) {
    Daemon daemon;
    daemon.answers["/api/v1/networks/prod-mesh"] = {{"at", 5}, {"partition", "x"}, {"revisions", {{"a", 1}}}, {"node_count", -1}};
    daemon.answers["/api/v1/networks/prod-mesh/nodes"] = {
        {"nodes",
         boost::json::array{1, "x", boost::json::object{{"node_id", 7}, {"in", nullptr}, {"evidence", 1}, {"link", false}}}}};
    const auto report = daemon.status();
    ASSERT_TRUE(report);
    ASSERT_EQ(report->networks.at(0).nodes.size(), 1U);
    EXPECT_EQ(report->networks[0].node_count, 0U);
    EXPECT_EQ(report->networks[0].nodes[0].id, "");
    EXPECT_EQ(exit_code(*report), kDegraded);
}

TEST(ParseRfc3339, ReadsTheFormOfTheApiAndNoOther) {
    const auto time = parse_rfc3339("2026-11-22T07:14:31.123Z");
    ASSERT_TRUE(time);
    EXPECT_EQ(to_rfc3339(*time), "2026-11-22T07:14:31.123Z");
    for (const std::string_view wrong :
         {"", "2026-11-22", "2026-11-22T07:14:31Z", "2026-13-22T07:14:31.123Z", "2026-02-30T07:14:31.123Z",
          "2026-11-22T24:14:31.123Z", "2026-11-22T07:14:31.12xZ", "-026-11-22T07:14:31.123Z"}) {
        EXPECT_FALSE(parse_rfc3339(wrong)) << wrong;
    }
}

TEST(DaemonFile, NamesTheAddressToAsk) {
    EXPECT_EQ(*url_of_daemon_file(R"({"schema":1,"address":"127.0.0.1:8000","pid":7})"), "http://127.0.0.1:8000");
    EXPECT_EQ(*url_of_daemon_file(R"({"address":"[::1]:81"})"), "http://[::1]:81");
    for (const std::string_view wrong : {"", "{", "[]", "{}", R"({"address":5})"})
        EXPECT_FALSE(url_of_daemon_file(wrong)) << wrong;
}

}  // namespace
}  // namespace meshmon::cli
