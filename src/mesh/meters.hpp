#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"

namespace meshmon::mesh {

/// Round-trip times to one peer: the last one, a mean over about 30 s, and quantiles of about the last hour.
///
/// Memory: about 300 bytes, and 4 for each bucket that a window saw: links keep to few. Quantiles are exact to 6 %.
class RttMeter {
public:
    void add(Duration rtt, MonoTime now);

    /// The first answer after a failure: it tells how long the peer was away, not how far it is. Changes last() alone.
    void resume(Duration rtt, MonoTime now);

    [[nodiscard]] std::optional<Duration> last() const { return last_; }
    [[nodiscard]] std::optional<Duration> smoothed() const { return smoothed_; }
    [[nodiscard]] std::optional<Duration> quantile(double q) const;

    /// Whether the mean is over three times the hourly median and 50 ms more, and so are most of the last tries: one late
    /// answer, as after a pause of the peer, is not slow.
    [[nodiscard]] bool slow() const;

private:
    static constexpr std::size_t kBuckets = 208;  // 8 to each doubling, from 1 µs to over a minute
    static constexpr std::size_t kWindows = 6;    // of ten minutes
    struct Tally {
        std::uint8_t bucket = 0;
        std::uint16_t count = 0;
    };
    using Window = std::vector<Tally>;  // in no order
    static_assert(kBuckets <= 256);

    static constexpr std::size_t kRecent = 5;

    void rotate(MonoTime now);

    std::optional<Duration> last_;
    std::optional<Duration> smoothed_;
    MonoTime smoothed_at_;
    std::array<Duration, kRecent> recent_{};
    std::size_t next_recent_ = 0;
    std::size_t samples_ = 0;  ///< up to one more than kRecent
    std::array<Window, kWindows> windows_{};
    std::size_t current_ = 0;
    std::optional<MonoTime> window_began_;
};

/// How many of the last tries to a peer failed, since the link last came up.
class LossMeter {
public:
    static constexpr std::size_t kTriesMax = 100;

    void add(bool succeeded);
    void reset();

    [[nodiscard]] std::optional<double> loss() const;  ///< 0..1; absent before the first try

    /// Whether at least 5 % of at least 40 tries failed, until fewer than half of that do: a link at the edge is told once.
    [[nodiscard]] bool lossy() const { return lossy_; }

private:
    std::bitset<kTriesMax> failed_;
    std::size_t tries_ = 0;
    std::size_t next_ = 0;
    bool lossy_ = false;
};

}  // namespace meshmon::mesh
