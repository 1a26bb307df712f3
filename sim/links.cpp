#include "sim/links.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace meshmon::sim {

using namespace std::chrono_literals;

Links::Links(std::size_t hosts, Options options, std::uint64_t seed)
    : hosts_(hosts), options_(options), random_(seed), ways_(hosts * hosts) {}

void Links::change(std::size_t from, std::size_t to, Flag flag, bool on, MonoTime now) {
    MM_CHECK(from < hosts_ && to < hosts_, "no such host");
    Way& way = ways_[from * hosts_ + to];
    const unsigned flags = on ? way.flags | flag : way.flags & ~static_cast<unsigned>(flag);
    if (flags == way.flags) return;
    way = {flags, now};
}

void Links::heal(MonoTime now) {
    for (Way& way : ways_) {
        if (way.flags != 0) way = {0, now};
    }
}

void Links::set_delay(Duration least, Duration most) {
    MM_CHECK(least <= most, "a delay from long to short");
    options_.delay_min = least;
    options_.delay_max = most;
}

std::optional<Duration> Links::passage(std::size_t from, std::size_t to, Packet packet) {
    if ((way(from, to).flags & kDrop) != 0) return std::nullopt;
    const auto spread = static_cast<double>((options_.delay_max - options_.delay_min).count());
    Duration delay = options_.delay_min + Duration(static_cast<Duration::rep>(spread * random_.uniform()));
    Duration again = packet == Packet::syn ? 1s : 200ms;
    constexpr int kTries = 8;
    for (int lost = 0; random_.uniform() < options_.loss; ++lost) {
        if (lost == kTries) return std::nullopt;
        delay += again;
        again *= 2;
    }
    return delay;
}

bool Links::starts(std::size_t from, std::size_t to) const {
    return way(from, to).flags == 0 && (way(to, from).flags & kDrop) == 0;
}

std::optional<MonoTime> Links::whole_since(std::size_t a, std::size_t b) const {
    if (way(a, b).flags != 0 || way(b, a).flags != 0) return std::nullopt;
    return changed(a, b);
}

}  // namespace meshmon::sim
