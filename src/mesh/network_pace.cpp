// When to try whom: the regular polls, early exchanges after news, and the silence of those that this node does not dial.

#include <algorithm>

#include "mesh/network_impl.hpp"
#include "mesh/probe.hpp"

namespace meshmon::mesh {

namespace {

constexpr std::size_t kEarlyFlightsMax = 50;  // early exchanges start only below this many in flight
constexpr std::size_t kFlightsMax = 512;      // each holds a connection, and so a file descriptor
constexpr double kEarlyBytesPerSecond = 1'000'000;
constexpr double kEarlyBytesBurst = 250'000;
constexpr auto kPace = std::chrono::milliseconds(50);

}  // namespace

bool Network::Impl::may_dial(std::size_t index) const {
    return is_listed() && peers_[index].boxes.own.has_value() && peers_[index].link.options().dials;
}

void Network::Impl::want_exchange(std::size_t index, bool counts, Now now) {
    if (!may_dial(index) || leaving_) return;
    Outgoing& outgoing = peers_[index].outgoing;
    if (outgoing.flight && counts && !outgoing.flight->counts) {  // a try for another's sake must not put the regular one off
        outgoing.flight->counts = now.mono >= judge_from_;
        set_next_poll(index, now);
        return;
    }
    if (outgoing.flight) {
        outgoing.due_counts = outgoing.due ? outgoing.due_counts || counts : counts;
        outgoing.due = true;
        return;
    }
    if (flights_.size() >= kFlightsMax) {
        agenda_.set({Wake::exchange, index}, now.mono + kPace);
        return;
    }
    start_exchange(index, counts, now);
}

void Network::Impl::want_early(std::size_t index, bool first, Now now) {
    Outgoing& outgoing = peers_[index].outgoing;
    if (outgoing.early) return;
    outgoing.early = true;
    if (first) early_.push_front(index);
    else early_.push_back(index);
    agenda_.set_at_latest({Wake::pace, 0}, now.mono);
}

void Network::Impl::pump_early(Now now) {
    early_bytes_ = std::min(kEarlyBytesBurst, early_bytes_ + to_seconds(now.mono - early_bytes_at_) * kEarlyBytesPerSecond);
    early_bytes_at_ = now.mono;
    while (!early_.empty() && flights_.size() < kEarlyFlightsMax && early_bytes_ > 0) {
        const std::size_t index = early_.front();
        early_.pop_front();
        Outgoing& outgoing = peers_[index].outgoing;
        outgoing.early = false;
        if (!may_dial(index)) continue;
        if (outgoing.flight) outgoing.due = true;
        else start_exchange(index, true, now);
    }
    if (early_.empty()) return;
    passes(Probe::early_exchange_waited);
    agenda_.set_at_latest({Wake::pace, 0}, now.mono + kPace);
}

void Network::Impl::schedule_silence(std::size_t index) {
    if (const auto at = peers_[index].link.silent_at()) agenda_.set({Wake::silence, index}, *at);
    else agenda_.cancel({Wake::silence, index});
}

void Network::Impl::check_silence(std::size_t index, Now now) {
    if (now.mono < judge_from_) {
        passes(Probe::silence_judged_later_after_a_pause);
        agenda_.set({Wake::silence, index}, judge_from_);
        return;
    }
    Link& link = peers_[index].link;
    std::optional<MonoTime>& excused = peers_[index].silence_excused;
    if (lagged_at_ && now.mono - *lagged_at_ < try_length(index) && excused != link.silent_at()) {
        excused = link.silent_at();  // it may have been our answer that came too late: once
        excuse(now);
        agenda_.set({Wake::silence, index}, now.mono + try_length(index));
        return;
    }
    const Status before = link.status();
    if (link.check_silence(now)) link_changed(index, before, now);
    else schedule_silence(index);
}

}  // namespace meshmon::mesh
