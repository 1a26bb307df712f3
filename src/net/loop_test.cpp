#include "net/loop.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace meshmon::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kLimit = seconds(20);  // only reached when something is broken

TEST(Loop, RunsPostedTasksInOrder) {
    Loop loop;
    std::vector<int> order;
    loop.post([&] { order.push_back(1); });
    loop.post([&] {
        order.push_back(2);
        loop.post([&] {
            order.push_back(3);
            loop.stop();
        });
    });
    loop.run();
    EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(Loop, TakesPostsFromOtherThreads) {
    Loop loop;
    std::thread other([&] { loop.post([&] { loop.stop(); }); });
    loop.run();
    other.join();
}

TEST(Loop, StopBeforeRunEndsItAtOnce) {
    Loop loop;
    loop.stop();
    loop.run();
}

TEST(Loop, RunUntilGivesUpAtItsLimit) {
    Loop loop;
    EXPECT_FALSE(loop.run_until([] { return false; }, milliseconds(1)));
    EXPECT_TRUE(loop.run_until([] { return true; }, milliseconds(1)));
}

TEST(Loop, ClocksAgreeWithTheSystem) {
    const Now now = Loop::now();
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    EXPECT_LT(std::chrono::abs(wall - now.wall.time_since_epoch()), seconds(10));
    EXPECT_LE(now.mono, Loop::now().mono);
}

TEST(Loop, HandlesSignalsMoreThanOnce) {
    Loop loop;
    int caught = 0;
    loop.on_signal({SIGUSR1, SIGUSR2}, [&](int signal) { caught += signal == SIGUSR1 ? 1 : 10; });
    std::raise(SIGUSR1);
    ASSERT_TRUE(loop.run_until([&] { return caught == 1; }, kLimit));
    std::raise(SIGUSR2);
    EXPECT_TRUE(loop.run_until([&] { return caught == 11; }, kLimit));
}

TEST(Loop, BlockingWorkRunsElsewhereAndComesBack) {
    Loop loop;
    const auto here = std::this_thread::get_id();
    std::string got;
    bool done = false;
    ASSERT_TRUE(loop.run_blocking([here] { return std::string(std::this_thread::get_id() == here ? "loop" : "worker"); },
                                  [&](std::string value) {
                                      EXPECT_EQ(std::this_thread::get_id(), here);
                                      got = std::move(value);
                                  }));
    ASSERT_TRUE(loop.run_blocking([] {}, [&] { done = true; }));
    ASSERT_TRUE(loop.run_until([&] { return done && !got.empty(); }, kLimit));
    EXPECT_EQ(got, "worker");
}

TEST(Loop, RefusesBlockingWorkOverItsLimit) {
    Loop loop(LoopOptions{.workers = 1, .blocking_max = 2});
    std::promise<void> gate;
    std::shared_future<void> opened = gate.get_future().share();
    int done = 0;
    EXPECT_TRUE(loop.run_blocking([opened] { opened.wait(); }, [&] { ++done; }));
    EXPECT_TRUE(loop.run_blocking([opened] { opened.wait(); }, [&] { ++done; }));
    EXPECT_FALSE(loop.run_blocking([] {}, [&] { done += 100; }));
    gate.set_value();
    ASSERT_TRUE(loop.run_until([&] { return done == 2; }, kLimit));
    bool again = false;
    EXPECT_TRUE(loop.run_until([&] { return again || loop.run_blocking([] {}, [&] { again = true; }); }, kLimit));
}

TEST(Loop, DropsQueuedWorkAtItsEnd) {
    bool ran = false;
    std::promise<void> gate;
    {
        Loop loop(LoopOptions{.workers = 1, .blocking_max = 10});
        std::promise<void> started;
        loop.run_blocking(
            [&] {
                started.set_value();
                gate.get_future().wait();
            },
            [&] { ran = true; });
        started.get_future().wait();
        gate.set_value();
        loop.run_blocking([] {}, [&] { ran = true; });
    }
    EXPECT_FALSE(ran);
}

TEST(Timer, FiresOnceAndNotBeforeItsTime) {
    Loop loop;
    Timer timer(loop);
    int fired = 0;
    const MonoTime when = Loop::now().mono + milliseconds(5);
    timer.set(when, [&] { ++fired; });
    ASSERT_TRUE(loop.run_until([&] { return fired > 0; }, kLimit));
    EXPECT_GE(Loop::now().mono, when);
    EXPECT_FALSE(loop.run_until([&] { return fired > 1; }, milliseconds(5)));
}

TEST(Timer, ReplacesWhatWasSet) {
    Loop loop;
    Timer timer(loop);
    std::string fired;
    timer.set(Loop::now().mono, [&] { fired += "old"; });
    timer.set(Loop::now().mono, [&] { fired += "new"; });
    ASSERT_TRUE(loop.run_until([&] { return !fired.empty(); }, kLimit));
    EXPECT_FALSE(loop.run_until([&] { return fired != "new"; }, milliseconds(2)));
}

TEST(Timer, CancelHoldsEvenIfItWasDue) {
    Loop loop;
    Timer first(loop);
    Timer second(loop);
    int fired = 0;
    // Both are due together; whichever comes first cancels the other.
    first.set(Loop::now().mono, [&] {
        ++fired;
        second.cancel();
    });
    second.set(Loop::now().mono, [&] {
        ++fired;
        first.cancel();
    });
    ASSERT_TRUE(loop.run_until([&] { return fired > 0; }, kLimit));
    EXPECT_FALSE(loop.run_until([&] { return fired > 1; }, milliseconds(5)));
}

TEST(Timer, MayBeSetAndDestroyedFromItsCallback) {
    Loop loop;
    int fired = 0;
    auto timer = std::make_unique<Timer>(loop);
    timer->set(Loop::now().mono, [&] {
        ++fired;
        timer->set(Loop::now().mono, [&] {
            ++fired;
            timer.reset();
        });
    });
    ASSERT_TRUE(loop.run_until([&] { return timer == nullptr; }, kLimit));
    EXPECT_EQ(fired, 2);
}

TEST(LagMeter, SeesThatTheLoopWasBlocked) {
    Loop loop;
    std::vector<LagMeter::Sample> samples;
    bool block = true;
    const LagMeter meter(loop, milliseconds(1), [&](const LagMeter::Sample& sample) {
        samples.push_back(sample);
        // The work that must not be done on the loop.
        if (std::exchange(block, false)) std::this_thread::sleep_for(milliseconds(30));
    });
    ASSERT_TRUE(loop.run_until([&] { return samples.size() >= 2; }, kLimit));
    EXPECT_GE(samples[1].lag, milliseconds(25));
    EXPECT_EQ(samples[1].suspended, Duration{});
    EXPECT_LT(std::chrono::abs(samples[1].wall_step), seconds(1));
}

TEST(OpenFiles, LimitIsRaisedToWhatIsAllowed) {
    const std::size_t limit = raise_open_file_limit();
    rlimit now{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &now), 0);
    EXPECT_EQ(limit, now.rlim_cur);
    EXPECT_TRUE(now.rlim_cur == now.rlim_max || now.rlim_cur >= 65536);
}

}  // namespace
}  // namespace meshmon::net
