#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/signal_set.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "net/asio.hpp"
#include "net/loop.hpp"

namespace meshmon::net {

/// The threads that block in the loop's place. Grows to `workers` threads as jobs queue up.
class WorkerPool {
public:
    using Job = std::move_only_function<void()>;

    WorkerPool(std::size_t workers, std::size_t jobs_max) : workers_max_(workers), jobs_max_(jobs_max) {}
    ~WorkerPool();  ///< drops what is queued, joins what runs
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    bool submit(Job job);

private:
    void work();

    const std::size_t workers_max_;
    const std::size_t jobs_max_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<Job> queue_;
    std::size_t running_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

class Loop::Impl {
public:
    explicit Impl(LoopOptions options)
        : io(1), work(io.get_executor()), signals(io), pool(options.workers, options.blocking_max) {}

    void await_signal();

    asio::io_context io;
    asio::executor_work_guard<asio::io_context::executor_type> work;  // without it, an idle loop would end
    asio::signal_set signals;
    std::function<void(int)> on_signal;
    WorkerPool pool;  // last: its threads post to io, so they are joined first
};

}  // namespace meshmon::net
