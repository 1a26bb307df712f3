#include "net/server.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <charconv>
#include <utility>

#include "net/loop_impl.hpp"
#include "net/session.hpp"
#include "net/task_group.hpp"

namespace meshmon::net {
namespace {

constexpr auto kAcceptPause = std::chrono::milliseconds(50);  // while the system has no file or memory for us
constexpr int kUnackedMs = 60'000;                            // a peer that vanished takes its connection with it

/// Accepted connections leave half of the open files to our own.
std::size_t connections_max(std::size_t wanted) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
    return std::min(wanted, static_cast<std::size_t>(limit.rlim_cur / 2));
}

void tune(tcp::socket& socket) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnackedMs, sizeof kUnackedMs);
}

/// The other side as people write it: an IPv4 address that came in through an IPv6 socket is an IPv4 address.
std::string remote_address(const tcp::socket& socket) {
    error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error) return {};
    const asio::ip::address address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

Error listen_error(error_code error, const HttpServer::Options& options) {
    const std::string where = options.address.contains(':') ? fmt::format("[{}]:{}", options.address, options.port)
                                                            : fmt::format("{}:{}", options.address, options.port);
    if (error == asio::error::address_in_use)
        return fail("net.address_in_use", where + " is in use by another program",
                    "stop that program, or listen on another port");
    if (error == boost::system::errc::address_not_available)
        return fail("net.bad_address", where + " is not an address of this machine",
                    "listen on 0.0.0.0 or [::] for all addresses");
    return fail("net.listen", "cannot listen on " + where + ": " + error.message());
}

}  // namespace

class HttpServer::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(asio::io_context& io, Options options)
        : core(std::make_shared<ServerCore>()), io_(io), acceptor_(io), sweep_(io), tasks_(io) {
        core->options = std::move(options);
    }

    Result<> listen();
    void stop(std::function<void()> joined);
    [[nodiscard]] std::uint16_t port() const { return port_; }

    std::shared_ptr<ServerCore> core;

private:
    static asio::awaitable<void> accept(std::shared_ptr<Impl> self);
    error_code open(const asio::ip::address& address);
    void take(tcp::socket socket);
    bool make_room();
    void arm_sweep();
    void sweep();

    asio::io_context& io_;
    tcp::acceptor acceptor_;
    asio::steady_timer sweep_;
    TaskGroup tasks_;
    std::uint16_t port_ = 0;
    bool stopping_ = false;
    bool sweeping_ = false;
};

Result<> HttpServer::Impl::listen() {
    error_code error;
    const auto address = asio::ip::make_address(core->options.address, error);
    if (error)
        return fail("net.bad_address", fmt::format("'{}' is not an IP address", core->options.address),
                    "write for example 127.0.0.1, 0.0.0.0 or [::]");
    error = open(address);
    if (error) {
        error_code ignored;
        acceptor_.close(ignored);
        return listen_error(error, core->options);
    }
    port_ = acceptor_.local_endpoint(error).port();
    core->options.connections_max = connections_max(core->options.connections_max);
    tasks_.spawn(accept(shared_from_this()), [weak = weak_from_this()] {
        const auto self = weak.lock();
        error_code ignored;
        if (self) self->acceptor_.close(ignored);
        if (self) self->sweep_.cancel();
    });
    return {};
}

error_code HttpServer::Impl::open(const asio::ip::address& address) {
    const tcp::endpoint endpoint(address, core->options.port);
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && address.is_v6()) acceptor_.set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    return error;
}

asio::awaitable<void> HttpServer::Impl::accept(std::shared_ptr<Impl> self) {
    while (!self->stopping_) {
        auto accepting = self->acceptor_.async_accept(kTuple);
        auto accepted = co_await std::move(accepting);
        auto& [error, socket] = accepted;
        if (self->stopping_) break;
        if (!error) {
            self->take(std::move(socket));
        } else if (error != asio::error::connection_aborted) {
            // Out of files or memory: the connection stays in the backlog, so a pause keeps this from spinning.
            self->make_room();
            asio::steady_timer pause(self->io_, kAcceptPause);
            auto pausing = pause.async_wait(kTuple);
            co_await std::move(pausing);
        }
    }
}

void HttpServer::Impl::take(tcp::socket socket) {
    if (core->sessions.size() >= core->options.connections_max && !make_room()) {
        ++core->counters.refused_full;
        return;
    }
    tune(socket);
    std::string remote = remote_address(socket);
    auto session = std::make_shared<Session>(core, std::move(socket), std::move(remote));
    tasks_.spawn(Session::run(session), [weak = std::weak_ptr(session)] {
        if (const auto alive = weak.lock()) alive->close();
    });
    if (!sweeping_) arm_sweep();
}

/// Closes the connection that is missed least: idle, rather one that never sent a request, then the longest idle.
bool HttpServer::Impl::make_room() {
    Session* victim = nullptr;
    for (Session* session : core->sessions) {
        if (!session->idle()) continue;
        if (victim == nullptr || std::pair(session->served(), session->since()) < std::pair(victim->served(), victim->since()))
            victim = session;
    }
    if (victim == nullptr) return false;
    ++core->counters.evicted;
    victim->close();
    return true;
}

void HttpServer::Impl::arm_sweep() {
    sweeping_ = true;
    sweep_.expires_after(kSweep);
    sweep_.async_wait([weak = weak_from_this()](error_code error) {
        const auto self = weak.lock();
        if (self && !error && !self->stopping_) self->sweep();
    });
}

void HttpServer::Impl::sweep() {
    const MonoTime now = Loop::now().mono;
    for (Session* session : core->sessions) session->sweep(now);
    sweeping_ = false;
    if (!core->sessions.empty()) arm_sweep();
}

void HttpServer::Impl::stop(std::function<void()> joined) {
    stopping_ = true;
    core->handler = nullptr;
    tasks_.stop(std::move(joined));
}

HttpServer::HttpServer(Loop& loop, Options options, HttpHandler& handler)
    : impl_(std::make_shared<Impl>(loop.impl().io, std::move(options))) {
    impl_->core->handler = &handler;
}

HttpServer::~HttpServer() { stop(); }

Result<> HttpServer::listen() { return impl_->listen(); }

std::uint16_t HttpServer::port() const { return impl_->port(); }

void HttpServer::stop(std::function<void()> joined) { impl_->stop(std::move(joined)); }

HttpServer::Counters HttpServer::counters() const {
    Counters counters = impl_->core->counters;
    counters.open = impl_->core->sessions.size();
    return counters;
}

Result<Endpoint> parse_endpoint(std::string_view text) {
    const auto bad = [&] {
        return fail("net.bad_address", fmt::format("'{}' is not an address and port", text),
                    "write for example 0.0.0.0:8000 or [::]:8000");
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return bad();
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);

    Endpoint endpoint;
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
    error_code error;
    const auto address = asio::ip::make_address(std::string(host), error);
    if (error || address.is_v6() != bracketed || failure != std::errc() || end != digits.data() + digits.size()) return bad();
    endpoint.address = host;
    return endpoint;
}

}  // namespace meshmon::net
