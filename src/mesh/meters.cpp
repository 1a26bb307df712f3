#include "mesh/meters.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace meshmon::mesh {

namespace {

constexpr auto kWindowLength = std::chrono::minutes(10);
constexpr auto kSmoothing = std::chrono::seconds(30);
constexpr std::size_t kSubBuckets = 8;

std::size_t bucket_of(Duration rtt, std::size_t buckets) {
    const auto us =
        static_cast<std::uint64_t>(std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::microseconds>(rtt).count()));
    const auto exponent = static_cast<std::size_t>(std::bit_width(us) - 1);
    const std::size_t fraction = exponent >= 3 ? (us >> (exponent - 3)) & 7 : (us << (3 - exponent)) & 7;
    return std::min(exponent * kSubBuckets + fraction, buckets - 1);
}

Duration middle_of(std::size_t bucket) {
    const double octave = static_cast<double>(std::uint64_t{1} << (bucket / kSubBuckets));
    const double us = octave * (1.0 + (static_cast<double>(bucket % kSubBuckets) + 0.5) / kSubBuckets);
    return from_seconds(us * 1e-6);
}

}  // namespace

void RttMeter::add(Duration rtt, MonoTime now) {
    rotate(now);
    last_ = rtt;
    recent_[next_recent_] = rtt;
    next_recent_ = (next_recent_ + 1) % kRecent;
    samples_ = std::min(samples_ + 1, kRecent + 1);
    if (samples_ <= kRecent) {  // the first try opens the connection: no mean to begin with
        std::array<Duration, kRecent> sorted = recent_;
        const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>((samples_ - 1) / 2);
        std::nth_element(sorted.begin(), middle, sorted.begin() + static_cast<std::ptrdiff_t>(samples_));
        smoothed_ = *middle;
    } else {
        const double elapsed = to_seconds(now - smoothed_at_);
        const double weight = elapsed / (elapsed + to_seconds(kSmoothing));
        *smoothed_ += Duration(static_cast<std::int64_t>(weight * static_cast<double>((rtt - *smoothed_).count())));
    }
    smoothed_at_ = now;
    Window& window = windows_[current_];
    const auto bucket = static_cast<std::uint8_t>(bucket_of(rtt, kBuckets));
    const auto tally = std::ranges::find(window, bucket, &Tally::bucket);
    if (tally == window.end()) window.push_back({bucket, 1});
    else if (tally->count < std::numeric_limits<std::uint16_t>::max()) ++tally->count;
}

void RttMeter::resume(Duration rtt, MonoTime now) {
    last_ = rtt;
    if (!smoothed_) smoothed_ = rtt;
    smoothed_at_ = now;
}

void RttMeter::rotate(MonoTime now) {
    if (!window_began_) window_began_ = now;
    for (std::size_t turned = 0; now - *window_began_ >= kWindowLength && turned < kWindows; ++turned) {
        current_ = (current_ + 1) % kWindows;
        windows_[current_].clear();
        *window_began_ += kWindowLength;
    }
    if (now - *window_began_ >= kWindowLength) window_began_ = now;
}

std::optional<Duration> RttMeter::quantile(double q) const {
    std::array<std::uint64_t, kBuckets> counts{};
    std::uint64_t total = 0;
    for (const Window& window : windows_) {
        for (const Tally& tally : window) {
            counts[tally.bucket] += tally.count;
            total += tally.count;
        }
    }
    if (total == 0) return std::nullopt;
    auto left = static_cast<std::uint64_t>(q * static_cast<double>(total - 1));
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
        if (left < counts[bucket]) return middle_of(bucket);
        left -= counts[bucket];
    }
    return middle_of(kBuckets - 1);
}

bool RttMeter::slow() const {
    constexpr auto kMargin = std::chrono::milliseconds(50);
    if (!smoothed_ || *smoothed_ <= kMargin) return false;  // most links: spares the quantile
    const std::optional<Duration> median = quantile(0.5);
    const Duration limit = std::max<Duration>(3 * *median, *median + kMargin);
    const auto late = std::ranges::count_if(recent_, [limit](Duration rtt) { return rtt > limit; });
    return *smoothed_ > limit && late > static_cast<std::ptrdiff_t>(kRecent / 2);
}

void LossMeter::add(bool succeeded) {
    failed_.set(next_, !succeeded);
    next_ = (next_ + 1) % kTriesMax;
    tries_ = std::min(tries_ + 1, kTriesMax);
    const std::size_t limit_percent = lossy_ ? 50 : 100;  // of 5 %
    lossy_ = tries_ >= 40 && failed_.count() * 20 * 100 >= tries_ * limit_percent;
}

void LossMeter::reset() {
    failed_.reset();
    tries_ = 0;
    next_ = 0;
    lossy_ = false;
}

std::optional<double> LossMeter::loss() const {
    if (tries_ == 0) return std::nullopt;
    return static_cast<double>(failed_.count()) / static_cast<double>(tries_);
}

}  // namespace meshmon::mesh
