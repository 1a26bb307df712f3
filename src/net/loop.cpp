#include "net/loop.hpp"

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "base/check.hpp"
#include "net/loop_impl.hpp"

namespace meshmon::net {
namespace {

constexpr rlim_t kOpenFilesMax = 65536;  // more than any node needs; some systems allow 2^30 and then scan them all

Duration boot_time() {
    timespec time{};
    clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

WorkerPool::~WorkerPool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        queue_.clear();
    }
    ready_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::submit(Job job) {
    const std::lock_guard lock(mutex_);
    if (queue_.size() + running_ >= jobs_max_) return false;
    queue_.push_back(std::move(job));
    if (queue_.size() + running_ > threads_.size() && threads_.size() < workers_max_) threads_.emplace_back([this] { work(); });
    ready_.notify_one();
    return true;
}

void WorkerPool::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (stopping_) return;
        Job job = std::move(queue_.front());
        queue_.pop_front();
        ++running_;
        lock.unlock();
        job();
        job = nullptr;
        lock.lock();
        --running_;
    }
}

Loop::Loop(LoopOptions options) : impl_(std::make_unique<Impl>(options)) {}

Loop::~Loop() = default;

void Loop::run() { impl_->io.run(); }

bool Loop::run_until(const std::function<bool()>& condition, Duration limit) {
    const auto end = to_steady(now().mono + limit);
    while (!condition())
        if (impl_->io.run_one_until(end) == 0) return false;
    return true;
}

void Loop::stop() { impl_->io.stop(); }

Now Loop::now() {
    const auto mono = std::chrono::steady_clock::now().time_since_epoch();
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return {MonoTime(std::chrono::duration_cast<MonoTime::duration>(mono)),
            WallTime(std::chrono::duration_cast<WallTime::duration>(wall))};
}

void Loop::post(Task task) { asio::post(impl_->io, std::move(task)); }

void Loop::on_signal(std::initializer_list<int> signals, std::function<void(int)> handler) {
    error_code error;
    impl_->signals.cancel(error);
    impl_->signals.clear(error);
    for (const int signal : signals) {
        impl_->signals.add(signal, error);
        MM_CHECK(!error, "a signal that cannot be handled: " + std::to_string(signal));
    }
    impl_->on_signal = std::move(handler);
    impl_->await_signal();
}

void Loop::Impl::await_signal() {
    signals.async_wait([this](error_code error, int signal) {
        if (error) return;
        await_signal();
        on_signal(signal);
    });
}

bool Loop::submit(std::move_only_function<Task()> job) {
    return impl_->pool.submit([this, job = std::move(job)]() mutable { post(job()); });
}

struct Timer::State {
    explicit State(asio::io_context& io) : timer(io) {}

    asio::steady_timer timer;
    std::uint64_t generation = 0;  // a handler that was queued when cancel() came is known by its old number
    std::function<void()> callback;
};

Timer::Timer(Loop& loop) : state_(std::make_shared<State>(loop.impl().io)) {}

Timer::~Timer() { cancel(); }

void Timer::set(MonoTime when, std::function<void()> callback) {
    state_->callback = std::move(callback);
    state_->timer.expires_at(to_steady(when));
    state_->timer.async_wait([state = state_, generation = ++state_->generation](error_code error) {
        if (error || state->generation != generation) return;
        const auto due = std::exchange(state->callback, nullptr);
        due();
    });
}

void Timer::cancel() {
    ++state_->generation;
    state_->callback = nullptr;
    state_->timer.cancel();
}

LagMeter::LagMeter(Loop& loop, Duration interval, std::function<void(const Sample&)> on_sample)
    : timer_(loop), interval_(interval), on_sample_(std::move(on_sample)), last_(Loop::now()), last_boot_(boot_time()) {
    arm();
}

void LagMeter::arm() {
    due_ = last_.mono + interval_;
    timer_.set(due_, [this] { measure(); });
}

void LagMeter::measure() {
    const Now now = Loop::now();
    const Duration boot = boot_time();
    Sample sample;
    sample.lag = std::max(Duration{}, now.mono - due_);
    sample.suspended = std::max(Duration{}, (boot - last_boot_) - (now.mono - last_.mono));
    if (sample.suspended < std::chrono::milliseconds(1)) sample.suspended = {};  // the clocks are not read at one instant
    sample.wall_step = (now.wall - last_.wall) - (boot - last_boot_);
    last_ = now;
    last_boot_ = boot;
    arm();
    on_sample_(sample);
}

std::size_t raise_open_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    rlimit raised = limit;
    raised.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kOpenFilesMax));
    if (raised.rlim_cur > limit.rlim_cur && setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace meshmon::net
