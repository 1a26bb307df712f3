#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// HTTP as plain values, so that handlers are functions from Request to Response and need no socket in a test.
namespace meshmon::http {

enum class Method { get, head, post, put, del, options, other };

[[nodiscard]] std::string_view to_string(Method method);

/// One request, read whole within the server's limits.
struct Request {
    Method method = Method::get;
    std::string path;                            ///< percent-decoded, without the query; begins with '/'
    std::map<std::string, std::string> query;    ///< decoded; of a repeated key the last value
    std::map<std::string, std::string> headers;  ///< names lower-cased; of a repeated name the first value
    std::string body;
    std::string remote_address;                     ///< "192.0.2.7" or "2001:db8::7", without port
    std::map<std::string, std::string> parameters;  ///< filled by the Router: {network_id} and the like

    /// The value of a header by its lower-case name.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

/// A body without an end: a queue between one producer and the connection that drains it.
///
/// Threads: loop thread only.
/// Memory: at most `max_bytes` queued; a reader that falls further behind is cut off (push returns false).
class Stream {
public:
    explicit Stream(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    /// Queues a chunk and wakes the connection. False, and the stream is closed, if the reader is too slow or gone.
    bool push(std::string_view chunk);

    /// No more chunks; what is queued is still sent.
    void close();
    [[nodiscard]] bool closed() const { return closed_; }

    /// Takes everything queued; empty if there is nothing now.
    [[nodiscard]] std::string take();

    /// Called after each push and at close; replaces an earlier one.
    void on_change(std::function<void()> wake) { wake_ = std::move(wake); }

private:
    std::size_t max_bytes_;
    std::string queued_;
    bool closed_ = false;
    std::function<void()> wake_;
};

struct Response {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;  ///< Content-Length and Connection are the server's
    std::string body;
    std::shared_ptr<Stream> stream;  ///< if set, the body is what comes out of it, until it is closed

    void set(std::string_view name, std::string value);
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;  ///< any case
};

/// "Not Found" for 404.
[[nodiscard]] std::string_view reason_phrase(int status);

/// Whether `text` can be (part of) a header without ending it and beginning another.
[[nodiscard]] bool is_header_text(std::string_view text);

}  // namespace meshmon::http
