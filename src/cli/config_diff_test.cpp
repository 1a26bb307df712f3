#include "cli/config_diff.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace meshmon::cli {
namespace {

namespace json = boost::json;

/// A network `prod` of a, b and c as a daemon at a sees it; what stands at a URL is answered, all else does not answer.
class Diff : public testing::Test {
protected:
    Diff() {
        answers["http://local/api/v1/networks"] = json::parse(
            R"({"networks":[{"network_id":"prod","directory":"p","state":"running"},
                            {"network_id":null,"directory":"q","state":"waiting"}]})");
        answers["http://local/api/v1/networks/prod/nodes"] = json::parse(
            R"({"nodes":[{"node_id":"a","url":"http://a"},{"node_id":"b","url":"http://b"},{"node_id":"c","url":null}]})");
        record("a", "c1", "r1");
        record("b", "c2", "r1");
        record("c", "c1", "r1");
        serve("http://local", "a", "c1", "r1",
              R"([{"node_id":"a","url":"http://a","poll_rate_s":1},{"node_id":"b","url":"http://b"}])");
        serve("http://b", "b", "c2", "r1",
              R"([{"node_id":"a","url":"http://x","poll_rate_s":2.5},{"node_id":"d","url":"http://d"}])");
    }

    void record(const std::string& node, const std::string& revision, const std::string& roster) {
        revisions.push_back(
            json::object{{"node_id", node}, {"config_revision", revision}, {"roster_hash", roster}, {"trouble", nullptr}});
    }
    void serve(const std::string& url, const std::string& node, const std::string& revision, const std::string& roster,
               const std::string& nodes) {
        answers[url + "/api/v1/networks/prod/config"] = json::object{
            {"node_id", node}, {"config_revision", revision}, {"roster_hash", roster}, {"nodes", json::parse(nodes)}};
    }
    Result<ConfigDiff> diff(const std::string& left, const std::string& right, std::optional<std::string> network = {}) {
        answers["http://local/api/v1/networks/prod"] = json::object{{"node_id", "a"}, {"revisions", revisions}};
        return fetch_config_diff({.api = "http://local", .network = std::move(network), .left = left, .right = right},
                                 [this](const std::string& url) -> Result<json::value> {
                                     const auto found = answers.find(url);
                                     if (found == answers.end()) return fail("cli.unreachable", "cannot reach " + url);
                                     return found->second;
                                 });
    }
    static std::string text(const ConfigDiff& found) { return config_diff_text(found, Terminal{}); }

    std::map<std::string, json::value> answers;
    json::array revisions;
};

TEST_F(Diff, ShowsEntriesThatDiffer) {
    const auto found = diff("a", "b");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_FALSE(found->same);
    EXPECT_EQ(text(*found),
              "a: config c1, node list and keys r1\n"
              "b: config c2, node list and keys r1\n"
              "  a poll_rate_s: 1 -> 2.5\n"
              "  a url: http://a -> http://x\n"
              "  b: listed -> not listed\n"
              "  d: not listed -> listed\n");
}

TEST_F(Diff, KnowsTheSameByItsHashes) {
    const auto found = diff("a", "c");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->same);
    EXPECT_EQ(found->right.stand_in, "a") << "c has no URL, and runs what a runs";
    EXPECT_NE(text(*found).find("the same configuration"), std::string::npos);
}

TEST_F(Diff, SaysWhatItCannotKnow) {
    answers.erase("http://b/api/v1/networks/prod/config");
    const auto found = diff("b", "a");
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->same);
    EXPECT_TRUE(found->differences.empty());
    EXPECT_NE(text(*found).find("its entries are not known: cannot reach http://b/"), std::string::npos);
    EXPECT_EQ(text(*found).find("their entries are the same"), std::string::npos);
}

TEST_F(Diff, DoesNotTakeAnotherNodesAnswerForIts) {
    serve("http://b", "z", "c2", "r1", "[]");
    EXPECT_EQ(diff("a", "b")->right.why_not, "http://b answers as 'z'");
    serve("http://b", "b", "c9", "r1", "[]");
    EXPECT_NE(diff("a", "b")->right.why_not.find("not what its record says"), std::string::npos);
}

TEST_F(Diff, NamesWrongNames) {
    EXPECT_EQ(diff("a", "bb").error().code, "cli.unknown_node");
    EXPECT_EQ(diff("a", "b", "other").error().code, "cli.unknown_network");
    EXPECT_TRUE(diff("a", "b", "p")) << "by its folder";
}

}  // namespace
}  // namespace meshmon::cli
