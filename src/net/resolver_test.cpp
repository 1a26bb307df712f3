#include "net/resolver.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>

#include "net/test_support.hpp"

namespace meshmon::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Addresses = Resolver::Addresses;

/// Look-ups of "hang*" wait for the gate; "bad*" fail.
struct Lookups {
    std::promise<void> gate;
    std::shared_future<void> opened = gate.get_future().share();
    std::atomic<int> count = 0;

    static Resolver::Lookup function(const std::shared_ptr<Lookups>& self) {
        return [self](const std::string& host) -> Result<Addresses> {
            ++self->count;
            if (host.starts_with("hang")) self->opened.wait();
            if (host.starts_with("bad")) return fail("net.dns", "name '" + host + "' does not resolve");
            return Addresses{"192.0.2.1"};
        };
    }
};

class ResolverTest : public ::testing::Test {
protected:
    ~ResolverTest() override {
        resolver.reset();
        if (!opened) lookups->gate.set_value();
    }

    void make(std::size_t threads, Duration ttl) {
        resolver = std::make_unique<Resolver>(loop, threads, ttl, Lookups::function(lookups));
    }

    Resolver::Ticket ask(const std::string& host) {
        return resolver->resolve(host, [this, host](const Result<Addresses>& result) {
            answers[host] = result ? result->front() : result.error().message;
        });
    }

    bool answered(const std::string& host) {
        return loop.run_until([&] { return answers.contains(host); }, testing::kLimit);
    }

    Loop loop;
    std::shared_ptr<Lookups> lookups = std::make_shared<Lookups>();
    std::unique_ptr<Resolver> resolver;
    std::map<std::string, std::string> answers;
    bool opened = false;
};

TEST_F(ResolverTest, NeedsNoLookupForLiterals) {
    make(1, seconds(1));
    ask("127.0.0.1");
    ask("::1");
    EXPECT_EQ(answers["127.0.0.1"], "127.0.0.1");
    EXPECT_EQ(answers["::1"], "::1");
    EXPECT_EQ(lookups->count, 0);
}

TEST_F(ResolverTest, RemembersAnswersButNotFailures) {
    make(4, seconds(60));
    for (const char* host : {"good", "bad"}) {
        for (int i = 0; i < 2; ++i) {
            answers.clear();
            ask(host);
            ASSERT_TRUE(answered(host));
        }
    }
    EXPECT_EQ(answers["bad"], "name 'bad' does not resolve");
    EXPECT_EQ(lookups->count, 3);
}

TEST_F(ResolverTest, AsksAgainWhenTheAnswerIsOld) {
    make(4, Duration{});
    ask("good");
    ASSERT_TRUE(answered("good"));
    answers.clear();
    ask("good");
    ASSERT_TRUE(answered("good"));
    EXPECT_EQ(lookups->count, 2);
}

TEST_F(ResolverTest, LooksOneNameUpOnceAtATime) {
    make(4, seconds(60));
    int answered = 0;
    for (int i = 0; i < 5; ++i) resolver->resolve("hang", [&](const Result<Addresses>&) { ++answered; });
    lookups->gate.set_value();
    opened = true;
    ASSERT_TRUE(loop.run_until([&] { return answered == 5; }, testing::kLimit));
    EXPECT_EQ(lookups->count, 1);
}

TEST_F(ResolverTest, AHungNameDoesNotHoldUpOthersNorTheEnd) {
    make(2, seconds(60));
    ask("hang");
    for (int i = 0; i < 10; ++i) ask("good" + std::to_string(i));
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(answered("good" + std::to_string(i)));
    EXPECT_FALSE(answers.contains("hang"));
}

TEST_F(ResolverTest, NamesBeyondItsThreadsWaitInLine) {
    make(1, seconds(60));
    ask("hang");
    ask("good");
    const auto gone = ask("gone");
    resolver->cancel(gone);
    EXPECT_FALSE(loop.run_until([&] { return !answers.empty(); }, milliseconds(5)));
    lookups->gate.set_value();
    opened = true;
    ASSERT_TRUE(answered("good"));
    EXPECT_TRUE(answers.contains("hang"));
    EXPECT_EQ(lookups->count, 2);
}

TEST_F(ResolverTest, CallsNobodyWhoHasCancelled) {
    make(2, seconds(60));
    const auto ticket = ask("hang");
    resolver->cancel(ticket);
    lookups->gate.set_value();
    opened = true;
    ask("good");
    ASSERT_TRUE(answered("good"));
    EXPECT_FALSE(answers.contains("hang"));
}

TEST(SystemLookup, KnowsLocalhost) {
    const auto addresses = system_lookup("localhost");
    ASSERT_TRUE(addresses);
    for (const std::string& address : *addresses) EXPECT_TRUE(address == "127.0.0.1" || address == "::1") << address;
}

TEST(SystemLookup, SaysThatANameDoesNotResolve) {
    const auto addresses = system_lookup("name.invalid");
    ASSERT_FALSE(addresses);
    EXPECT_EQ(addresses.error().code, "net.dns");
    EXPECT_TRUE(addresses.error().message.starts_with("name 'name.invalid' does not resolve")) << addresses.error().message;
}

}  // namespace
}  // namespace meshmon::net
