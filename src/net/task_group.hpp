#pragma once

#include <functional>
#include <list>
#include <memory>

#include "net/asio.hpp"

namespace meshmon::net {

/// The coroutines of one owner. Each belongs to one group, whose stop() cancels and joins them.
///
/// Threads: loop thread only. A coroutine that throws is our own mistake (MM_CHECK).
/// Memory: one entry a task; whoever spawns bounds their number.
class TaskGroup {
public:
    explicit TaskGroup(asio::io_context& io) : state_(std::make_shared<State>(io)) {}

    /// Starts `task`. `cancel` is called by stop() if the task still runs: it must make what the task waits for end, and
    /// the task must then end too. After stop() nothing is started.
    void spawn(asio::awaitable<void> task, std::function<void()> cancel);

    /// Cancels every task; `joined` is called from the loop, never from inside stop(), when the last has ended.
    void stop(std::function<void()> joined);

    [[nodiscard]] std::size_t size() const { return state_->cancels.size(); }

private:
    struct State {
        explicit State(asio::io_context& context) : io(context) {}
        asio::io_context& io;
        std::list<std::function<void()>> cancels;
        std::list<std::function<void()>> joined;
        bool stopping = false;
    };
    static void post_joined(const std::shared_ptr<State>& state);

    std::shared_ptr<State> state_;
};

}  // namespace meshmon::net
