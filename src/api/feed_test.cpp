#include "api/feed.hpp"

#include <tuple>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "api/source_for_tests.hpp"

namespace meshmon::api {

namespace {

using namespace std::chrono_literals;

class FeedTest : public testing::Test {
protected:
    FeedTest() {
        source_.add_network("prod", 3);
        source_.add_network("lab", 3);
        source_.add_waiting("stuck", "stuck");
    }

    http::Response listen(std::string last_event_id = {}, std::string network = {}) {
        http::Request request;
        if (!last_event_id.empty()) request.headers["last-event-id"] = std::move(last_event_id);
        if (!network.empty()) request.query["network"] = std::move(network);
        return feed_.subscribe(request, source_);
    }

    void tell(std::string detail, std::string_view network = "prod") {
        mesh::Event event;
        event.node = node_id("node-001");
        event.from = mesh::Status::up;
        event.to = mesh::Status::down;
        event.reason = mesh::Reason::timeout;
        event.at = wall(1000);
        event.detail = std::move(detail);
        feed_.publish(network_id(network), event);
    }

    void tell_numbers(int from, int to) {
        for (int i = from; i < to; ++i) tell(fmt::format("#{}#", i));
    }

    static std::size_t count(std::string_view text, std::string_view what) {
        std::size_t found = 0;
        for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
        return found;
    }

    /// The numbers told by tell_numbers, in the order in which they came.
    static std::vector<int> numbers(std::string_view text) {
        std::vector<int> found;
        for (auto at = text.find("\"#"); at != std::string_view::npos; at = text.find("\"#", at + 1)) {
            found.push_back(std::stoi(std::string(text.substr(at + 2, 8))));
        }
        return found;
    }

    static std::vector<int> range(int from, int to) {
        std::vector<int> all;
        for (int i = from; i < to; ++i) all.push_back(i);
        return all;
    }

    std::string id(int event) const {
        return std::to_string(static_cast<std::uint64_t>(start_.wall.time_since_epoch().count()) * 1000 +
                              static_cast<std::uint64_t>(event));
    }

    SourceForTests source_;
    Now start_{MonoTime(10s), wall(1'795'331'671)};
    Feed::Options options_;
    Feed feed_{options_, start_};
};

TEST_F(FeedTest, GreetsFirstAndThenTellsInOrder) {
    const http::Response response = listen();
    ASSERT_TRUE(response.stream);
    tell_numbers(0, 50);
    const std::string text = response.stream->take();
    EXPECT_TRUE(text.starts_with("retry: 3000\nid: " + id(0) + "\nevent: hello\ndata: {")) << text.substr(0, 200);
    EXPECT_EQ(numbers(text), range(0, 50));
    std::size_t at = 0;
    for (int i = 1; i <= 50; ++i) {
        at = text.find("id: " + id(i) + "\nevent: node_status\ndata: {", at);
        ASSERT_NE(at, std::string::npos) << i;
    }
}

TEST_F(FeedTest, TellsAnEventWhole) {
    const http::Response response = listen();
    std::ignore = response.stream->take();
    tell("it fell");
    EXPECT_EQ(response.stream->take(),
              "id: " + id(1) +
                  "\nevent: node_status\ndata: "
                  R"({"at":"1970-01-01T00:16:40.000Z","network_id":"prod","kind":"node_status","node_id":"node-001","from":"up",)"
                  R"("to":"down","reason":"timeout","reason_text":")" +
                  std::string(mesh::explain(mesh::Reason::timeout)) + R"(","contested":false,"detail":"it fell"})" + "\n\n");
}

TEST_F(FeedTest, KeepsEachEventOnOneLine) {
    const http::Response response = listen();
    std::ignore = response.stream->take();
    tell(nasty_text());
    EXPECT_EQ(count(response.stream->take(), "\n"), 4U);
}

TEST_F(FeedTest, ResumesWhereTheClientStopped) {
    tell_numbers(0, 20);
    const std::string text = listen(id(15)).stream->take();
    EXPECT_EQ(numbers(text), range(15, 20));
    EXPECT_EQ(count(text, "event: gap"), 0U);
    EXPECT_EQ(text.find("id: "), text.find("id: " + id(16))) << "the greeting would move the client past what it still lacks";
}

TEST_F(FeedTest, ResumesWithNothingMissed) {
    tell_numbers(0, 3);
    const std::string text = listen(id(3)).stream->take();
    EXPECT_EQ(numbers(text), range(0, 0));
    EXPECT_EQ(count(text, "event: gap"), 0U);
}

TEST_F(FeedTest, SaysThatEventsAreLost) {
    tell_numbers(0, 1500);
    const std::string text = listen(id(100)).stream->take();
    EXPECT_EQ(count(text, R"(event: gap
data: {"reason":"too_old","last_event_id":")" +
                              id(100)),
              1U);
    EXPECT_LT(text.find("event: hello"), text.find("event: gap"));
    EXPECT_EQ(numbers(text), range(500, 1500)) << "what is kept follows";
}

TEST_F(FeedTest, LosesNothingAtTheEdgeOfWhatIsKept) {
    tell_numbers(0, 1500);
    EXPECT_EQ(count(listen(id(500)).stream->take(), "event: gap"), 0U);
    EXPECT_EQ(count(listen(id(499)).stream->take(), "event: gap"), 1U);
}

TEST_F(FeedTest, KnowsIdsOfAnotherRun) {
    tell_numbers(0, 5);
    for (const std::string& foreign : {std::string("7"), id(6), std::string("18446744073709551616"), std::string("x\" y")}) {
        const std::string text = listen(foreign).stream->take();
        EXPECT_EQ(count(text, R"("reason":"restarted")"), 1U) << foreign;
        EXPECT_EQ(numbers(text), range(0, 5));
    }
}

TEST_F(FeedTest, TellsOneNetworkAlone) {
    tell("#1#");
    const http::Response live = listen({}, "lab");
    const http::Response resumed = listen(id(0), "LAB");
    tell("#2#", "lab");
    tell("#3#");
    feed_.problems_changed(source_.problems(), wall(1000));
    for (const http::Response& response : {live, resumed}) {
        const std::string text = response.stream->take();
        EXPECT_EQ(numbers(text), std::vector{2});
        EXPECT_EQ(count(text, "event: problems"), 1U);
        EXPECT_EQ(count(text, R"("network_id":"prod")"), 0U);
    }
}

TEST_F(FeedTest, ListensToANetworkThatWaits) {
    EXPECT_TRUE(listen({}, "stuck").stream);
    EXPECT_EQ(listen({}, "other").status, 404);
    EXPECT_EQ(listen({}, "no name").status, 404);
}

TEST_F(FeedTest, CutsOffASlowReaderAndLetsItResume) {
    const http::Response slow = listen();
    const http::Response quick = listen();
    std::string read;
    for (int i = 0; i < 8000 && !slow.stream->closed(); ++i) {
        tell_numbers(i, i + 1);
        read += quick.stream->take();
    }
    EXPECT_TRUE(slow.stream->closed());
    EXPECT_EQ(feed_.slow_readers_total(), 1U);
    EXPECT_EQ(feed_.subscribers(), 1U);
    const std::string queued = slow.stream->take();
    EXPECT_LE(queued.size(), options_.subscriber_bytes_max);
    const std::vector<int> got = numbers(queued);
    EXPECT_EQ(got, range(0, static_cast<int>(got.size()))) << "in order and without a hole up to the end";
    tell("#123456#");
    EXPECT_EQ(numbers(quick.stream->take()), std::vector{123456}) << "the quick one loses nothing";
    EXPECT_EQ(numbers(read), range(0, static_cast<int>(numbers(read).size())));
    const std::vector<int> resumed = numbers(listen(id(static_cast<int>(got.size()))).stream->take());
    ASSERT_FALSE(resumed.empty());
    EXPECT_EQ(resumed.back(), 123456);
}

TEST_F(FeedTest, StaysWithinItsBytes) {
    const std::string longest(5000, 'x');
    for (int i = 0; i < 2000; ++i) tell(longest);
    const http::Response response = listen(id(0));
    EXPECT_FALSE(response.stream->closed()) << "a whole replay fits into a stream";
    EXPECT_LE(response.stream->take().size(), options_.bytes_max + 1000);
}

TEST_F(FeedTest, HasPlacesForSixtyFour) {
    std::vector<http::Response> held;
    for (int i = 0; i < 64; ++i) held.push_back(listen());
    const http::Response refused = listen();
    EXPECT_EQ(refused.status, 503);
    EXPECT_FALSE(refused.stream);
    held[10].stream->close();
    held[11] = {};
    EXPECT_EQ(listen().status, 200);
    EXPECT_EQ(listen().status, 200) << "whoever is gone leaves a place";
    EXPECT_EQ(feed_.slow_readers_total(), 0U);
}

TEST_F(FeedTest, AnswersHeadWithoutAPlace) {
    http::Request request;
    request.method = http::Method::head;
    const http::Response response = feed_.subscribe(request, source_);
    EXPECT_EQ(response.header("content-type"), "text/event-stream");
    EXPECT_FALSE(response.stream);
    EXPECT_EQ(feed_.subscribers(), 0U);
}

TEST_F(FeedTest, BreaksTheSilenceEveryFifteenSeconds) {
    const http::Response response = listen();
    std::ignore = response.stream->take();
    feed_.tick(start_.mono + 14s);
    EXPECT_EQ(response.stream->take(), "");
    feed_.tick(start_.mono + 15s);
    EXPECT_EQ(response.stream->take(), ":\n\n");
    feed_.tick(start_.mono + 16s);
    EXPECT_EQ(response.stream->take(), "");
}

TEST_F(FeedTest, CountsProblems) {
    const http::Response response = listen();
    std::ignore = response.stream->take();
    feed_.problems_changed(rich_source().problems(), wall(1000));
    EXPECT_EQ(response.stream->take(),
              "id: " + id(1) +
                  "\nevent: problems\n"
                  R"(data: {"at":"1970-01-01T00:16:40.000Z","worst":"error","error":1,"warning":1,"info":1})" +
                  "\n\n");
}

TEST_F(FeedTest, EndsEveryStreamAtTheStop) {
    const http::Response response = listen();
    tell("#1#");
    feed_.close();
    EXPECT_TRUE(response.stream->closed());
    EXPECT_EQ(numbers(response.stream->take()), std::vector{1}) << "what is queued is still sent";
}

}  // namespace

}  // namespace meshmon::api
