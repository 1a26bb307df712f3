#include "net/test_support.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <utility>

namespace meshmon::net::testing {
namespace {

HttpServer::Options on_loopback(HttpServer::Options options) {
    if (options.port == HttpServer::Options{}.port) options.port = 0;
    if (options.address == "0.0.0.0") options.address = "127.0.0.1";
    return options;
}

}  // namespace

TestServer::TestServer(HttpServer::Options options, TestHandler served)
    : handler(std::move(served)), server(loop, on_loopback(std::move(options)), handler) {
    const auto listening = server.listen();
    EXPECT_TRUE(listening) << listening.error().message;
    port_ = server.port();
    thread_ = std::thread([this] { loop.run(); });
}

TestServer::~TestServer() {
    loop.post([this] { server.stop([this] { loop.stop(); }); });
    thread_.join();
}

void TestServer::on_loop(std::function<void()> task) {
    std::promise<void> done;
    loop.post([&] {
        task();
        done.set_value();
    });
    done.get_future().wait();
}

HttpServer::Counters TestServer::counters() {
    HttpServer::Counters counters;
    on_loop([&] { counters = server.counters(); });
    return counters;
}

bool TestServer::await(const std::function<bool(const HttpServer::Counters&)>& condition) {
    return testing::await([&] { return condition(counters()); });
}

std::string TestServer::url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

bool await(const std::function<bool()>& condition) {
    const MonoTime end = Loop::now().mono + kLimit;
    while (!condition()) {
        if (Loop::now().mono > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

RawClient::RawClient(std::uint16_t port, int receive_buffer) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(kLimit).count(), .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (receive_buffer > 0) setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

RawClient::~RawClient() {
    if (socket_ >= 0) close(socket_);
}

RawClient& RawClient::send(std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) break;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
}

bool RawClient::more() {
    char piece[65536];
    const ssize_t size = recv(socket_, piece, sizeof piece, 0);
    if (size > 0) rest_.append(piece, static_cast<std::size_t>(size));
    EXPECT_FALSE(size < 0 && errno == EAGAIN) << "no answer within the limit; so far: " << rest_.substr(0, 200);
    return size > 0;
}

std::string RawClient::read_until(std::string_view end) {
    std::size_t found = rest_.find(end);
    while (found == std::string::npos) {
        if (!more()) return std::exchange(rest_, {});
        found = rest_.find(end);
    }
    std::string text = rest_.substr(0, found + end.size());
    rest_.erase(0, text.size());
    return text;
}

std::string RawClient::read_all() {
    while (more()) {
    }
    return std::exchange(rest_, {});
}

bool RawClient::closed() { return rest_.empty() && !more(); }

RawClient::Answer RawClient::read(bool head_only) {
    std::string head = read_until("\r\n\r\n");
    Answer answer;
    if (head.size() < 12 || !head.ends_with("\r\n\r\n")) return answer;
    answer.status = std::stoi(head.substr(9, 3));
    for (std::size_t at = head.find("\r\n") + 2; at + 2 < head.size();) {
        const std::size_t end = head.find("\r\n", at);
        const std::size_t colon = head.find(": ", at);
        answer.headers[head.substr(at, colon - at)] = head.substr(colon + 2, end - colon - 2);
        at = end + 2;
    }
    if (head_only || !answer.headers.contains("Content-Length")) return answer;
    const std::size_t size = std::stoul(answer.headers["Content-Length"]);
    while (rest_.size() < size && more()) {
    }
    answer.body = rest_.substr(0, size);
    rest_.erase(0, size);
    return answer;
}

}  // namespace meshmon::net::testing
