#include "net/client.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "net/sync_client.hpp"
#include "net/test_support.hpp"

namespace meshmon::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::kLimit;
using testing::TestServer;

/// A listening socket that does on each connection what the test says, on its own thread.
class ScriptedServer {
public:
    using Script = std::function<void(int socket, int connection)>;

    explicit ScriptedServer(Script script, int backlog = 16) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(listen(socket_, backlog), 0);
        socklen_t size = sizeof address;
        getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        if (!script) return;
        thread_ = std::thread([this, script = std::move(script)] {
            for (int i = 0;; ++i) {
                const int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
                if (connection < 0) return;
                script(connection, i);
                close(connection);
            }
        });
    }

    ~ScriptedServer() {
        shutdown(socket_, SHUT_RDWR);
        if (thread_.joinable()) thread_.join();
        close(socket_);
    }

    ScriptedServer(const ScriptedServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

private:
    int socket_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

/// Reads one request's header; false if the client has closed.
bool read_request(int socket) {
    std::string text;
    char piece[4096];
    while (!text.contains("\r\n\r\n")) {
        const ssize_t size = recv(socket, piece, sizeof piece, 0);
        if (size <= 0) return false;
        text.append(piece, static_cast<std::size_t>(size));
    }
    return true;
}

void say(int socket, std::string_view text) {
    EXPECT_EQ(send(socket, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
}

void reset(int socket) {
    const linger hard{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

/// Holds until the client closes.
void wait_for_end(int socket) {
    char piece[4096];
    while (recv(socket, piece, sizeof piece, 0) > 0) {
    }
}

ScriptedServer::Script answers(std::string text) {
    return [text = std::move(text)](int socket, int) {
        if (read_request(socket)) say(socket, text);
    };
}

class HttpClientTest : public ::testing::Test {
protected:
    void make(HttpClient::Options options) { client = std::make_unique<HttpClient>(loop, std::move(options)); }

    ClientRequest request(std::string url, Duration limit = kLimit) {
        ClientRequest asked;
        asked.url = std::move(url);
        asked.deadline = Loop::now().mono + limit;
        return asked;
    }

    ClientResult ask(ClientRequest asked) {
        if (client == nullptr) make({});
        std::optional<ClientResult> result;
        client->start(std::move(asked), [&](ClientResult value) { result = std::move(value); });
        EXPECT_FALSE(result) << "called from inside start()";
        EXPECT_TRUE(loop.run_until([&] { return result.has_value(); }, kLimit + seconds(5)));
        return result.value_or(ClientResult{});
    }

    ClientResult ask(std::string url) { return ask(request(std::move(url))); }

    std::string failure(const ClientResult& result) {
        return result.outcome == Outcome::failed ? std::string(to_string(result.failure)) + ": " + result.detail : "did not fail";
    }

    Loop loop;
    std::unique_ptr<HttpClient> client;
};

TEST_F(HttpClientTest, AsksAndKeepsTheConnection) {
    TestServer server;
    for (int i = 0; i < 10; ++i) {
        ClientRequest asked = request(server.url("/a?b=c"));
        asked.method = http::Method::post;
        asked.body = "text";
        asked.headers = {{"X-Name", "value"}};
        const ClientResult result = ask(std::move(asked));
        ASSERT_EQ(result.outcome, Outcome::answered) << result.detail;
        ASSERT_EQ(result.response.status, 200);
        ASSERT_EQ(result.response.body, "/a text");
        EXPECT_LE(result.started, result.sent);
        EXPECT_LE(result.sent, result.first_byte);
        EXPECT_LE(result.first_byte, Loop::now().mono);
    }
    EXPECT_EQ(server.counters().accepted, 1U);
    EXPECT_EQ(client->counters().connected, 1U);
    EXPECT_EQ(client->counters().reused, 9U);
    EXPECT_EQ(client->counters().idle, 1U);
    EXPECT_EQ(client->counters().active, 0U);
}

TEST_F(HttpClientTest, SendsWhatItWasGiven) {
    TestServer server;
    http::Request seen;
    server.handler.answer = [&](http::Request asked) {
        seen = std::move(asked);
        http::Response response;
        response.status = 404;
        response.set("X-Answer", "yes");
        return response;
    };
    ClientRequest asked = request(server.url("/%20?q=1"));
    asked.method = http::Method::del;
    asked.headers = {{"X-Name", "value"}, {"X-Split", "a\r\nb: c"}};
    const ClientResult result = ask(std::move(asked));
    EXPECT_EQ(result.outcome, Outcome::answered);
    EXPECT_EQ(result.response.status, 404);
    EXPECT_EQ(result.response.header("x-answer"), "yes");
    EXPECT_EQ(seen.method, http::Method::del);
    EXPECT_EQ(seen.path, "/ ");
    EXPECT_EQ(seen.header("x-name"), "value");
    EXPECT_EQ(seen.header("host"), "127.0.0.1:" + std::to_string(server.port()));
    EXPECT_FALSE(seen.headers.contains("b"));
}

TEST_F(HttpClientTest, MakesAFreshConnectionWhenAsked) {
    TestServer server;
    ask(server.url("/"));
    ClientRequest asked = request(server.url("/"));
    asked.fresh_connection = true;
    ask(std::move(asked));
    EXPECT_EQ(client->counters().connected, 2U);
    EXPECT_EQ(client->counters().idle, 1U);
}

TEST_F(HttpClientTest, TakesHeadAndEmptyAnswers) {
    TestServer server;
    server.handler.answer = [](const http::Request& asked) {
        http::Response response;
        response.status = asked.path == "/none" ? 204 : 200;
        response.body = "ignored";
        return response;
    };
    ClientRequest head = request(server.url("/"));
    head.method = http::Method::head;
    EXPECT_EQ(ask(std::move(head)).response.body, "");
    EXPECT_EQ(ask(server.url("/none")).response.status, 204);
    EXPECT_EQ(ask(server.url("/")).response.body, "ignored");
    EXPECT_EQ(client->counters().connected, 1U);
}

TEST_F(HttpClientTest, ReadsEveryFormOfBody) {
    const ScriptedServer chunked(
        answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
    EXPECT_EQ(ask(chunked.url()).response.body, "abcde");
    const ScriptedServer to_end(answers("HTTP/1.1 200 OK\r\n\r\nuntil the end"));
    EXPECT_EQ(ask(to_end.url()).response.body, "until the end");
    const ScriptedServer interim(
        answers("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: "
                "2\r\n\r\nok"));
    const ClientResult result = ask(interim.url());
    EXPECT_EQ(result.response.status, 201);
    EXPECT_EQ(result.response.body, "ok");
    EXPECT_FALSE(result.response.header("A"));
    const ScriptedServer slow([](int socket, int) {
        read_request(socket);
        for (const char c : std::string("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")) say(socket, std::string(1, c));
    });
    EXPECT_EQ(ask(slow.url()).response.body, "abc");
}

TEST_F(HttpClientTest, ReadsALargeBodyWithinItsLimit) {
    TestServer server;
    const std::string large(900'000, 'x');
    server.handler.answer = [&](const http::Request&) {
        http::Response response;
        response.body = large;
        return response;
    };
    EXPECT_EQ(ask(server.url("/")).response.body, large);
    ClientRequest asked = request(server.url("/"));
    asked.response_max = 899'999;
    EXPECT_EQ(failure(ask(std::move(asked))),
              "http: the answer of 127.0.0.1:" + std::to_string(server.port()) + " is longer than 899999 bytes");
}

TEST_F(HttpClientTest, LimitsChunkedAndEndlessBodiesToo) {
    const ScriptedServer chunked(
        answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n"));
    const ScriptedServer to_end(answers("HTTP/1.1 200 OK\r\n\r\nabcdefabcdef"));
    for (const ScriptedServer* server : {&chunked, &to_end}) {
        ClientRequest asked = request(server->url());
        asked.response_max = 11;
        EXPECT_TRUE(failure(ask(std::move(asked))).ends_with("is longer than 11 bytes"));
    }
}

TEST_F(HttpClientTest, FailsWithDns) {
    make({.lookup = [](const std::string& host) -> Result<std::vector<std::string>> {
        return fail("net.dns", "name '" + host + "' does not resolve");
    }});
    EXPECT_EQ(failure(ask("http://x.invalid/")), "dns: name 'x.invalid' does not resolve");
}

TEST_F(HttpClientTest, FailsWithDnsIfTheLookupHangs) {
    std::promise<void> gate;
    const std::shared_future<void> opened = gate.get_future().share();
    make({.lookup = [opened](const std::string&) -> Result<std::vector<std::string>> {
        opened.wait();
        return std::vector<std::string>{"127.0.0.1"};
    }});
    EXPECT_TRUE(failure(ask(request("http://x.invalid/", milliseconds(30))))
                    .starts_with("dns: name 'x.invalid' does not resolve within "));
    client.reset();
    gate.set_value();
}

TEST_F(HttpClientTest, FailsWithConnect) {
    std::string url;
    std::uint16_t port = 0;
    {
        const ScriptedServer gone(nullptr);
        url = gone.url();
        port = gone.port();
    }
    EXPECT_EQ(failure(ask(url)), "connect: connection refused by 127.0.0.1:" + std::to_string(port));
}

TEST_F(HttpClientTest, FailsWithTimeoutIfNoConnectionComes) {
    // A listener with a full backlog answers no more than a host that is switched off.
    const ScriptedServer full(nullptr, 0);
    const testing::RawClient first(full.port());
    const ClientResult result = ask(request(full.url(), milliseconds(100)));
    EXPECT_TRUE(failure(result).starts_with("timeout: no connection to 127.0.0.1:" + std::to_string(full.port()) + " within "));
}

TEST_F(HttpClientTest, FailsWithTimeoutIfNoAnswerComes) {
    const ScriptedServer silent([](int socket, int) { wait_for_end(socket); });
    EXPECT_EQ(failure(ask(request(silent.url(), seconds(1)))),
              "timeout: no answer from 127.0.0.1:" + std::to_string(silent.port()) + " within 1.0 s");
    const ScriptedServer half([](int socket, int) {
        say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
        wait_for_end(socket);
    });
    EXPECT_TRUE(failure(ask(request(half.url(), milliseconds(300))))
                    .starts_with("timeout: no complete answer from 127.0.0.1:" + std::to_string(half.port())));
    EXPECT_EQ(client->counters().idle, 0U);
}

TEST_F(HttpClientTest, FailsWithTimeoutWhileTheOtherSideDoesNotRead) {
    std::promise<void> over;
    const ScriptedServer deaf([done = over.get_future().share()](int, int) { done.wait(); });
    ClientRequest asked = request(deaf.url());
    asked.method = http::Method::post;
    asked.body.assign(64U << 20U, 'x');  // more than both sides' socket buffers
    asked.deadline = Loop::now().mono + milliseconds(300);
    EXPECT_TRUE(failure(ask(std::move(asked))).starts_with("timeout: no answer from 127.0.0.1:"));
    over.set_value();
}

TEST_F(HttpClientTest, FailsWithHttp) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "is not HTTP"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "ends early"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "ends early"},
        {"HTTP/1.1 200 OK\r\nContent-Le", "ends early"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nab", "is not HTTP"},
        {"HTTP/1.1 101 Switching Protocols\r\n\r\n", "is not HTTP"},
        {"HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", "has a header over"},
        {"", "closed the connection without an answer"},
    };
    for (const auto& [text, detail] : cases) {
        const ScriptedServer server(answers(text));
        const std::string failed = failure(ask(server.url()));
        EXPECT_TRUE(failed.starts_with("http: ") && failed.contains(detail)) << failed << " for " << text.substr(0, 80);
    }
    EXPECT_TRUE(failure(ask("nonsense")).starts_with("http: 'nonsense' is not a usable URL"));
}

TEST_F(HttpClientTest, AResetOfAFreshConnectionIsAFailure) {
    const ScriptedServer server([](int socket, int) {
        read_request(socket);
        reset(socket);
    });
    EXPECT_EQ(failure(ask(server.url())),
              "http: 127.0.0.1:" + std::to_string(server.port()) + " closed the connection without an answer");
}

enum class Ending { close, reset, half_an_answer };

/// Answers one request on each connection, and ends it when the second has come.
ScriptedServer::Script ends_at_second(Ending ending) {
    return [ending](int socket, int) {
        read_request(socket);
        say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        if (!read_request(socket)) return;
        if (ending == Ending::half_an_answer) say(socket, "HTTP/1.1 200");
        if (ending == Ending::reset) reset(socket);
    };
}

TEST_F(HttpClientTest, TellsALostReusedConnectionApart) {
    for (const Ending ending : {Ending::close, Ending::reset, Ending::half_an_answer}) {
        const ScriptedServer server(ends_at_second(ending));
        EXPECT_EQ(ask(server.url()).outcome, Outcome::answered);
        EXPECT_EQ(ask(server.url()).outcome,
                  ending == Ending::half_an_answer ? Outcome::failed : Outcome::reused_connection_lost);
        EXPECT_EQ(ask(server.url()).outcome, Outcome::answered);
        client.reset();  // or the server would wait for its next request
    }
}

TEST_F(HttpClientTest, DoesNotReuseWhatTheServerHasClosedMeanwhile) {
    std::promise<void> closed;
    const ScriptedServer server([&](int socket, int connection) {
        read_request(socket);
        say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        if (connection == 0) {
            shutdown(socket, SHUT_WR);
            closed.set_value();
        }
    });
    EXPECT_EQ(ask(server.url()).outcome, Outcome::answered);
    closed.get_future().wait();
    EXPECT_EQ(ask(server.url()).outcome, Outcome::answered);
    EXPECT_EQ(client->counters().reused, 0U);
}

TEST_F(HttpClientTest, DoesNotKeepWhatCannotBeReused) {
    for (const char* text :
         {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore than announced"}) {
        const ScriptedServer server(answers(text));
        EXPECT_EQ(ask(server.url()).outcome, Outcome::answered) << text;
        EXPECT_EQ(client->counters().idle, 0U) << text;
    }
}

TEST_F(HttpClientTest, KeepsAtMostSoManyConnectionsAndNotForEver) {
    TestServer one;
    TestServer two;
    make({.idle_max = 1, .idle_timeout = milliseconds(20)});
    ask(one.url("/"));
    ask(two.url("/"));
    EXPECT_EQ(client->counters().idle, 1U);
    ask(two.url("/"));
    EXPECT_EQ(client->counters().reused, 1U);
    EXPECT_TRUE(loop.run_until([&] { return client->counters().idle == 0; }, kLimit));
}

TEST_F(HttpClientTest, TriesTheNextAddressWhenOneFails) {
    TestServer server;
    make({.lookup = [](const std::string& host) -> Result<std::vector<std::string>> {
        // 2001:db8::1 has no route here; 127.0.0.2 refuses.
        if (host == "refuses.test") return std::vector<std::string>{"2001:db8::1", "127.0.0.2", "127.0.0.1"};
        return std::vector<std::string>{"127.0.0.3", "127.0.0.2"};
    }});
    EXPECT_EQ(ask("http://refuses.test:" + std::to_string(server.port()) + "/x").response.body, "/x ");
    const std::string failed = failure(ask("http://none.test:" + std::to_string(server.port()) + "/x"));
    EXPECT_TRUE(failed.starts_with("connect: connection refused by 127.0.0.3:") &&
                failed.contains("; connection refused by 127.0.0.2:"))
        << failed;
}

TEST_F(HttpClientTest, ASilentAddressDoesNotHoldUpTheNext) {
    const ScriptedServer full(nullptr, 0);  // on 127.0.0.1
    const testing::RawClient first(full.port());
    TestServer server(HttpServer::Options{.address = "127.0.0.2", .port = full.port()});
    make({.lookup = [](const std::string&) -> Result<std::vector<std::string>> {
        return std::vector<std::string>{"127.0.0.1", "127.0.0.2"};
    }});
    EXPECT_EQ(ask("http://a.test:" + std::to_string(full.port()) + "/x").response.body, "/x ");
}

TEST_F(HttpClientTest, HandsOutABodyPieceByPiece) {
    TestServer server;
    const auto stream = std::make_shared<http::Stream>(1000);
    server.handler.answer = [&](const http::Request&) {
        http::Response response;
        response.stream = stream;
        return response;
    };
    std::string got;
    ClientRequest asked = request(server.url("/"));
    asked.on_chunk = [&](std::string_view piece) {
        got.append(piece);
        if (got == "one") server.loop.post([&] { stream->push("two"); });
        return got != "onetwo";
    };
    server.on_loop([&] { stream->push("one"); });
    const ClientResult result = ask(std::move(asked));
    EXPECT_EQ(result.outcome, Outcome::answered);
    EXPECT_EQ(result.response.status, 200);
    EXPECT_EQ(result.response.body, "");
    EXPECT_EQ(got, "onetwo");
    EXPECT_TRUE(server.await([](const auto& counters) { return counters.open == 0; }));
}

TEST_F(HttpClientTest, AStreamOutlivesTheDeadlineOnceItHasBegun) {
    TestServer server;
    const auto stream = std::make_shared<http::Stream>(1000);
    server.handler.answer = [&](const http::Request&) {
        http::Response response;
        response.stream = stream;
        return response;
    };
    server.on_loop([&] { stream->push("one"); });
    make({});
    ClientRequest asked = request(server.url("/"), seconds(2));
    const MonoTime deadline = asked.deadline;
    std::optional<ClientResult> result;
    bool begun = false;
    asked.on_chunk = [&](std::string_view) { return begun = true; };
    client->start(std::move(asked), [&](ClientResult value) { result = std::move(value); });
    ASSERT_TRUE(loop.run_until([&] { return begun; }, kLimit));
    EXPECT_FALSE(loop.run_until([&] { return result.has_value(); }, deadline - Loop::now().mono + milliseconds(20)));
    server.on_loop([&] { stream->close(); });
    ASSERT_TRUE(loop.run_until([&] { return result.has_value(); }, kLimit));
    EXPECT_EQ(result->outcome, Outcome::answered);
}

TEST_F(HttpClientTest, CancelKeepsDoneFromBeingCalled) {
    const ScriptedServer silent([](int socket, int) { wait_for_end(socket); });
    make({});
    int called = 0;
    const auto id = client->start(request(silent.url()), [&](const ClientResult&) { ++called; });
    const auto early = client->start(request(silent.url()), [&](const ClientResult&) { ++called; });
    client->cancel(early);
    EXPECT_FALSE(loop.run_until([&] { return client->counters().active == 0; }, milliseconds(20)));
    client->cancel(id);
    client->cancel(id);
    EXPECT_TRUE(loop.run_until([&] { return client->counters().active == 0; }, kLimit));
    EXPECT_FALSE(loop.run_until([&] { return called > 0; }, milliseconds(5)));
}

TEST_F(HttpClientTest, StopEndsRequestsAtEveryStageAndJoins) {
    std::promise<void> gate;
    const std::shared_future<void> opened = gate.get_future().share();
    make({.lookup = [opened](const std::string&) -> Result<std::vector<std::string>> {
        opened.wait();
        return std::vector<std::string>{"127.0.0.1"};
    }});
    TestServer server;
    const auto stream = std::make_shared<http::Stream>(1000);
    server.handler.answer = [&](const http::Request& asked) {
        http::Response response;
        if (asked.path == "/s") response.stream = stream;
        return response;
    };
    const ScriptedServer full(nullptr, 0);
    const testing::RawClient first(full.port());
    ask(server.url("/keep"));
    int called = 0;
    const auto count = [&](const ClientResult&) { ++called; };
    client->start(request("http://hangs.test/"), count);
    client->start(request(full.url()), count);
    ClientRequest streamed = request(server.url("/s"));
    bool begun = false;
    streamed.on_chunk = [&](std::string_view) { return begun = true; };
    server.on_loop([&] { stream->push("one"); });
    client->start(std::move(streamed), count);
    ASSERT_TRUE(loop.run_until([&] { return begun; }, kLimit));
    client->start(request(server.url("/just begun")), count);
    bool joined = false;
    client->stop([&] { joined = true; });
    EXPECT_FALSE(joined);
    ASSERT_TRUE(loop.run_until([&] { return joined; }, kLimit));
    EXPECT_EQ(client->counters().active, 0U);
    EXPECT_EQ(client->counters().idle, 0U);
    client->start(request(server.url("/late")), count);
    EXPECT_FALSE(loop.run_until([&] { return called > 0; }, milliseconds(10)));
    gate.set_value();
}

TEST_F(HttpClientTest, MayBeDestroyedWhileItAsks) {
    const ScriptedServer silent([](int socket, int) { wait_for_end(socket); });
    make({});
    int called = 0;
    for (int i = 0; i < 3; ++i) client->start(request(silent.url()), [&](const ClientResult&) { ++called; });
    EXPECT_TRUE(loop.run_until([&] { return client->counters().connected > 0; }, kLimit));
    client.reset();
    EXPECT_FALSE(loop.run_until([&] { return called > 0; }, milliseconds(5)));
}

TEST_F(HttpClientTest, RefusesMoreRequestsThanItsLimit) {
    const ScriptedServer silent([](int socket, int) { wait_for_end(socket); });
    make({.requests_max = 1});
    const auto id = client->start(request(silent.url()), [](const ClientResult&) {});
    EXPECT_EQ(failure(ask(silent.url())), "connect: more than 1 requests are under way");
    client->cancel(id);
}

TEST(Fetch, AsksWithoutALoopOfOnesOwn) {
    TestServer server;
    const ClientResult result = fetch(server.url("/status"), kLimit);
    EXPECT_EQ(result.outcome, Outcome::answered);
    EXPECT_EQ(result.response.body, "/status ");
    EXPECT_EQ(fetch("http://127.0.0.1:1/", kLimit).failure, Failure::connect);
}

TEST(Fetch, ReadsAStream) {
    TestServer server;
    server.handler.answer = [](const http::Request&) {
        http::Response response;
        response.stream = std::make_shared<http::Stream>(1000);
        response.stream->push("data: 1\n\n");
        return response;
    };
    std::string got;
    const ClientResult result = fetch_stream(server.url("/"), kLimit, [&](std::string_view piece) {
        got.append(piece);
        return false;
    });
    EXPECT_EQ(result.outcome, Outcome::answered);
    EXPECT_EQ(got, "data: 1\n\n");
}

}  // namespace
}  // namespace meshmon::net
