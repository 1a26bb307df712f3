#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/asio.hpp"

namespace meshmon::net {

/// Connects to whichever of several addresses answers first, so that an address family without a route is no failure.
///
/// Source: RFC 8305, in simple form: families alternate, and another address is tried as soon as one fails or after
/// kStagger of silence. When all were tried, those that stay silent are tried again in turn, on another socket each time: a
/// kernel repeats a lost SYN only after a second, which may be all the time there is.
/// Owner: one request of HttpClient. It has no deadline of its own: cancel() it.
class ConnectRace : public std::enable_shared_from_this<ConnectRace> {
public:
    static constexpr auto kStagger = std::chrono::milliseconds(250);
    static constexpr std::size_t kTriesMax = 8;  ///< each holds a socket; of a name with more addresses the others are not tried

    /// `on_end` is called once when one has connected or all have failed, perhaps from inside start().
    ConnectRace(asio::io_context& io, const std::vector<std::string>& addresses, std::uint16_t port,
                std::function<void()> on_end);

    void start();
    void cancel();  ///< closes everything; on_end is not called any more

    [[nodiscard]] bool ended() const { return ended_; }
    [[nodiscard]] std::size_t tries() const { return tries_; }  ///< begun so far; at most kTriesMax
    std::optional<tcp::socket> winner;                          ///< after the end, unless all have failed
    [[nodiscard]] std::string problem() const;                  ///< "connection refused by 127.0.0.1:8001"

private:
    struct Target {
        tcp::endpoint endpoint;
        std::vector<std::shared_ptr<tcp::socket>> attempts;  ///< under way
        bool failed = false;
    };

    void try_next();
    void wait_to_try();
    void failed(Target& target, error_code error);
    void end();

    asio::io_context& io_;
    std::vector<Target> targets_;  ///< fixed from the start
    std::size_t next_ = 0;         ///< whose turn it is
    std::size_t tries_ = 0;
    std::vector<std::string> problems_;
    asio::steady_timer stagger_;
    std::function<void()> on_end_;
    bool ended_ = false;
};

}  // namespace meshmon::net
