#include "mesh/link.hpp"

#include <algorithm>
#include <utility>

#include "mesh/mistake.hpp"
#include "mesh/probe.hpp"

namespace meshmon::mesh {

Link::Link(Options options, Now now) : options_(options), since_(now.wall), began_(now.mono) {}

void Link::configure(Options options, bool afresh, Now now) {
    if (afresh) {
        *this = Link(options, now);
        return;
    }
    if (options.dialed_by && !options_.dialed_by) {
        began_ = now.mono;
        silent_ = false;
    }
    options_ = options;
}

bool Link::change_out(Status status, Reason reason, Now now) {
    if (out_ == status && out_reason_ == reason) return false;
    if (out_ != status) since_ = now.wall;
    out_ = status;
    out_reason_ = reason;
    return true;
}

bool Link::succeeded(Duration rtt, Now now) {
    if (out_ != Status::up) loss_.reset();
    loss_.add(true);
    if (failures_ > 0 && ever_up_) {
        rtt_.resume(rtt, now.mono);
    } else {
        rtt_.add(rtt, now.mono);
    }
    failures_ = 0;
    failing_since_.reset();
    ever_up_ = true;
    detail_.clear();
    last_success_ = now.mono;
    return change_out(Status::up, Reason::none, now);
}

bool Link::failed(Reason reason, std::string detail, bool outside_box, bool counts, Now now) {
    last_failure_ = now.mono;
    if (!failing_since_) failing_since_ = now.mono;
    detail_ = std::move(detail);
    if (outside_box && !ever_up_) {
        passes(Probe::failed_outside_a_box);
        return change_out(Status::unknown, reason, now);
    }
    if (!counts) {
        passes(Probe::failure_that_does_not_count);
        return false;
    }
    loss_.add(false);
    ++failures_;
    int enough = options_.retry;
    if (made(Mistake::waits_two_tries_more)) enough += 2;
    if (failures_ < static_cast<std::uint64_t>(enough)) return false;
    return change_out(Status::down, reason, now);
}

bool Link::heard(Now now) {
    const bool changed = options_.dialed_by && (silent_ || !last_heard_);
    if (changed && !options_.dials) since_ = now.wall;
    silent_ = false;
    last_heard_ = now.mono;
    return changed;
}

bool Link::check_silence(Now now) {
    const auto at = silent_at();
    if (!at || now.mono < *at) return false;
    passes(Probe::silent);
    silent_ = true;
    if (!options_.dials) {
        since_ = now.wall;
        last_failure_ = now.mono;
    }
    return true;
}

std::optional<MonoTime> Link::silent_at() const {
    if (!options_.dialed_by || silent_ || made(Mistake::never_tires_of_silence)) return std::nullopt;
    return last_heard_.value_or(began_) + options_.silent_after;
}

wire::OutState Link::out() const {
    if (!options_.dials) return wire::OutState::not_foreseen;
    switch (out_) {
        case Status::up: return wire::OutState::ok;
        case Status::down: return wire::OutState::failed;
        case Status::degraded:
        case Status::unknown: return wire::OutState::unknown;
    }
    return wire::OutState::unknown;
}

wire::InState Link::in() const {
    if (!options_.dialed_by) return wire::InState::not_foreseen;
    if (!silent_) return last_heard_ ? wire::InState::heard : wire::InState::not_foreseen;
    // Whom this node dials is not blamed for never having dialed back, nor anybody for what its key or URL prevents.
    const bool could_be_heard = last_heard_ || (!options_.dials && options_.obstacle == Reason::none);
    return could_be_heard ? wire::InState::silent : wire::InState::not_foreseen;
}

bool Link::one_way() const {
    if (!options_.dials || !options_.dialed_by) return false;
    return (out() == wire::OutState::ok && in() == wire::InState::silent) ||
           (out() == wire::OutState::failed && in() == wire::InState::heard);
}

std::uint8_t Link::flags() const {
    std::uint8_t bits = 0;
    if (out() != wire::OutState::ok) return bits;
    if (loss_.lossy()) bits |= static_cast<std::uint8_t>(wire::LinkFlag::lossy);
    if (rtt_.slow()) bits |= static_cast<std::uint8_t>(wire::LinkFlag::slow);
    return bits;
}

bool Link::plainly_up() const { return status() == Status::up && in() != wire::InState::silent && flags() == 0; }

Status Link::status() const {
    if (options_.dials) return out_;
    switch (in()) {
        case wire::InState::heard: return Status::up;
        case wire::InState::silent: return Status::down;
        case wire::InState::not_foreseen: return Status::unknown;
    }
    return Status::unknown;
}

Reason Link::reason() const {
    if (status() == Status::up) return Reason::none;
    if (options_.dials) return out_reason_;
    if (status() == Status::down) return Reason::silent;
    return options_.obstacle == Reason::none ? Reason::never_seen : options_.obstacle;
}

std::optional<MonoTime> Link::heard_until() const {
    // Where tries fail, requests that go on coming after the first failure show that the other direction works.
    const bool is_heard = options_.dialed_by && last_heard_ && !silent_ && (!failing_since_ || *failing_since_ < *last_heard_);
    if (!is_heard) return std::nullopt;
    return *last_heard_ + (options_.dials ? options_.heard_for : options_.silent_after);
}

bool Link::seen_directly(MonoTime now) const {
    const bool tries_succeed = last_success_ && (!last_failure_ || *last_failure_ < *last_success_);
    if (tries_succeed) return true;
    const auto until = heard_until();
    return until && now <= *until;
}

}  // namespace meshmon::mesh
