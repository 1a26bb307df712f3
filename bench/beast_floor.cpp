#include "beast_floor.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "base/check.hpp"

namespace meshmon::bench {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> serve(tcp::socket socket) {
    beast::flat_buffer buffer;
    while (true) {
        beast::http::request<beast::http::empty_body> request;
        auto reading = beast::http::async_read(socket, buffer, request, kTuple);
        const auto read = co_await std::move(reading);
        if (std::get<0>(read)) co_return;
        beast::http::response<beast::http::empty_body> response(beast::http::status::ok, 11);
        response.prepare_payload();
        auto writing = beast::http::async_write(socket, response, kTuple);
        const auto written = co_await std::move(writing);
        if (std::get<0>(written)) co_return;
    }
}

asio::awaitable<void> ask(tcp::socket& socket, beast::flat_buffer& buffer) {
    beast::http::request<beast::http::empty_body> request(beast::http::verb::get, "/", 11);
    request.set(beast::http::field::host, "127.0.0.1");
    auto writing = beast::http::async_write(socket, request, kTuple);
    const auto written = co_await std::move(writing);
    MM_CHECK(!std::get<0>(written), "the floor's request cannot be written");
    beast::http::response<beast::http::empty_body> response;
    auto reading = beast::http::async_read(socket, buffer, response, kTuple);
    const auto read = co_await std::move(reading);
    MM_CHECK(!std::get<0>(read), "the floor's answer cannot be read");
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor) {
    while (true) {
        auto accepting = acceptor.async_accept(kTuple);
        auto accepted = co_await std::move(accepting);
        if (std::get<0>(accepted)) co_return;
        std::get<1>(accepted).set_option(tcp::no_delay(true));
        asio::co_spawn(acceptor.get_executor(), serve(std::move(std::get<1>(accepted))), asio::detached);
    }
}

asio::awaitable<void> ask_often(tcp::socket& socket, asio::steady_timer& timer, double per_second, double seconds) {
    const auto spacing = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(1 / per_second));
    beast::flat_buffer buffer;
    auto due = std::chrono::steady_clock::now();
    const auto end = due + std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
    for (; due < end; due += spacing) {
        timer.expires_at(due);
        auto waiting = timer.async_wait(kTuple);
        co_await std::move(waiting);
        auto asking = ask(socket, buffer);
        co_await std::move(asking);
    }
}

}  // namespace

struct BeastPair::State {
    asio::io_context io{1};
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    tcp::socket client{io};
    beast::flat_buffer buffer;
};

BeastPair::BeastPair() : state_(std::make_unique<State>()) {
    asio::co_spawn(state_->io, accept_all(state_->acceptor), asio::detached);
    state_->client.connect(state_->acceptor.local_endpoint());
    state_->client.set_option(tcp::no_delay(true));
}

BeastPair::~BeastPair() = default;

void BeastPair::round() {
    bool done = false;
    asio::co_spawn(state_->io, ask(state_->client, state_->buffer), [&done](const std::exception_ptr&) { done = true; });
    while (!done) state_->io.run_one();
}

int serve_floor() {
    asio::io_context io(1);
    tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    asio::co_spawn(io, accept_all(acceptor), asio::detached);
    fmt::print("{}\n", acceptor.local_endpoint().port());
    std::fflush(stdout);
    asio::posix::stream_descriptor input(io, dup(STDIN_FILENO));
    char byte = 0;
    input.async_read_some(asio::buffer(&byte, 1), [&io](boost::system::error_code, std::size_t) { io.stop(); });
    io.run();
    return 0;
}

int ask_floor(std::uint16_t port, double per_second, double seconds) {
    asio::io_context io(1);
    tcp::socket socket(io);
    socket.connect({asio::ip::address_v4::loopback(), port});
    socket.set_option(tcp::no_delay(true));
    asio::steady_timer timer(io);
    asio::co_spawn(io, ask_often(socket, timer, per_second, seconds), asio::detached);
    io.run();
    return 0;
}

}  // namespace meshmon::bench
