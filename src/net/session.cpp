#include "net/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/write.hpp>
#include <utility>

#include "http/router.hpp"
#include "http/target.hpp"

namespace meshmon::net {
namespace {

constexpr std::size_t kReadSmall = 2048;  // an exchange without news fits
constexpr std::size_t kReadLarge = 64 * 1024;
constexpr std::size_t kBufferKept = 8 * 1024;   // an idle connection keeps no more
constexpr std::size_t kLingerMax = 128 * 1024;  // bytes thrown away so that a refusal is read before the reset
constexpr Duration kLinger = std::chrono::seconds(1);

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string serialize_head(const http::Response& response, int version, bool keep_alive) {
    std::string head = fmt::format("HTTP/1.1 {} {}\r\n", response.status, http::reason_phrase(response.status));
    for (const auto& [name, value] : response.headers)
        if (http::is_header_text(name) && http::is_header_text(value))
            head.append(name).append(": ").append(value).append("\r\n");
    if (response.stream != nullptr) {
        if (version >= 11) head += "Transfer-Encoding: chunked\r\n";
    } else if (has_body(response.status)) {
        fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", response.body.size());
    }
    if (!keep_alive) head += "Connection: close\r\n";
    else if (version < 11) head += "Connection: keep-alive\r\n";
    head += "\r\n";
    return head;
}

}  // namespace

Session::Session(std::shared_ptr<ServerCore> core, tcp::socket socket, std::string remote)
    : core_(std::move(core)),
      socket_(std::move(socket)),
      remote_(std::move(remote)),
      stream_changed_(static_cast<asio::io_context&>(socket_.get_executor().context())),
      since_(Loop::now().mono) {
    core_->sessions.insert(this);
    ++core_->counters.accepted;
}

Session::~Session() { core_->sessions.erase(this); }

asio::awaitable<void> Session::run(std::shared_ptr<Session> self) {
    self->wait_at_most(self->core_->options.header_deadline);
    Step step = Step::go_on;
    while (step == Step::go_on && !self->closed_) {
        auto serving = self->serve_one();
        step = co_await std::move(serving);
    }
    if (step == Step::refuse && !self->closed_) {
        std::string head = serialize_head(self->refusal_, 11, false);
        auto writing = self->write(std::move(head), std::move(self->refusal_.body));
        const bool written = co_await std::move(writing);
        auto lingering = self->linger();
        if (written) co_await std::move(lingering);
    }
    self->close();
}

void Session::wait_at_most(Duration limit) {
    expired_ = false;
    deadline_ = Loop::now().mono + limit;
}

void Session::sweep(MonoTime now) {
    if (now < deadline_) return;
    deadline_ = MonoTime::max();
    expired_ = true;
    error_code ignored;
    socket_.cancel(ignored);
    stream_changed_.notify();
}

void Session::close() {
    if (std::exchange(closed_, true)) return;
    core_->sessions.erase(this);
    error_code ignored;
    socket_.close(ignored);
    stream_changed_.notify();
}

Session::Step Session::refuse(int status, std::string_view code, std::string_view title, std::string detail) {
    HttpServer::Counters& counters = core_->counters;
    if (status == 408) ++counters.timed_out;
    else if (status == 413 || status == 431) ++counters.refused_size;
    else if (status == 429) ++counters.refused_rate;
    else ++counters.refused_bad;
    refusal_ = http::error_response(status, code, title, detail);
    return Step::refuse;
}

Session::Step Session::refuse_error(error_code error) {
    if (error == beast::http::error::header_limit)
        return refuse(431, "header_too_large", "The request's header is too large",
                      fmt::format("a header has at most {} bytes here", core_->options.header_max));
    if (error == beast::http::error::body_limit) return refuse(413, "too_large", "The request's body is too large", "send less");
    if (error == beast::http::error::bad_version)
        return refuse(505, "http_version", "This version of HTTP is not served", "use HTTP/1.1");
    return refuse(400, "bad_request", "This is not an acceptable HTTP request", error.message());
}

asio::awaitable<bool> Session::read_more(std::size_t room) {
    auto reading = socket_.async_read_some(buffer_.prepare(room), kTuple);
    const IoResult read = co_await std::move(reading);
    const auto [error, size] = read;
    if (error || closed_) co_return false;
    buffer_.commit(size);
    co_return true;
}

asio::awaitable<Session::Step> Session::read_head() {
    parser_.emplace(core_->options.header_max);
    bool begun = buffer_.size() > 0;
    if (begun) wait_at_most(core_->options.header_deadline);
    while (true) {
        if (buffer_.size() > 0) {
            idle_ = false;
            error_code error;
            parser_->take(buffer_, error);
            if (error) co_return refuse_error(error);
            if (parser_->is_header_done()) co_return check_head();
        }
        auto reading = read_more(kReadSmall);
        const bool more = co_await std::move(reading);
        if (!more) {
            if (!expired_ || closed_ || !begun) co_return Step::end;
            co_return refuse(408, "request_timeout", "The request did not come in time", "the header is not complete");
        }
        if (!begun && served_) wait_at_most(core_->options.header_deadline);
        begun = true;
    }
}

Session::Step Session::check_head() {
    http::Request& request = parser_->request;
    auto target = http::parse_target(parser_->target);
    if (!target) return refuse(400, "bad_request", "This is not an acceptable HTTP request", target.error().message);
    if (parser_->version() >= 11 && !request.headers.contains("host"))
        return refuse(400, "bad_request", "This is not an acceptable HTTP request", "the Host header is missing");
    if (const auto expect = request.header("expect");
        expect && !beast::iequals(beast::string_view(expect->data(), expect->size()), "100-continue"))
        return refuse(417, "expectation_failed", "This expectation cannot be met", "only 100-continue is known");
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    request.remote_address = remote_;
    return Step::go_on;
}

Session::Step Session::check_limit(std::string_view first_bytes) {
    if (core_->handler == nullptr) return Step::end;
    std::size_t limit = 0;
    try {
        limit = core_->handler->body_limit(parser_->request, first_bytes);
    } catch (...) {
        ++core_->counters.faults;
        refusal_ = http::error_response(500, "internal", "This request could not be served", "");
        return Step::refuse;
    }
    if (limit == 0)
        return refuse(429, "too_many_failures", "Too many messages from there were refused", "wait before the next one");
    const auto length = parser_->content_length();
    if (parser_->body_size() > limit || (length && *length > limit))
        return refuse(413, "too_large", "The request's body is too large", fmt::format("at most {} bytes are read here", limit));
    parser_->body_max(limit);
    return Step::go_on;
}

asio::awaitable<Session::Step> Session::read_body() {
    if (parser_->is_done()) co_return Step::go_on;
    if (const Step step = check_limit({}); step != Step::go_on) co_return step;
    wait_at_most(core_->options.body_deadline);
    if (parser_->request.headers.contains("expect") && buffer_.size() == 0 && parser_->version() >= 11) {
        auto writing = write("HTTP/1.1 100 Continue\r\n\r\n", {});
        const bool written = co_await std::move(writing);
        if (!written) co_return Step::end;
        wait_at_most(core_->options.body_deadline);
    }
    bool asked = false;
    while (true) {
        if (buffer_.size() > 0) {
            error_code error;
            const bool more = parser_->take(buffer_, error);
            if (error) co_return refuse_error(error);
            const std::string_view body = parser_->request.body;
            if (!asked && (!more || body.size() >= HttpHandler::kFirstBytes)) {
                asked = true;
                if (const Step step = check_limit(body); step != Step::go_on) co_return step;
            }
            if (!more) co_return Step::go_on;
        }
        // Only a chunk's header or a trailer stays in the buffer, waiting for its end.
        if (buffer_.size() >= core_->options.header_max) co_return refuse_error(beast::http::error::header_limit);
        const auto rest = parser_->content_length_remaining();
        const std::size_t wanted = rest ? static_cast<std::size_t>(std::min<std::uint64_t>(*rest, kReadLarge)) : kReadLarge;
        auto reading = read_more(std::max(kReadSmall, wanted));
        const bool came = co_await std::move(reading);
        if (!came && expired_ && !closed_)
            co_return refuse(408, "request_timeout", "The request did not come in time", "the body is not complete");
        if (!came) co_return Step::end;
    }
}

http::Response Session::answer() {
    ++core_->counters.requests;
    try {
        return core_->handler->handle(std::move(parser_->request));
    } catch (...) {
        ++core_->counters.faults;
        return http::error_response(500, "internal", "This request could not be served", "");
    }
}

asio::awaitable<Session::Step> Session::serve_one() {
    auto heading = read_head();
    const Step head = co_await std::move(heading);
    if (head != Step::go_on) co_return head;
    auto reading = read_body();
    const Step body = co_await std::move(reading);
    if (body != Step::go_on) co_return body;
    if (core_->handler == nullptr) co_return Step::end;

    const bool head_only = parser_->request.method == http::Method::head;
    http::Response response = answer();
    served_ = true;
    std::shared_ptr<http::Stream> stream = response.stream;
    const bool keep_alive = parser_->keep_alive() && (stream == nullptr || head_only) && core_->handler != nullptr;
    std::string text = serialize_head(response, parser_->version(), keep_alive);
    if (head_only || stream != nullptr || !has_body(response.status)) response.body.clear();
    auto writing = write(std::move(text), std::move(response.body));
    const bool written = co_await std::move(writing);
    if (stream != nullptr && written && !head_only) {
        auto streaming = write_stream(stream);
        co_await std::move(streaming);
    }
    if (stream != nullptr) {
        stream->on_change(nullptr);
        stream->close();
    }
    if (!written || !keep_alive) co_return Step::end;

    if (buffer_.capacity() > kBufferKept) buffer_.shrink_to_fit();
    wait_at_most(core_->options.idle_timeout);
    since_ = Loop::now().mono;
    idle_ = true;
    co_return Step::go_on;
}

asio::awaitable<bool> Session::write(std::string head, std::string body) {
    wait_at_most(core_->options.write_deadline);
    const std::array<asio::const_buffer, 2> pieces{asio::buffer(head), asio::buffer(body)};
    auto writing = asio::async_write(socket_, pieces, kTuple);
    const IoResult wrote = co_await std::move(writing);
    if (std::get<0>(wrote) && expired_) ++core_->counters.timed_out;
    co_return !std::get<0>(wrote) && !closed_;
}

asio::awaitable<void> Session::write_stream(std::shared_ptr<http::Stream> stream) {
    const bool chunked = parser_->version() >= 11;
    stream->on_change([weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->stream_changed_.notify();
    });
    watch_for_end();
    while (!gone_ && !closed_) {
        std::string piece = stream->take();
        if (!piece.empty()) {
            if (chunked) piece.append("\r\n");
            std::string size = chunked ? fmt::format("{:x}\r\n", piece.size() - 2) : std::string();
            auto writing = write(std::move(size), std::move(piece));
            const bool written = co_await std::move(writing);
            if (!written) co_return;
            deadline_ = MonoTime::max();
        } else if (stream->closed()) {
            auto ending = write(chunked ? "0\r\n\r\n" : "", {});
            co_await std::move(ending);
            co_return;
        } else {
            deadline_ = MonoTime::max();  // silence is not a fault of the reader
            auto waiting = stream_changed_.wait();
            co_await std::move(waiting);
        }
    }
}

void Session::watch_for_end() {
    buffer_.clear();
    socket_.async_read_some(buffer_.prepare(kReadSmall), [self = shared_from_this()](error_code error, std::size_t) {
        if (error == asio::error::operation_aborted && !self->expired_) return;
        if (!error && !self->closed_) return self->watch_for_end();
        self->gone_ = true;
        self->stream_changed_.notify();
    });
}

asio::awaitable<void> Session::linger() {
    error_code error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
    wait_at_most(kLinger);
    std::size_t total = 0;
    while (!error && !expired_ && total < kLingerMax) {
        buffer_.clear();
        auto reading = socket_.async_read_some(buffer_.prepare(kReadLarge), kTuple);
        const IoResult read = co_await std::move(reading);
        error = std::get<0>(read);
        total += std::get<1>(read);
    }
}

}  // namespace meshmon::net
