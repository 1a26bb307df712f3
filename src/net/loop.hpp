#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/time.hpp"

/// Sockets, timers, threads and clocks: everything of the outside world that a node touches by network.
namespace meshmon::net {

struct LoopOptions {
    std::size_t workers = 4;         ///< threads for blocking work, started when first needed
    std::size_t blocking_max = 256;  ///< jobs queued or running; more are refused
};

/// The one event loop of the process, and the only place that reads clocks.
///
/// Owner: node or a CLI command, one each. Everything that takes a Loop& must be destroyed before it.
/// Threads: run() makes its thread the loop thread; post(), stop() and now() may be called from any thread, all else
/// from the loop thread or before run().
/// Errors: what a posted function throws ends run() with it; ours do not throw.
class Loop {
public:
    using Task = std::move_only_function<void()>;

    explicit Loop(LoopOptions options = {});
    ~Loop();  ///< joins the workers; what is still posted is dropped unrun
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Serves until stop(). Returns at once if stop() came first.
    void run();

    /// Serves until `condition` (asked after each handler) holds; false if that took longer than `limit` or stop()
    /// came. For tests and one-shot commands.
    bool run_until(const std::function<bool()>& condition, Duration limit);

    /// Makes run() return after the handler that runs now.
    void stop();

    /// Both clocks, read together.
    [[nodiscard]] static Now now();

    /// Runs `task` on the loop thread, after what is posted already.
    void post(Task task);

    /// Calls `handler` on the loop thread whenever one of `signals` comes; replaces what was set before.
    void on_signal(std::initializer_list<int> signals, std::function<void(int)> handler);

    /// Runs `work()` on a worker thread, then `done(value)` on the loop thread; `done()` if work returns nothing.
    /// False, and neither runs, if the queue is full. After stop() `done` may never run; `work` must have a deadline
    /// of its own, because the destructor waits for it.
    template <typename Work, typename Done>
    bool run_blocking(Work work, Done done) {
        return submit([work = std::move(work), done = std::move(done)]() mutable -> Task {
            if constexpr (std::is_void_v<std::invoke_result_t<Work&>>) {
                work();
                return Task(std::move(done));
            } else {
                return [value = work(), done = std::move(done)]() mutable { done(std::move(value)); };
            }
        });
    }

    class Impl;  ///< Asio's part; for the sources of this module
    [[nodiscard]] Impl& impl() { return *impl_; }

private:
    bool submit(std::move_only_function<Task()> job);

    std::unique_ptr<Impl> impl_;
};

/// One deadline. Loop thread only.
class Timer {
public:
    explicit Timer(Loop& loop);
    ~Timer();  ///< cancels
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Calls `callback` once, at `when` or at once if that is past; replaces what was set before.
    void set(MonoTime when, std::function<void()> callback);

    /// After it, the callback is not called, even if it was due.
    void cancel();

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Measures how late the loop serves a timer: the one number that says that something blocked.
///
/// Source: docs/verdicts.md, "This node's own health": a pause must not make others look silent.
/// Threads: loop thread only. Time: one timer every `interval`.
class LagMeter {
public:
    struct Sample {
        Duration lag{};        ///< how much later than planned the timer was served
        Duration suspended{};  ///< how long the machine slept since the last sample; this part is not in lag
        Duration wall_step{};  ///< how far the wall clock jumped against the time that passed
    };

    /// Starts at once; `on_sample` is called every `interval`.
    LagMeter(Loop& loop, Duration interval, std::function<void(const Sample&)> on_sample);

private:
    void arm();
    void measure();

    Timer timer_;
    Duration interval_;
    std::function<void(const Sample&)> on_sample_;
    MonoTime due_;
    Now last_;
    Duration last_boot_{};
};

/// Raises this process's limit of open files to what the system allows; the limit that now holds.
std::size_t raise_open_file_limit();

}  // namespace meshmon::net
