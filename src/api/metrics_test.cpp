#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/routes.hpp"
#include "api/source_for_tests.hpp"

namespace meshmon::api {

namespace {

class MetricsTest : public testing::Test {
protected:
    MetricsTest() { add_routes(router_, source_, feed_); }

    std::string metrics() {
        http::Request request;
        request.path = "/metrics";
        return answer(router_, request).body;
    }

    SourceForTests source_ = rich_source();
    Feed feed_{{}, source_.now()};
    http::Router router_;
};

/// Name and type of each metric.
using Kinds = std::map<std::string, std::string>;

Kinds served(const std::string& text) {
    Kinds kinds;
    static const std::regex kType("(?:^|\n)# TYPE (\\S+) (\\S+)");
    for (std::sregex_iterator at(text.begin(), text.end(), kType), end; at != end; ++at) kinds[(*at)[1]] = (*at)[2];
    return kinds;
}

Kinds documented() {
    std::ifstream file(std::string(MESHMON_SOURCE_DIR) + "/docs/reference/metrics.md");
    std::stringstream text;
    text << file.rdbuf();
    const std::string page = text.str();
    Kinds kinds;
    static const std::regex kRow("\n\\| `(\\w+)` \\| (\\w+) \\|");
    for (std::sregex_iterator at(page.begin(), page.end(), kRow), end; at != end; ++at) kinds[(*at)[1]] = (*at)[2];
    return kinds;
}

TEST_F(MetricsTest, ServesWhatIsDocumentedAndNothingElse) {
    const Kinds kinds = documented();
    EXPECT_GT(kinds.size(), 30U);
    EXPECT_EQ(served(metrics()), kinds);
}

TEST_F(MetricsTest, NamesFollowThePrometheusConventions) {
    for (const auto& [name, type] : served(metrics())) {
        EXPECT_EQ(type == "counter", name.ends_with("_total")) << name;
        EXPECT_FALSE(name.ends_with("_ms")) << name;
    }
}

TEST_F(MetricsTest, EachNodeHasExactlyOneStatus) {
    const std::string text = metrics();
    std::map<std::string, int> set;
    static const std::regex kSample("\nmeshmon_node_status\\{network=\"prod\",node=\"([^\"]+)\",status=\"\\w+\"\\} ([01])");
    for (std::sregex_iterator at(text.begin(), text.end(), kSample), end; at != end; ++at)
        set[(*at)[1]] += (*at)[2] == "1" ? 1 : 0;
    EXPECT_EQ(set.size(), 19U);
    for (const auto& [node, count] : set) EXPECT_EQ(count, 1) << node;
    EXPECT_THAT(text, testing::HasSubstr("meshmon_node_status{network=\"prod\",node=\"node-002\",status=\"down\"} 1\n"));
}

TEST_F(MetricsTest, EscapesLabels) {
    source_.networks_.at(network_id("prod")).view.config_revision = "a\"b\\c\nd";
    EXPECT_THAT(metrics(), testing::HasSubstr(R"(config_revision="a\"b\\c\nd"})"));
}

TEST_F(MetricsTest, CountsInUnitsOfSeconds) {
    const std::string text = metrics();
    EXPECT_THAT(text, testing::HasSubstr("meshmon_peer_rtt_seconds{network=\"three\",node=\"node-001\"} 0.081"));
    EXPECT_THAT(text, testing::HasSubstr("meshmon_peer_clock_offset_seconds{network=\"three\",node=\"node-001\"} -0.4"));
    EXPECT_THAT(text, testing::HasSubstr("meshmon_exchanges_failed_total{network=\"prod\",reason=\"timeout\"} 3\n"));
    EXPECT_THAT(text, testing::HasSubstr("meshmon_exchanges_failed_total{network=\"prod\",reason=\"unknown_reason\"} 1\n"));
    EXPECT_THAT(text, testing::HasSubstr("meshmon_refused_total{network=\"prod\",reason=\"bad_signature\"} 2\n"));
    EXPECT_THAT(text, testing::HasSubstr("meshmon_problems{code=\"isolated\",severity=\"error\"} 1\n"));
    EXPECT_THAT(text, testing::HasSubstr("meshmon_networks{state=\"running\"} 5\n"));
    EXPECT_THAT(text, testing::HasSubstr("meshmon_networks{state=\"waiting\"} 2\n"));
}

TEST_F(MetricsTest, AreServedWithoutAnyNetwork) {
    source_ = SourceForTests();
    const std::string text = metrics();
    EXPECT_THAT(text, testing::HasSubstr("meshmon_networks{state=\"running\"} 0\n"));
    EXPECT_THAT(text, testing::HasSubstr("meshmon_config_valid 1\n"));
}

}  // namespace

}  // namespace meshmon::api
