// How well this node is itself: isolated, starved, or with losses that are its own.

#include <algorithm>

#include <fmt/format.h>

#include "mesh/mistake.hpp"
#include "mesh/network_impl.hpp"
#include "mesh/probe.hpp"

namespace meshmon::mesh {

void Network::Impl::check_own_health(Now now) {
    if (leaving_ || !is_listed()) return;
    const bool tried = had_quorum_ || now.mono - started_at_ >= detection_bound_ || links_down_ > 0;
    if (!has_quorum_ && tried && !made(Mistake::never_isolated)) return set_health(SelfHealth::isolated, now);
    const bool starved = is_starved(now);
    if (starved && excused_at_) agenda_.set({Wake::review, *self_}, *excused_at_ + 2 * longest_poll_ + Duration(1));
    set_health(starved || lost_too_many(now) ? SelfHealth::unhealthy : SelfHealth::healthy, now);
}

/// Whether a try ran out of time of which this process missed a good part: the answer may lie here, unread.
bool Network::Impl::is_own_lag(std::size_t index, const Flight& flight, Reason reason) const {
    const bool ran_out = reason == Reason::timeout || reason == Reason::dns;
    return ran_out && flight.lagged * 4 >= try_length(index);
}

void Network::Impl::excuse(Now now) {
    if (!excused_at_ || now.mono - *excused_at_ > 2 * longest_poll_) excused_since_ = now.mono;
    excused_at_ = now.mono;
    request_pass(now);
}

/// Whether this process goes on running too late to judge: what it last found of others may long be old. So it is with pause
/// upon pause, none of which leaves it the poll that it waits before it judges, and where tries run out for want of time.
bool Network::Impl::is_starved(Now now) const {
    if (pauses_unjudged_ >= 2) return true;
    return excused_at_ && now.mono - *excused_at_ <= 2 * longest_poll_ && *excused_at_ - *excused_since_ >= longest_poll_;
}

/// Whether this node accuses somebody and has not said so yet in a head. Under a key that has signed nothing, nothing is said.
bool Network::Impl::accuses_unsaid() const {
    if (!self_ || !peers_[*self_].row) return false;
    std::pair<std::uint64_t, std::uint64_t> said;  // epoch and seq of the newest head
    if (own_.current()) said = {own_.current()->head.epoch, own_.current()->head.seq};
    return std::ranges::any_of(peers_[*self_].row->exceptions(), [said](const auto& entry) {
        const Exception& exception = entry.second;
        return exception.opinion() == Opinion::accuses && std::pair(exception.accused_epoch, exception.accused_seq) > said;
    });
}

/// Whether many links broke at once that the others do not find broken: then the trouble is here.
bool Network::Impl::lost_too_many(Now now) const {
    if (lost_at_.size() < 2) return false;
    std::size_t peers = 0;
    for (std::size_t i = 0; i < peers_.size(); ++i) peers += is_foreseen(i) ? 1 : 0;
    const Duration window = 2 * longest_poll_;
    std::vector<std::size_t> lost;
    for (const auto& [index, at] : lost_at_) {
        if (health_ == SelfHealth::unhealthy || now.mono - at <= window) lost.push_back(index);
    }
    if (lost.size() < 2 || lost.size() * 3 <= peers) return false;
    std::size_t observers = 0;
    for (std::size_t i = 0; i < peers_.size(); ++i) observers += i != self_ && peers_[i].row && is_fresh(i, now) ? 1 : 0;
    std::size_t unshared = 0;  // losses that fewer than a quarter of the other fresh observers share
    for (const std::size_t index : lost) {
        std::size_t accusers = 0;
        for (std::size_t i = 0; i < peers_.size(); ++i) {
            if (i != self_ && i != index && peers_[i].row && is_fresh(i, now) &&
                peers_[i].row->opinion(index) == Opinion::accuses)
                ++accusers;
        }
        if (accusers * 4 < observers) ++unshared;
    }
    return unshared * 2 > lost.size();
}

void Network::Impl::set_health(SelfHealth health, Now now) {
    if (health_ == health) return;
    if (health == SelfHealth::isolated) passes(Probe::isolated);
    if (health == SelfHealth::unhealthy) passes(Probe::unhealthy);
    const std::string detail = fmt::format("{} (was {})", to_string(health), to_string(health_));
    health_ = health;
    tell({EventKind::self_health, roster_.self, Status::unknown, Status::unknown, Reason::none, false, now.wall, detail});
    own_state_changed(now);
}

}  // namespace meshmon::mesh
