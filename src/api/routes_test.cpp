#include "api/routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include "api/source_for_tests.hpp"

namespace meshmon::api {

namespace {

class RoutesTest : public testing::Test {
protected:
    RoutesTest() { add_routes(router_, source_, feed_); }

    http::Response get(std::string path, std::map<std::string, std::string> headers = {}) {
        http::Request request;
        request.path = std::move(path);
        request.headers = std::move(headers);
        return answer(router_, request);
    }

    boost::json::value json(const std::string& path) { return boost::json::parse(get(path).body); }

    SourceForTests source_ = rich_source();
    Feed feed_{{}, source_.now()};
    http::Router router_;
};

TEST_F(RoutesTest, ErrorsCarryTheCommonHeadersToo) {
    for (const char* path : {"/nowhere", "/api/v1/networks/other", "/api/v1/me"}) {
        const http::Response response = get(path);
        EXPECT_EQ(response.header("x-content-type-options"), "nosniff") << path;
        EXPECT_EQ(response.header("x-frame-options"), "DENY") << path;
        EXPECT_FALSE(response.header("access-control-allow-origin")) << path;
    }
}

TEST_F(RoutesTest, AnswersFromItsEtagUntilSomethingChanges) {
    for (const char* path : {"/api/v1/networks/prod", "/api/v1/networks/prod/nodes", "/api/v1/networks/prod/nodes/node-003",
                             "/api/v1/networks/prod/links"}) {
        const http::Response first = get(path);
        ASSERT_EQ(first.status, 200) << path;
        const std::string etag(first.header("etag").value());
        source_.now_.wall += std::chrono::seconds(5);
        EXPECT_EQ(get(path, {{"if-none-match", etag}}).status, 304) << path;
        EXPECT_EQ(get(path, {{"if-none-match", etag}}).body, "") << path;
        EXPECT_EQ(get(path, {{"if-none-match", etag}}).header("etag"), etag) << path;
        EXPECT_EQ(get(path, {{"if-none-match", "\"other\" , " + etag}}).status, 304) << path;
        EXPECT_EQ(get(path, {{"if-none-match", etag.substr(2)}}).status, 304) << "compared weakly: " << path;
        EXPECT_EQ(get(path, {{"if-none-match", "*"}}).status, 304) << path;
        EXPECT_EQ(get(path, {{"if-none-match", "\"other\""}}).status, 200) << path;
        ++source_.networks_.at(network_id("prod")).generation;
        EXPECT_EQ(get(path, {{"if-none-match", etag}}).status, 200) << path;
    }
}

TEST_F(RoutesTest, AnotherRunHasOtherEtags) {
    const std::string etag(get("/api/v1/networks/prod").header("etag").value());
    source_.me_.boot_id = "ffffffffffffffffffffffffffffffff";
    EXPECT_EQ(get("/api/v1/networks/prod", {{"if-none-match", etag}}).status, 200);
}

TEST_F(RoutesTest, AnUnknownNodeIsNotFoundWhateverTheClientHolds) {
    EXPECT_EQ(get("/api/v1/networks/prod/nodes/nobody", {{"if-none-match", "*"}}).status, 404);
}

TEST_F(RoutesTest, ListsNetworksThatWait) {
    const boost::json::array networks = json("/api/v1/networks").at("networks").as_array();
    ASSERT_EQ(networks.size(), source_.me_.networks.size());
    const boost::json::object& stuck = networks[networks.size() - 2].as_object();
    EXPECT_EQ(stuck.at("state"), "waiting");
    EXPECT_EQ(stuck.at("network_id"), "stuck");
    EXPECT_TRUE(stuck.at("node_count").is_null());
    EXPECT_TRUE(networks.back().as_object().at("network_id").is_null());
    EXPECT_EQ(get("/api/v1/networks/stuck/nodes").status, 503);
}

TEST_F(RoutesTest, TellsWhoRunsWhatSinceWhen) {
    auto& configs = source_.networks_.at(network_id("three")).configs;
    configs[1].revision = config::Revision::parse("81aa0c2d0e55 git:9f3c2a1b4c5d@1795331701 !pull-timeout");
    configs[1].drift = Drift::behind;
    configs[1].differs_since = wall(1'795'331'800);
    const boost::json::array revisions = json("/api/v1/networks/three").at("revisions").as_array();
    ASSERT_EQ(revisions.size(), 3U);
    EXPECT_EQ(revisions[0].at("drift"), "same");
    EXPECT_TRUE(revisions[0].at("commit").is_null());
    EXPECT_TRUE(revisions[0].at("differs_since").is_null());
    EXPECT_EQ(revisions[1].at("config_revision"), "81aa0c2d0e55");
    EXPECT_EQ(revisions[1].at("commit"), "9f3c2a1b4c5d");
    EXPECT_EQ(revisions[1].at("committed"), boost::json::string(to_rfc3339(wall(1'795'331'701))));
    EXPECT_EQ(revisions[1].at("trouble"), "pull-timeout");
    EXPECT_EQ(revisions[1].at("drift"), "behind");
    EXPECT_EQ(revisions[1].at("differs_since"), boost::json::string(to_rfc3339(wall(1'795'331'800))));
}

TEST_F(RoutesTest, ShowsTheNodeListThatIsLoaded) {
    mesh::Roster& roster = source_.networks_.at(network_id("three")).roster;
    roster.config_revision = "81aa0c2d0e55 !rejected";
    roster.nodes[1].url = "http://b:8000";
    const boost::json::value config = json("/api/v1/networks/three/config");
    EXPECT_EQ(config.at("config_revision"), "81aa0c2d0e55");
    EXPECT_EQ(config.at("trouble"), "rejected");
    EXPECT_EQ(config.at("roster_hash"), boost::json::string(to_hex(view(mesh::roster_hash(roster)))));
    ASSERT_EQ(config.at("nodes").as_array().size(), 3U);
    EXPECT_EQ(config.at("nodes").at(1).at("url"), "http://b:8000");
    EXPECT_EQ(config.at("nodes").at(1).at("poll_rate_s"), 1.5);
    EXPECT_TRUE(config.at("nodes").at(1).at("fingerprint").is_null());
    EXPECT_EQ(get("/api/v1/networks/stuck/config").status, 503);
}

TEST_F(RoutesTest, ShowsFiguresInTheirUnits) {
    const boost::json::value node = json("/api/v1/networks/three/nodes/node-001");
    EXPECT_EQ(node.at("link").at("rtt_ms").to_number<double>(), 84.2);
    EXPECT_EQ(node.at("link").at("clock_offset_ms").to_number<double>(), -400);
    EXPECT_EQ(node.at("head_age_s").to_number<double>(), 1.5);
    EXPECT_EQ(node.at("head").at("epoch"), 7);
    EXPECT_EQ(node.at("head").at("head_hash"), "00c0ffee");
    EXPECT_EQ(node.at("roster_hash"), "01020304050607ff");
    EXPECT_TRUE(node.at("reason").is_null());
}

TEST_F(RoutesTest, ReadsNamesInUpperCase) { EXPECT_EQ(get("/api/v1/networks/PROD/nodes/Node-003").status, 200); }

TEST_F(RoutesTest, ShowsALinkByItsLegend) {
    const boost::json::value links = json("/api/v1/networks/prod/links");
    const auto cell = [&](const char* what, std::size_t row, std::size_t column) {
        const boost::json::string& codes = links.at(what).at(row).as_string();
        const std::string code(1, codes.at(column));
        return links.at(std::string(what) + "_codes").at(code);
    };
    EXPECT_EQ(cell("status", 0, 0), "self");
    EXPECT_EQ(cell("status", 0, 3), "failed");
    EXPECT_EQ(cell("status", 0, 5), "heard");
    EXPECT_EQ(cell("status", 1, 0), "ok");
    EXPECT_EQ(cell("reason", 0, 3), "timeout");
    EXPECT_EQ(cell("reason", 0, 15), "left");
    EXPECT_EQ(cell("reason", 0, 16), "unknown_reason");
    EXPECT_TRUE(cell("reason", 1, 0).is_null());
    EXPECT_EQ(links.at("one_way").at(0), boost::json::parse("[0,5]"));
    EXPECT_TRUE(links.at("rtt_ms").at(0).at(3).is_null());
    EXPECT_TRUE(links.at("row_age_s").at(18).is_null());
}

TEST_F(RoutesTest, AMatrixOfAThousandNodesCostsItsTextAlone) {
    constexpr std::size_t kNodes = 1000;
    source_.add_network("huge", kNodes);
    const http::Response response = get("/api/v1/networks/huge/links");
    EXPECT_LT(response.body.size(), 12U << 20U);
    EXPECT_LT(response.body.capacity(), response.body.size() + response.body.size() / 2)
        << "grown at most once, not doubled in vain";
    const boost::json::value links = boost::json::parse(response.body);
    for (const char* what : {"status", "reason", "rtt_ms", "loss"}) ASSERT_EQ(links.at(what).as_array().size(), kNodes) << what;
    EXPECT_EQ(links.at("status").at(999).as_string().size(), kNodes);
    EXPECT_EQ(links.at("rtt_ms").at(999).as_array().size(), kNodes);
}

TEST_F(RoutesTest, IsReadyOrSaysWhyNot) {
    EXPECT_EQ(get("/readyz").status, 200);
    source_.not_ready_reason_ = "cannot write to /data";
    const http::Response response = get("/readyz");
    EXPECT_EQ(response.status, 503);
    EXPECT_THAT(response.body, testing::HasSubstr("cannot write to /data"));
    EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(RoutesTest, ServesPagesPackedToWhoTakesThem) {
    const http::Response plain = get("/docs/swagger-ui-bundle.js");
    const http::Response packed = get("/docs/swagger-ui-bundle.js", {{"accept-encoding", "br, gzip;q=0.8"}});
    EXPECT_FALSE(plain.header("content-encoding"));
    EXPECT_EQ(packed.header("content-encoding"), "gzip");
    EXPECT_LT(packed.body.size(), plain.body.size() / 2);
    EXPECT_TRUE(packed.body.starts_with("\x1f\x8b"));
    EXPECT_NE(plain.header("etag"), packed.header("etag"));
    for (const http::Response& response : {plain, packed}) EXPECT_EQ(response.header("vary"), "Accept-Encoding");
    for (const char* refused : {"gzip;q=0", "gzip; q=0.000", "br", "identity"}) {
        EXPECT_FALSE(get("/docs/swagger-ui-bundle.js", {{"accept-encoding", refused}}).header("content-encoding")) << refused;
    }
}

TEST_F(RoutesTest, PagesAskNoOtherOrigin) {
    const http::Response page = get("/docs");
    EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
    EXPECT_THAT(std::string(page.header("content-security-policy").value()), testing::HasSubstr("default-src 'self'"));
    EXPECT_THAT(std::string(page.header("content-security-policy").value()), testing::Not(testing::HasSubstr("http")));
    for (const char* own : {"/docs", "/docs/initializer.js", "/docs/page.css"}) {
        EXPECT_THAT(get(own).body, testing::Not(testing::HasSubstr("//cdn"))) << own;
        EXPECT_THAT(get(own).body, testing::Not(testing::ContainsRegex("https?:"))) << own;
    }
    EXPECT_THAT(get("/docs/initializer.js").body, testing::HasSubstr("url: \"/openapi.json\""));
    EXPECT_THAT(get("/docs/initializer.js").body, testing::HasSubstr("validatorUrl: null"));
}

TEST_F(RoutesTest, EveryFileThatThePageNamesIsThere) {
    const std::string page = get("/docs").body;
    std::size_t named = 0;
    for (auto at = page.find("\"/docs/"); at != std::string::npos; at = page.find("\"/docs/", at + 1)) {
        const std::string path = page.substr(at + 1, page.find('"', at + 1) - at - 1);
        EXPECT_EQ(get(path).status, 200) << path;
        ++named;
    }
    EXPECT_EQ(named, 5U);
}

}  // namespace

}  // namespace meshmon::api
