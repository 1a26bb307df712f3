#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace meshmon::mesh {

/// Which counters of one sender's boot were used: each is good once, and none older than the window.
class ReplayWindow {
public:
    static constexpr std::uint64_t kSize = 1024;

    /// Whether `counter` was not used before; from then on it is. Counter 0 is never good.
    [[nodiscard]] bool use(std::uint64_t counter);

private:
    void forget(std::uint64_t first, std::uint64_t last);

    std::uint64_t highest_ = 0;
    std::array<std::uint64_t, kSize / 64> used_{};  ///< bit counter % kSize, for the counters in (highest_ - kSize, highest_]
};

/// The challenges that this node gave to one peer. Two stand at a time, so that one lost answer costs no round trip, and a third
/// for who asks in the peer's name without one: it must take none of the peer's own, as where two processes share its key.
class Challenges {
public:
    /// Remembers a challenge that goes out at `now` to who has proven to live, in place of the older of the two.
    void issue(std::uint64_t challenge, MonoTime now);

    /// Remembers one that goes out at `now` to who has proven nothing, in place of the last such one.
    void offer(std::uint64_t challenge, MonoTime now);

    /// The one offered last, if it is neither redeemed nor older than `age_max`.
    [[nodiscard]] std::optional<std::uint64_t> offered(MonoTime now, Duration age_max) const;

    /// When `echo` was issued, if it is a standing challenge not older than `lifetime`; it is good once.
    [[nodiscard]] std::optional<MonoTime> redeem(std::uint64_t echo, MonoTime now, Duration lifetime);

private:
    struct Issued {
        std::uint64_t value = 0;
        MonoTime at;
        bool standing = false;
    };
    static constexpr std::size_t kOffered = 2;
    std::array<Issued, 3> issued_;
};

}  // namespace meshmon::mesh
