#include "net/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <limits>
#include <utility>

namespace meshmon::net {
namespace {

constexpr std::size_t kReadSmall = 2048;
constexpr std::size_t kReadLarge = 64 * 1024;
constexpr int kInterimMax = 5;  // answers like 100 Continue before the real one

bool may_have_body(http::Method method) { return method == http::Method::post || method == http::Method::put; }

}  // namespace

ClientCore::ClientCore(Loop& loop, asio::io_context& context, HttpClient::Options wanted)
    : io(context),
      options(std::move(wanted)),
      resolver(std::make_unique<Resolver>(loop, options.lookups_max, options.lookup_ttl, options.lookup)),
      pool(std::make_shared<ConnectionPool>(context, options.idle_max, options.idle_timeout)),
      tasks(context) {}

Result<ssl::context*> ClientCore::tls() {
    if (tls_context == nullptr) {
        auto made = make_tls_context(options.ca_file);
        if (!made) return made.error();
        tls_context = std::move(*made);
    }
    return tls_context.get();
}

Exchange::Exchange(std::shared_ptr<ClientCore> core, HttpClient::RequestId id, ClientRequest request, HttpClient::Done done)
    : core_(std::move(core)),
      id_(id),
      request_(std::move(request)),
      done_(std::move(done)),
      deadline_(core_->io, to_steady(request_.deadline)),
      changed_(core_->io) {
    result_.started = Loop::now().mono;
}

asio::awaitable<void> Exchange::run(std::shared_ptr<Exchange> self) {
    self->arm_deadline();
    auto talking = self->talk();
    co_await std::move(talking);
    self->deadline_.cancel();
    if (self->result_.outcome != Outcome::answered) {
        // It may have failed at once; `done` must not be called from inside start().
        auto posting = asio::post(self->core_->io, asio::use_awaitable);
        co_await std::move(posting);
    }
    self->core_->active.erase(self->id_);
    if (self->cancelled_) co_return;
    self->done_(std::move(self->result_));
}

void Exchange::arm_deadline() {
    deadline_.async_wait([weak = weak_from_this()](error_code error) {
        const auto self = weak.lock();
        if (error || !self) return;
        self->expired_ = true;
        self->interrupt();
    });
}

void Exchange::cancel() {
    cancelled_ = true;
    interrupt();
}

void Exchange::interrupt() {
    changed_.notify();
    if (race_ != nullptr) race_->cancel();
    if (connection_ != nullptr) connection_->close();
}

void Exchange::fail_with(Failure failure, std::string detail) {
    result_.outcome = Outcome::failed;
    result_.failure = failure;
    result_.detail = std::move(detail);
}

void Exchange::fail_timed_out() {
    // The deadline was set a moment before started; people are told what was meant.
    using Hundredths = std::chrono::duration<std::int64_t, std::centi>;
    const std::string limit = to_short_text(std::chrono::round<Hundredths>(request_.deadline - result_.started));
    const std::string who = url_.authority();
    switch (stage_) {
        case Stage::lookup: return fail_with(Failure::dns, fmt::format("name '{}' does not resolve within {}", url_.host, limit));
        case Stage::connect: return fail_with(Failure::timeout, fmt::format("no connection to {} within {}", who, limit));
        case Stage::handshake: return fail_with(Failure::timeout, fmt::format("no TLS handshake with {} within {}", who, limit));
        case Stage::answer: break;
    }
    const bool begun = result_.first_byte != MonoTime();
    fail_with(Failure::timeout, fmt::format("no {} from {} within {}", begun ? "complete answer" : "answer", who, limit));
}

asio::awaitable<void> Exchange::talk() {
    if (interrupted()) co_return fail_timed_out();
    if (core_->active.size() > core_->options.requests_max) {
        fail_with(Failure::connect, fmt::format("more than {} requests are under way", core_->options.requests_max));
        co_return;
    }
    auto url = parse_url(request_.url);
    if (!url) {
        fail_with(Failure::http, url.error().message);
        co_return;
    }
    url_ = std::move(*url);
    key_ = (url_.https ? "https://" : "http://") + url_.authority();
    if (!request_.fresh_connection) connection_ = core_->pool->take(key_);
    reused_ = connection_ != nullptr;
    if (reused_) {
        ++core_->counters.reused;
    } else {
        auto connecting = connect();
        const bool connected = co_await std::move(connecting);
        if (!connected) co_return;
    }
    stage_ = Stage::answer;
    const std::string head = request_head();
    result_.sent = Loop::now().mono;
    auto writing = connection_->write({asio::buffer(head), asio::buffer(request_.body)});
    const IoResult wrote = co_await std::move(writing);
    // A server that refuses answers before it has read everything: the answer is worth more than the write's error.
    auto receiving = receive(std::get<0>(wrote));
    co_await std::move(receiving);
}

asio::awaitable<Result<Resolver::Addresses>> Exchange::resolve() {
    std::optional<Result<Resolver::Addresses>> found;
    const Resolver::Ticket ticket = core_->resolver->resolve(url_.host, [&](const Result<Resolver::Addresses>& result) {
        found = result;
        changed_.notify();
    });
    while (!found && !interrupted()) {
        auto waiting = changed_.wait();
        co_await std::move(waiting);
    }
    if (!found && core_->resolver != nullptr) core_->resolver->cancel(ticket);
    if (!found) co_return fail("net.dns", "interrupted");
    co_return std::move(*found);
}

asio::awaitable<bool> Exchange::connect() {
    auto resolving = resolve();
    const Result<Resolver::Addresses> addresses = co_await std::move(resolving);
    if (interrupted()) {
        fail_timed_out();
        co_return false;
    }
    if (!addresses) {
        fail_with(Failure::dns, addresses.error().message);
        co_return false;
    }
    stage_ = Stage::connect;
    race_ = std::make_shared<ConnectRace>(core_->io, *addresses, url_.port, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->changed_.notify();
    });
    race_->start();
    while (!race_->ended() && !interrupted()) {
        auto waiting = changed_.wait();
        co_await std::move(waiting);
    }
    const auto race = std::exchange(race_, nullptr);
    if (interrupted()) {
        fail_timed_out();
        co_return false;
    }
    if (!race->winner) {
        fail_with(Failure::connect, race->problem());
        co_return false;
    }
    connection_ = std::make_unique<Connection>(std::move(*race->winner));
    ++core_->counters.connected;
    if (!url_.https) co_return true;
    auto shaking = handshake();
    const bool shaken = co_await std::move(shaking);
    co_return shaken;
}

asio::awaitable<bool> Exchange::handshake() {
    stage_ = Stage::handshake;
    const Result<ssl::context*> context = core_->tls();
    if (!context) {
        fail_with(Failure::tls, context.error().message);
        co_return false;
    }
    auto shaking = connection_->handshake(**context, url_.host);
    const error_code error = co_await std::move(shaking);
    if (interrupted()) {
        fail_timed_out();
        co_return false;
    }
    if (error)
        fail_with(Failure::tls, fmt::format("no TLS with {}: {}", url_.authority(), connection_->handshake_problem(error)));
    co_return !error;
}

std::string Exchange::request_head() const {
    std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\n", http::to_string(request_.method),
                                   url_.target, url_.host_header(), core_->options.user_agent);
    for (const auto& [name, value] : request_.headers)
        if (http::is_header_text(name) && http::is_header_text(value))
            head.append(name).append(": ").append(value).append("\r\n");
    if (!request_.body.empty() || may_have_body(request_.method))
        fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", request_.body.size());
    head.append("\r\n");
    return head;
}

void Exchange::begin_parser() {
    const bool piecewise = request_.on_chunk != nullptr;
    parser_.emplace(core_->options.header_max, piecewise ? &request_.on_chunk : nullptr);
    parser_->body_max(piecewise ? std::numeric_limits<std::size_t>::max() : request_.response_max);
    parser_->skip(request_.method == http::Method::head);
}

asio::awaitable<void> Exchange::receive(error_code write_error) {
    begin_parser();
    while (!parser_->is_done()) {
        const bool large = parser_->is_header_done();
        auto reading = connection_->read_some(buffer_.prepare(large ? kReadLarge : kReadSmall));
        const IoResult read = co_await std::move(reading);
        const auto [read_error, size] = read;
        error_code error = read_error;
        if (interrupted()) co_return fail_timed_out();
        if (!error) {
            if (result_.first_byte == MonoTime()) result_.first_byte = Loop::now().mono;
            buffer_.commit(size);
            parse(error);
            if (error == beast::http::error::end_of_stream) break;  // on_chunk wants no more
            if (error) co_return parse_failed(error);
        } else {
            if (error == asio::error::eof && parser_->got_some()) parser_->put_eof(error);
            if (error) co_return read_failed(write_error ? write_error : error);
        }
    }
    answered();
}

/// Takes what is in the buffer.
void Exchange::parse(error_code& error) {
    while (buffer_.size() > 0 && !parser_->is_done()) {
        const bool in_head = !parser_->is_header_done();
        const bool more = parser_->take(buffer_, error);
        if (error) return;
        const int status = parser_->response.status;
        const bool head_came = in_head && parser_->is_header_done();
        if (parser_->is_done() && status >= 100 && status < 200) {
            if (status == 101 || ++interim_ > kInterimMax) error = beast::http::error::bad_status;
            if (error) return;
            begin_parser();
        } else if (head_came) {
            if (request_.on_chunk != nullptr) deadline_.cancel();
        } else if (more) {
            return;
        }
    }
}

void Exchange::read_failed(error_code error) {
    const std::string who = url_.authority();
    if (result_.first_byte != MonoTime()) return fail_with(Failure::http, fmt::format("the answer of {} ends early", who));
    const std::string detail = fmt::format("{} closed the connection without an answer", who);
    const bool ended = error == asio::error::eof || error == asio::error::connection_reset || error == asio::error::broken_pipe ||
                       error == ssl::error::stream_truncated;
    fail_with(Failure::http, ended ? detail : fmt::format("reading the answer of {} failed: {}", who, error.message()));
    if (ended && reused_) result_.outcome = Outcome::reused_connection_lost;
}

void Exchange::parse_failed(error_code error) {
    const std::string who = url_.authority();
    if (error == beast::http::error::body_limit)
        return fail_with(Failure::http, fmt::format("the answer of {} is longer than {} bytes", who, request_.response_max));
    if (error == beast::http::error::header_limit)
        return fail_with(Failure::http,
                         fmt::format("the answer of {} has a header over {} bytes", who, core_->options.header_max));
    fail_with(Failure::http, fmt::format("the answer of {} is not HTTP: {}", who, error.message()));
}

void Exchange::answered() {
    result_.outcome = Outcome::answered;
    result_.response = std::move(parser_->response);
    if (parser_->is_done() && parser_->keep_alive() && buffer_.size() == 0 && !interrupted() && core_->resolver != nullptr)
        core_->pool->put(key_, std::move(connection_));
}

}  // namespace meshmon::net
