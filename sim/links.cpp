#include "sim/links.hpp"

#include <algorithm>
#include <cmath>

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

void Links::trouble(std::size_t from, std::size_t to, const Trouble& trouble, MonoTime now) {
    MM_CHECK(from < hosts_ && to < hosts_, "no such host");
    const std::size_t place = from * hosts_ + to;
    troubled_[place].trouble = trouble;
    troubled_[place].switches_at = now + about(trouble.calm);
    troubled_[place].bad = false;
    ways_[place].changed = now;
}

void Links::clog(std::size_t from, std::size_t to, MonoTime until, MonoTime now) {
    MM_CHECK(from < hosts_ && to < hosts_, "no such host");
    const std::size_t place = from * hosts_ + to;
    troubled_[place].clogged_until = until;
    ways_[place].changed = now;
}

void Links::heal(MonoTime now) {
    for (Way& way : ways_) {
        if (way.flags != 0) way = {0, now};
    }
    for (const auto& [place, way] : troubled_) ways_[place].changed = now;
    troubled_.clear();
}

void Links::set_delay(Duration least, Duration most) {
    MM_CHECK(least <= most, "a delay from long to short");
    options_.delay_min = least;
    options_.delay_max = most;
}

Duration Links::drawn_delay() {
    const auto least = static_cast<double>(options_.delay_min.count());
    const auto most = static_cast<double>(options_.delay_max.count());
    const double chance = random_.uniform();
    if (options_.tail <= 0) return Duration(static_cast<Duration::rep>(least + (most - least) * chance));
    const double rest = 1 - std::pow(least / most, options_.tail);
    return Duration(static_cast<Duration::rep>(least / std::pow(1 - chance * rest, 1 / options_.tail)));
}

Duration Links::about(Duration mean) {
    return Duration(static_cast<Duration::rep>(-std::log(1 - random_.uniform()) * static_cast<double>(mean.count())));
}

void Links::advance(Troubled& way, MonoTime now) {
    if (way.trouble.burst == Duration::zero()) return;
    while (way.switches_at <= now) {
        way.bad = !way.bad;
        way.switches_at += std::max(Duration(1ms), about(way.bad ? way.trouble.burst : way.trouble.calm));
    }
}

/// Of what is sent again after the state switched once; a second switch in that time makes no difference.
double Links::loss_of(const Troubled& way, MonoTime at) const {
    const bool in_bursts = way.trouble.burst > Duration::zero();
    const bool bad = !in_bursts || way.bad == (at < way.switches_at);
    return bad ? std::max(way.trouble.loss, options_.loss) : options_.loss;
}

Duration Links::queueing(Troubled& way, MonoTime now, std::size_t bytes) {
    MonoTime leaves = std::max(now, way.clogged_until);
    if (way.trouble.bytes_per_second > 0) {
        leaves = std::max(leaves, way.busy_until) + from_seconds(static_cast<double>(bytes) / way.trouble.bytes_per_second);
        way.busy_until = leaves;
    }
    return leaves - now + way.trouble.late;
}

std::optional<Duration> Links::passage(std::size_t from, std::size_t to, Packet packet, MonoTime now, std::size_t bytes) {
    if ((way(from, to).flags & kDrop) != 0) return std::nullopt;
    Duration delay = drawn_delay();
    const auto found = troubled_.find(from * hosts_ + to);
    Troubled* const troubled = found == troubled_.end() ? nullptr : &found->second;
    if (troubled != nullptr) {
        advance(*troubled, now);
        delay += queueing(*troubled, now, bytes);
    }
    const auto loss = [&](Duration later) { return troubled == nullptr ? options_.loss : loss_of(*troubled, now + later); };
    Duration again = packet == Packet::syn ? 1s : 200ms;
    Duration waited{};
    constexpr int kTries = 8;
    for (int lost = 0; random_.uniform() < loss(waited); ++lost) {
        if (lost == kTries) return std::nullopt;
        waited += again;
        again *= 2;
    }
    return delay + waited;
}

std::optional<Duration> Links::repeated() {
    if (options_.repeats <= 0 || random_.uniform() >= options_.repeats) return std::nullopt;
    return about(300ms);
}

bool Links::starts(std::size_t from, std::size_t to) const {
    return way(from, to).flags == 0 && (way(to, from).flags & kDrop) == 0;
}

const Links::Troubled* Links::troubled(std::size_t from, std::size_t to) const {
    if (troubled_.empty()) return nullptr;
    const auto found = troubled_.find(from * hosts_ + to);
    return found == troubled_.end() ? nullptr : &found->second;
}

bool Links::is_troubled(std::size_t a, std::size_t b, MonoTime now) const {
    const auto suffers = [now](const Troubled* way) {
        return way != nullptr && (way->clogged_until > now || way->trouble.loss > 0 || way->trouble.late > Duration::zero() ||
                                  way->trouble.bytes_per_second > 0);
    };
    return suffers(troubled(a, b)) || suffers(troubled(b, a));
}

MonoTime Links::changed(std::size_t a, std::size_t b, MonoTime now) const {
    MonoTime last = std::max(way(a, b).changed, way(b, a).changed);
    for (const Troubled* clogged : {troubled(a, b), troubled(b, a)}) {
        if (clogged != nullptr && clogged->clogged_until <= now) last = std::max(last, clogged->clogged_until);
    }
    return last;
}

std::optional<MonoTime> Links::whole_since(std::size_t a, std::size_t b, MonoTime now) const {
    if (way(a, b).flags != 0 || way(b, a).flags != 0 || is_troubled(a, b, now)) return std::nullopt;
    return changed(a, b, now);
}

}  // namespace meshmon::sim
