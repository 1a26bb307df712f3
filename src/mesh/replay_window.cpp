#include "mesh/replay_window.hpp"

#include <algorithm>

namespace meshmon::mesh {

bool ReplayWindow::use(std::uint64_t counter) {
    if (counter == 0) return false;
    if (counter > highest_) {
        if (counter - highest_ >= kSize) used_.fill(0);
        else forget(highest_ + 1, counter);
        highest_ = counter;
    } else if (highest_ - counter >= kSize) {
        return false;
    }
    std::uint64_t& word = used_[counter % kSize / 64];
    const std::uint64_t bit = std::uint64_t{1} << (counter % 64);
    if ((word & bit) != 0) return false;
    word |= bit;
    return true;
}

/// Words at a time: a sender counts its requests to all, so that those to one lie as far apart as it has peers.
void ReplayWindow::forget(std::uint64_t first, std::uint64_t last) {
    std::uint64_t left = last - first + 1;  // below kSize; the counters themselves may go up to the highest number there is
    while (left > 0) {
        const std::uint64_t from = first % 64;
        const std::uint64_t count = std::min(64 - from, left);
        const std::uint64_t mask = (~std::uint64_t{0} >> (64 - count)) << from;
        used_[first % kSize / 64] &= ~mask;
        first += count;
        left -= count;
    }
}

void Challenges::issue(std::uint64_t challenge, MonoTime now) {
    issued_[1] = issued_[0];
    issued_[0] = {challenge, now, true};
}

void Challenges::offer(std::uint64_t challenge, MonoTime now) { issued_[kOffered] = {challenge, now, true}; }

std::optional<std::uint64_t> Challenges::offered(MonoTime now, Duration age_max) const {
    const Issued& last = issued_[kOffered];
    if (!last.standing || now - last.at > age_max) return std::nullopt;
    return last.value;
}

std::optional<MonoTime> Challenges::redeem(std::uint64_t echo, MonoTime now, Duration lifetime) {
    for (Issued& issued : issued_) {
        if (!issued.standing || issued.value != echo) continue;
        issued.standing = false;
        return now - issued.at <= lifetime ? std::optional(issued.at) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace meshmon::mesh
