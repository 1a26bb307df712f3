#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/time.hpp"
#include "crypto/sodium.hpp"
#include "mesh/network.hpp"

namespace meshmon::bench {

/// Two real networks of a mesh of two, with nothing between them; the caller says what time it is.
class NetworkPair {
public:
    explicit NetworkPair(Now now);

    /// Fires the timers of node `self` until it has something to send; moves `now` forward as far as that takes.
    [[nodiscard]] mesh::Network::Transmit next_request(std::size_t self, Now& now);

    /// One whole exchange, started by node `self`: the body of the request and of the answer, in bytes.
    struct Sizes {
        std::size_t request = 0;
        std::size_t answer = 0;
    };
    Sizes exchange(std::size_t self, Now& now);

    [[nodiscard]] mesh::Network& node(std::size_t index) { return *networks_[index]; }

    /// Confirms what was to be saved, and drops events.
    void settle(std::size_t index, Now now);

private:
    std::array<std::optional<crypto::SodiumCrypto>, 2> cryptos_;
    std::array<std::optional<mesh::Network>, 2> networks_;
};

[[nodiscard]] inline Now later(Now now, Duration by) {
    return {now.mono + by, now.wall + std::chrono::duration_cast<WallTime::duration>(by)};
}

/// A moment in 2026, for benchmarks that need no clock.
[[nodiscard]] inline Now some_moment() {
    return {MonoTime(std::chrono::hours(1)), WallTime(std::chrono::seconds(1'780'000'000))};
}

}  // namespace meshmon::bench
