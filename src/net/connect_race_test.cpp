#include "net/connect_race.hpp"

#include <gtest/gtest.h>

#include "net/test_support.hpp"

namespace meshmon::net {
namespace {

constexpr auto kLimit = std::chrono::seconds(30);

/// Listens, accepts nobody, and has one place in its queue: while that is taken, a SYN gets no answer.
class FullListener {
public:
    FullListener() : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0), false) {
        acceptor_.listen(0);
        first_ = std::make_unique<testing::RawClient>(port());
    }
    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    asio::io_context io_;
    tcp::acceptor acceptor_;
    std::unique_ptr<testing::RawClient> first_;
};

void run_until(asio::io_context& io, const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + kLimit;
    while (!condition() && std::chrono::steady_clock::now() < end) io.run_one_for(kLimit);
}

TEST(ConnectRace, TriesASilentAddressAgainAndAgain) {
    const FullListener full;
    asio::io_context io;
    const auto race = std::make_shared<ConnectRace>(io, std::vector<std::string>{"127.0.0.1"}, full.port(), [] {});
    race->start();
    run_until(io, [&] { return race->tries() == ConnectRace::kTriesMax; });
    EXPECT_EQ(race->tries(), ConnectRace::kTriesMax);
    EXPECT_FALSE(race->ended());
    race->cancel();
}

TEST(ConnectRace, AnAddressThatRefusesIsNotTriedAgainBesideASilentOne) {
    const FullListener full;
    asio::io_context io;
    bool ended = false;
    const std::vector<std::string> addresses = {"127.0.0.2", "127.0.0.1"};  // nobody listens at the first
    const auto race = std::make_shared<ConnectRace>(io, addresses, full.port(), [&] { ended = true; });
    race->start();
    run_until(io, [&] { return race->tries() == ConnectRace::kTriesMax; });
    EXPECT_FALSE(ended);
    EXPECT_EQ(race->problem(), "connection refused by 127.0.0.2:" + std::to_string(full.port()));
    race->cancel();
}

}  // namespace
}  // namespace meshmon::net
