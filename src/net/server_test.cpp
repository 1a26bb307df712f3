#include "net/server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "net/test_support.hpp"

namespace meshmon::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::RawClient;
using testing::TestHandler;
using testing::TestServer;

std::string get(std::string_view path) { return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

std::string post(std::string_view body) {
    return "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

TEST(HttpServer, AnswersManyRequestsOnOneConnection) {
    TestServer server;
    RawClient client(server.port());
    for (int i = 0; i < 50; ++i) {
        const auto answer = client.send(post("body" + std::to_string(i))).read();
        ASSERT_EQ(answer.status, 200);
        ASSERT_EQ(answer.body, "/p body" + std::to_string(i));
    }
    EXPECT_EQ(server.counters().accepted, 1U);
    EXPECT_EQ(server.counters().requests, 50U);
}

TEST(HttpServer, HandsOverTheRequestDecoded) {
    TestServer server;
    http::Request seen;
    server.handler.answer = [&](http::Request request) {
        seen = std::move(request);
        return http::Response{};
    };
    RawClient client(server.port());
    client.send("DELETE /a%20b?x=1 HTTP/1.1\r\nHost: h\r\nX-Name:  v1 \r\nx-name: v2\r\n\r\n");
    EXPECT_EQ(client.read().status, 200);
    EXPECT_EQ(seen.method, http::Method::del);
    EXPECT_EQ(seen.path, "/a b");
    EXPECT_EQ(seen.query.at("x"), "1");
    EXPECT_EQ(seen.header("x-name"), "v1");
    EXPECT_EQ(seen.remote_address, "127.0.0.1");
}

TEST(HttpServer, ReadsRequestsThatComeByteByByteAndPipelined) {
    TestServer server;
    RawClient client(server.port());
    for (const char c : post("slow")) client.send(std::string(1, c));
    EXPECT_EQ(client.read().body, "/p slow");
    client.send(get("/1") + post("2") + get("/3"));
    EXPECT_EQ(client.read().body, "/1 ");
    EXPECT_EQ(client.read().body, "/p 2");
    EXPECT_EQ(client.read().body, "/3 ");
}

TEST(HttpServer, ReadsChunkedBodies) {
    TestServer server;
    RawClient client(server.port());
    client.send(
        "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: "
        "t\r\n\r\n");
    EXPECT_EQ(client.read().body, "/p hello world");
    EXPECT_EQ(client.send(get("/next")).read().body, "/next ");
}

TEST(HttpServer, AnswersHeadWithoutTheBody) {
    TestServer server;
    RawClient client(server.port());
    client.send("HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.read(true).headers["Content-Length"], "5");
    EXPECT_EQ(client.send(get("/x")).read().body, "/x ");
}

TEST(HttpServer, KeepsTheConnectionAsTheClientAsks) {
    TestServer server;
    RawClient old(server.port());
    old.send("GET /a HTTP/1.0\r\n\r\n");
    EXPECT_EQ(old.read().headers["Connection"], "close");
    EXPECT_TRUE(old.closed());
    RawClient kept(server.port());
    kept.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(kept.read().headers["Connection"], "keep-alive");
    kept.send("GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(kept.read().body, "/b ");
    EXPECT_TRUE(kept.closed());
}

TEST(HttpServer, MeetsTheExpectationToContinue) {
    TestServer server;
    RawClient client(server.port());
    client.send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(client.send("ok").read().body, "/p ok");
    client.send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: wonders\r\n\r\n");
    EXPECT_EQ(client.read().status, 417);
}

TEST(HttpServer, Refuses400WhatIsNotAcceptableHttp) {
    TestServer server;
    const std::vector<std::string> bad = {
        "garbage\r\n\r\n",
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + "\r\n\r\n",
        "GET /a HTTP/1.1\r\n\r\n",
        "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /../a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx",
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nx",
        "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    };
    for (const std::string& text : bad) {
        RawClient client(server.port());
        EXPECT_EQ(client.send(text).read().status, 400) << text;
        EXPECT_TRUE(client.closed()) << text;
    }
    EXPECT_EQ(server.counters().refused_bad, bad.size());
    EXPECT_EQ(server.counters().requests, 0U);
    RawClient client(server.port());
    EXPECT_EQ(client.send("GET / HTTP/3.9\r\n\r\n").read().status, 505);
    EXPECT_EQ(RawClient(server.port()).send(get("/fine")).read().status, 200);
}

TEST(HttpServer, Refuses431HeadersThatAreTooLarge) {
    TestServer server(HttpServer::Options{.header_max = 1024});
    const std::vector<std::string> large = {
        "GET /" + std::string(2000, 'a'),
        get("/").substr(0, 20) + "X: " + std::string(2000, 'b'),
        "GET / HTTP/1.1\r\nHost: a\r\n" +
            [] {
                std::string many;
                for (int i = 0; i < 200; ++i) many += "x: y\r\n";
                return many;
            }() +
            "\r\n",
    };
    for (const std::string& text : large) {
        RawClient client(server.port());
        EXPECT_EQ(client.send(text).read().status, 431) << text.substr(0, 50);
        EXPECT_TRUE(client.closed());
    }
    RawClient trickle(server.port());
    trickle.send("GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 200; ++i) trickle.send("x: y\r\n");
    EXPECT_EQ(trickle.read().status, 431);
    EXPECT_EQ(server.counters().refused_size, 4U);
}

TEST(HttpServer, Refuses413BodiesOverTheLimit) {
    TestServer server;
    server.handler.limit = [](const http::Request&, std::string_view first) { return first == "123456789" ? 1000U : 100U; };
    RawClient announced(server.port());
    EXPECT_EQ(announced.send(post(std::string(101, 'x'))).read().status, 413);
    RawClient chunked(server.port());
    chunked.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 11; ++i) chunked.send("a\r\n0123456789\r\n");
    EXPECT_EQ(chunked.read().status, 413);
    EXPECT_EQ(server.counters().refused_size, 2U);
    EXPECT_EQ(server.counters().requests, 0U);
}

TEST(HttpServer, AsksForTheLimitBeforeTheBodyAndAfterItsFirstBytes) {
    TestServer server;
    std::vector<std::string> asked;
    server.handler.limit = [&](const http::Request& head, std::string_view first) -> std::size_t {
        EXPECT_EQ(head.path, "/p");
        EXPECT_EQ(head.header("host"), "a");
        EXPECT_EQ(head.remote_address, "127.0.0.1");
        asked.emplace_back(first);
        return first == "bad sender" ? 0 : 1000;
    };
    RawClient client(server.port());
    EXPECT_EQ(client.send(post("abc")).read().status, 200);
    EXPECT_EQ(client.send(get("/none")).read().status, 200);
    EXPECT_EQ(client.send(post("bad sender")).read().status, 429);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(asked, (std::vector<std::string>{"", "abc", "", "bad sender"}));
    EXPECT_EQ(server.counters().refused_rate, 1U);
}

TEST(HttpServer, Refuses429WithoutWaitingForTheBody) {
    TestServer server;
    server.handler.limit = [](const http::Request&, std::string_view) { return 0U; };
    RawClient client(server.port());
    EXPECT_EQ(client.send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n").read().status, 429);
}

TEST(HttpServer, ARefusedSenderCanStillReadWhy) {
    TestServer server;
    server.handler.limit = [](const http::Request&, std::string_view) { return 10U; };
    for (int i = 0; i < 20; ++i) {
        RawClient client(server.port());
        ASSERT_EQ(client.send(post(std::string(100'000, 'x'))).read().status, 413);
    }
}

TEST(HttpServer, ClosesSlowRequestsWith408) {
    TestServer server(HttpServer::Options{.header_deadline = milliseconds(20), .body_deadline = milliseconds(20)});
    RawClient silent(server.port());
    RawClient head(server.port());
    head.send("GET / HT");
    RawClient body(server.port());
    body.send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc");
    EXPECT_TRUE(silent.closed());
    EXPECT_EQ(head.read().status, 408);
    EXPECT_TRUE(head.closed());
    EXPECT_EQ(body.read().status, 408);
    EXPECT_TRUE(body.closed());
    EXPECT_EQ(server.counters().timed_out, 2U);
    EXPECT_TRUE(server.await([](const auto& counters) { return counters.open == 0; }));
}

TEST(HttpServer, ClosesIdleConnectionsQuietly) {
    TestServer server(HttpServer::Options{.idle_timeout = milliseconds(20)});
    RawClient client(server.port());
    EXPECT_EQ(client.send(get("/a")).read().status, 200);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.counters().timed_out, 0U);
}

TEST(HttpServer, CutsOffAReaderThatDoesNotRead) {
    TestServer server(HttpServer::Options{.write_deadline = milliseconds(50)});
    server.handler.answer = [](const http::Request&) {
        http::Response response;
        response.body.assign(64U << 20U, 'x');  // more than both sides' socket buffers
        return response;
    };
    RawClient client(server.port(), 4096);
    client.send(get("/large"));
    EXPECT_TRUE(server.await([](const auto& counters) { return counters.timed_out == 1 && counters.open == 0; }));
}

TEST(HttpServer, StreamsUntilTheProducerCloses) {
    TestServer server;
    const auto stream = std::make_shared<http::Stream>(1000);
    server.handler.answer = [&](const http::Request&) {
        http::Response response;
        response.set("Content-Type", "text/event-stream");
        response.stream = stream;
        return response;
    };
    RawClient client(server.port());
    const auto head = client.send(get("/s")).read();
    EXPECT_EQ(head.headers.at("Transfer-Encoding"), "chunked");
    server.on_loop([&] { EXPECT_TRUE(stream->push("hello")); });
    EXPECT_EQ(client.read_until("5\r\nhello\r\n"), "5\r\nhello\r\n");
    server.on_loop([&] {
        EXPECT_TRUE(stream->push("a"));
        EXPECT_TRUE(stream->push("b"));
        stream->close();
    });
    EXPECT_EQ(client.read_all(), "2\r\nab\r\n0\r\n\r\n");
}

TEST(HttpServer, StreamsRawToOldClients) {
    TestServer server;
    const auto stream = std::make_shared<http::Stream>(1000);
    EXPECT_TRUE(stream->push("all"));
    stream->close();
    server.handler.answer = [&](const http::Request&) {
        http::Response response;
        response.stream = stream;
        return response;
    };
    RawClient client(server.port());
    EXPECT_TRUE(client.send("GET /s HTTP/1.0\r\n\r\n").read_all().ends_with("\r\n\r\nall"));
}

TEST(HttpServer, TellsTheProducerThatTheReaderIsGone) {
    TestServer server;
    const auto stream = std::make_shared<http::Stream>(1000);
    server.handler.answer = [&](const http::Request&) {
        http::Response response;
        response.stream = stream;
        return response;
    };
    {
        RawClient client(server.port());
        client.send(get("/s"));
        client.read();
    }
    EXPECT_TRUE(server.await([&](const auto& counters) { return counters.open == 0 && stream->closed(); }));
}

TEST(HttpServer, CutsOffASlowReaderOfAStream) {
    TestServer server(HttpServer::Options{.write_deadline = milliseconds(50)});
    const auto stream = std::make_shared<http::Stream>(1U << 20U);
    server.handler.answer = [&](const http::Request&) {
        http::Response response;
        response.stream = stream;
        return response;
    };
    RawClient client(server.port(), 4096);
    client.send(get("/s"));
    client.read();
    const std::string piece(100'000, 'x');
    EXPECT_TRUE(testing::await([&] {
        bool open = true;
        server.on_loop([&] { open = stream->push(piece); });
        return !open;
    }));
    EXPECT_TRUE(server.await([&](const auto& counters) { return counters.open == 0; }));
}

TEST(HttpServer, HeadOfAStreamHasNoBody) {
    TestServer server;
    const auto stream = std::make_shared<http::Stream>(1000);
    server.handler.answer = [&](const http::Request& request) {
        http::Response response;
        if (request.path == "/s") response.stream = stream;
        return response;
    };
    RawClient client(server.port());
    EXPECT_EQ(client.send("HEAD /s HTTP/1.1\r\nHost: a\r\n\r\n").read(true).headers.at("Transfer-Encoding"), "chunked");
    EXPECT_EQ(client.send(get("/x")).read().status, 200);
    server.on_loop([&] { EXPECT_TRUE(stream->closed()); });
}

TEST(HttpServer, SurvivesAHandlerThatThrows) {
    TestServer server;
    server.handler.answer = [](const http::Request&) -> http::Response { throw std::runtime_error("mistake"); };
    RawClient client(server.port());
    EXPECT_EQ(client.send(get("/a")).read().status, 500);
    EXPECT_EQ(client.send(get("/a")).read().status, 500);
    EXPECT_EQ(server.counters().faults, 2U);
}

TEST(HttpServer, SendsNoHeaderThatWouldSplitTheAnswer) {
    TestServer server;
    server.handler.answer = [](const http::Request&) {
        http::Response response;
        response.set("X-Bad", "a\r\nSet-Cookie: x");
        response.set("X-Good", "b");
        return response;
    };
    const auto answer = RawClient(server.port()).send(get("/a")).read();
    EXPECT_EQ(answer.headers.count("Set-Cookie"), 0U);
    EXPECT_EQ(answer.headers.at("X-Good"), "b");
}

TEST(HttpServer, IdleConnectionsDoNotKeepOthersOut) {
    TestServer server(HttpServer::Options{.connections_max = 100});
    RawClient peer(server.port());
    EXPECT_EQ(peer.send(get("/peer")).read().status, 200);
    std::vector<RawClient> idle;
    for (int i = 0; i < 500; ++i) {
        idle.emplace_back(server.port());
        if (i % 50 == 0) ASSERT_EQ(RawClient(server.port()).send(get("/new")).read().body, "/new ");
    }
    EXPECT_EQ(peer.send(get("/still")).read().body, "/still ");
    EXPECT_EQ(server.counters().refused_full, 0U);
    EXPECT_LE(server.counters().open, 100U);
    EXPECT_TRUE(server.await([](const auto& counters) { return counters.evicted >= 400; }));
}

TEST(HttpServer, RefusesWhatIsOverItsLimitIfNoneIsIdle) {
    TestServer server(HttpServer::Options{.connections_max = 2});
    const auto stream = std::make_shared<http::Stream>(1000);
    server.handler.answer = [&](const http::Request&) {
        http::Response response;
        response.stream = std::make_shared<http::Stream>(1000);
        return response;
    };
    RawClient first(server.port());
    RawClient second(server.port());
    EXPECT_EQ(first.send(get("/s")).read().status, 200);
    EXPECT_EQ(second.send(get("/s")).read().status, 200);
    EXPECT_TRUE(RawClient(server.port()).closed());
    EXPECT_EQ(server.counters().refused_full, 1U);
}

TEST(HttpServer, StopEndsEveryKindOfConnectionAndJoins) {
    auto server = std::make_unique<TestServer>(HttpServer::Options{
        .header_deadline = testing::kLimit, .body_deadline = testing::kLimit, .write_deadline = testing::kLimit});
    std::vector<std::shared_ptr<http::Stream>> streams;
    server->handler.answer = [&](const http::Request& request) {
        http::Response response;
        if (request.path == "/s") {
            streams.push_back(std::make_shared<http::Stream>(1000));
            response.stream = streams.back();
        } else if (request.path == "/large") {
            response.body.assign(8U << 20U, 'x');  // more than both sides' socket buffers
        }
        return response;
    };
    std::vector<RawClient> clients;
    for (int i = 0; i < 20; ++i) {
        clients.emplace_back(server->port());  // idle, never sent anything
        clients.emplace_back(server->port()).send(get("/s"));
        clients.emplace_back(server->port()).send("GET / HTT");
        clients.emplace_back(server->port()).send("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc");
        clients.emplace_back(server->port(), 4096).send(get("/large"));
        RawClient& kept = clients.emplace_back(server->port());
        EXPECT_EQ(kept.send(get("/a")).read().status, 200);
    }
    std::atomic<bool> stopping = false;
    std::thread load([&, port = server->port()] {
        RawClient client(port);
        while (!stopping && client.send(get("/load")).read().status == 200) {
        }
    });
    EXPECT_TRUE(server->await([](const auto& counters) { return counters.open == 121 && counters.requests > 200; }));
    std::promise<void> joined;
    std::size_t open = 1;
    server->on_loop([&] {
        server->server.stop([&] {
            open = server->server.counters().open;
            joined.set_value();
        });
    });
    joined.get_future().wait();
    EXPECT_EQ(open, 0U);
    stopping = true;
    load.join();
    for (const auto& stream : streams) EXPECT_TRUE(stream->closed());
    EXPECT_EQ(streams.size(), 20U);
    server.reset();
}

TEST(HttpServer, MayBeDestroyedWhileItServes) {
    Loop loop;
    TestHandler handler;
    auto server = std::make_unique<HttpServer>(loop, HttpServer::Options{.address = "127.0.0.1", .port = 0}, handler);
    ASSERT_TRUE(server->listen());
    RawClient half(server->port());
    half.send("GET / HT");
    EXPECT_TRUE(loop.run_until([&] { return server->counters().open == 1; }, testing::kLimit));
    server.reset();
}

TEST(HttpServer, ListensOnIpv6ForBothFamilies) {
    TestServer server(HttpServer::Options{.address = "::"});
    std::string remote;
    server.handler.answer = [&](const http::Request& request) {
        remote = request.remote_address;
        return http::Response{};
    };
    EXPECT_EQ(RawClient(server.port()).send(get("/")).read().status, 200);
    EXPECT_EQ(remote, "127.0.0.1");
}

TEST(HttpServer, NamesWhyItCannotListen) {
    TestServer first;
    TestHandler handler;
    Loop loop;
    HttpServer taken(loop, {.address = "127.0.0.1", .port = first.port()}, handler);
    EXPECT_EQ(taken.listen().error().code, "net.address_in_use");
    HttpServer strange(loop, {.address = "nonsense", .port = 0}, handler);
    EXPECT_EQ(strange.listen().error().code, "net.bad_address");
    HttpServer foreign(loop, {.address = "192.0.2.1", .port = 0}, handler);
    EXPECT_EQ(foreign.listen().error().code, "net.bad_address");
}

TEST(Endpoint, ParsesLiterals) {
    EXPECT_EQ(parse_endpoint("127.0.0.1:8001")->address, "127.0.0.1");
    EXPECT_EQ(parse_endpoint("127.0.0.1:8001")->port, 8001);
    EXPECT_EQ(parse_endpoint("[::]:8000")->address, "::");
    for (const char* text : {"", "8000", ":8000", "a:1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:80x", "::1:80",
                             "[127.0.0.1]:80", "[::1]", "[]:1"})
        EXPECT_EQ(parse_endpoint(text).error().code, "net.bad_address") << text;
}

}  // namespace
}  // namespace meshmon::net
