#include "mesh/replay_window.hpp"

namespace meshmon::mesh {

bool ReplayWindow::use(std::uint64_t counter) {
    if (counter == 0) return false;
    if (counter > highest_) {
        const std::uint64_t step = counter - highest_;
        if (step >= kSize) {
            used_.reset();
        } else {
            for (std::uint64_t skipped = highest_ + 1; skipped <= counter; ++skipped) used_.reset(skipped % kSize);
        }
        highest_ = counter;
    } else if (highest_ - counter >= kSize) {
        return false;
    }
    if (used_.test(counter % kSize)) return false;
    used_.set(counter % kSize);
    return true;
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
