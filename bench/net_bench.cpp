// An exchange over loopback with both ends in this process, layer by layer: bare Beast, our HTTP, the whole of it.

#include <optional>
#include <utility>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "base/check.hpp"
#include "beast_floor.hpp"
#include "net/client.hpp"
#include "net/loop.hpp"
#include "net/server.hpp"
#include "network_pair.hpp"
#include "puppet.hpp"

namespace meshmon::bench {
namespace {

constexpr Duration kLimit = std::chrono::seconds(10);

/// Answers with what `answer` makes of a body.
class Handler final : public net::HttpHandler {
public:
    std::function<Bytes(const http::Request&)> answer = [](const http::Request&) { return Bytes(); };

    std::size_t body_limit(const http::Request&, std::string_view) override { return 1 << 20; }
    http::Response handle(http::Request request) override {
        http::Response response;
        response.set("Content-Type", "application/octet-stream");
        response.body = answer(request);
        return response;
    }
};

/// Our server and our client on one loop.
class HttpPair {
public:
    HttpPair() : server_(loop_, {.address = "127.0.0.1", .port = 0}, handler), client_(loop_, {}) {
        MM_CHECK(server_.listen().has_value(), "the benchmark's server cannot listen");
    }
    ~HttpPair() {
        client_.stop();
        server_.stop();
    }
    HttpPair(const HttpPair&) = delete;
    HttpPair& operator=(const HttpPair&) = delete;

    net::ClientResult post(Bytes body) {
        net::ClientRequest request;
        request.method = http::Method::post;
        request.url = fmt::format("http://127.0.0.1:{}/mesh/v1/bench", server_.port());
        request.headers.emplace_back("Content-Type", "application/octet-stream");
        request.body = std::move(body);
        request.deadline = net::Loop::now().mono + kLimit;
        std::optional<net::ClientResult> result;
        client_.start(std::move(request), [&result](net::ClientResult came) { result = std::move(came); });
        MM_CHECK(loop_.run_until([&result] { return result.has_value(); }, kLimit), "no answer over loopback");
        return std::move(*result);
    }

private:
    net::Loop loop_;

public:
    Handler handler;

private:
    net::HttpServer server_;
    net::HttpClient client_;
};

void beast_request_without_content(benchmark::State& state) {
    BeastPair pair;
    for (auto _ : state) pair.round();
}
BENCHMARK(beast_request_without_content)->MeasureProcessCPUTime();

/// What an exchange needs beside HTTP: each of both messages is sealed once and opened once.
void boxes_of_an_exchange(benchmark::State& state) {
    crypto::SodiumCrypto crypto(node_key(0));
    const crypto::BoxKey key = *crypto.box_key(node_key(1).public_key);
    const Bytes plain(180, 'x');
    for (auto _ : state) {
        for (int message = 0; message < 2; ++message) {
            crypto::BoxNonce nonce{};
            crypto.random(nonce);
            const Bytes sealed = crypto.seal(key, nonce, plain);
            benchmark::DoNotOptimize(crypto.open(key, nonce, sealed));
        }
    }
}
BENCHMARK(boxes_of_an_exchange)->MeasureProcessCPUTime();

void our_request_without_content(benchmark::State& state) {
    HttpPair pair;
    for (auto _ : state) pair.post({});
}
BENCHMARK(our_request_without_content)->MeasureProcessCPUTime();

void our_request_of_an_exchanges_size(benchmark::State& state) {
    HttpPair pair;
    const Bytes body(220, 'x');
    pair.handler.answer = [&body](const http::Request&) { return body; };
    for (auto _ : state) pair.post(body);
}
BENCHMARK(our_request_of_an_exchanges_size)->MeasureProcessCPUTime();

void whole_exchange(benchmark::State& state) {
    HttpPair pair;
    Now now = some_moment();
    NetworkPair networks(now);
    std::size_t self = 0;
    pair.handler.answer = [&](const http::Request& request) {
        mesh::Network& other = networks.node(1 - self);
        mesh::Network::Reply reply = other.handle_exchange(request.remote_address, request.body, now);
        networks.settle(1 - self, now);
        return std::move(reply.body);
    };
    for (auto _ : state) {
        mesh::Network::Transmit transmit = networks.next_request(self, now);
        net::ClientResult result = pair.post(std::move(transmit.body));
        mesh::Network::Answer answer;
        answer.outcome = mesh::Network::Answer::Outcome::answered;
        answer.http_status = result.response.status;
        answer.body = std::move(result.response.body);
        networks.node(self).handle_answer(transmit.id, answer, now);
        networks.settle(self, now);
        self = 1 - self;
    }
    const mesh::Counters& counters = networks.node(0).counters();
    state.counters["succeeded"] =
        static_cast<double>(counters.exchanges_succeeded) / static_cast<double>(counters.exchanges_started);
}
BENCHMARK(whole_exchange)->MeasureProcessCPUTime();

}  // namespace
}  // namespace meshmon::bench
