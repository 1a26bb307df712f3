#pragma once

// What the sources of this module share of Asio. Not for other modules: it costs seconds to compile.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <tuple>

#include "base/time.hpp"

namespace meshmon::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Asio's errors come back as values.
inline constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
using IoResult = std::tuple<error_code, std::size_t>;

[[nodiscard]] inline std::chrono::steady_clock::time_point to_steady(MonoTime time) {
    return std::chrono::steady_clock::time_point(time.time_since_epoch());
}

/// Lets one coroutine wait until somebody says that something changed. A notify() that nobody waits for is lost: look
/// at the state first, then wait.
class Event {
public:
    explicit Event(asio::io_context& io) : timer_(io, std::chrono::steady_clock::time_point::max()) {}

    [[nodiscard]] auto wait() { return timer_.async_wait(kTuple); }
    void notify() { timer_.cancel(); }

private:
    asio::steady_timer timer_;
};

}  // namespace meshmon::net
