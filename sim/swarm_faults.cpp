// The kinds of faults that a swarm draws from. Another kind is a function and a line in kinds(). Here are those of processes,
// network, disks and clocks; swarm_members.cpp has those of identities.

#include <algorithm>
#include <utility>

#include "sim/swarm.hpp"

namespace meshmon::sim {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kReplayed = 200;  // messages at once

}  // namespace

const std::vector<Swarm::Kind>& Swarm::kinds() {
    static const std::vector<Kind> all = {
        {"crash", Reach::one, &Swarm::crash},     {"power_off", Reach::one, &Swarm::power_off},
        {"stop", Reach::one, &Swarm::stop},       {"pause", Reach::one, &Swarm::pause},
        {"cut", Reach::one, &Swarm::cut},         {"sever", Reach::one, &Swarm::sever},
        {"isolate", Reach::one, &Swarm::isolate}, {"partition", Reach::all, &Swarm::partition},
        {"loss", Reach::all, &Swarm::loss},       {"slow", Reach::all, &Swarm::slow},
        {"clock", Reach::one, &Swarm::clock},     {"wipe", Reach::one, &Swarm::wipe},
        {"replay", Reach::one, &Swarm::replay},   {"restore", Reach::one, &Swarm::restore},
        {"tear", Reach::one, &Swarm::tear},       {"fill", Reach::one, &Swarm::fill},
        {"drift", Reach::one, &Swarm::drift},     {"suspend", Reach::one, &Swarm::suspend},
        {"starve", Reach::one, &Swarm::starve},   {"burst", Reach::one, &Swarm::burst},
        {"clog", Reach::one, &Swarm::clog},       {"limit", Reach::one, &Swarm::limit},
        {"repeat", Reach::all, &Swarm::repeat},   {"rate", Reach::one, &Swarm::rate},
        {"rekey", Reach::one, &Swarm::rekey},     {"lie", Reach::one, &Swarm::lie},
    };
    return all;
}

// ---- processes -------------------------------------------------------------------------------------------------------

void Swarm::crash(std::size_t node, std::size_t) {
    if (world_.running(node)) world_.crash(node);
}

void Swarm::power_off(std::size_t node, std::size_t) {
    if (world_.running(node)) world_.power_off(node);
}

void Swarm::stop(std::size_t node, std::size_t) {
    if (awake(node)) world_.stop_cleanly(node);
}

void Swarm::pause(std::size_t node, std::size_t) {
    const Duration span = between(500ms, 40s);
    if (!awake(node) || world_.leaving(node)) return;
    paused_until_[node] = world_.now() + span;
    world_.pause(node, span);
}

void Swarm::suspend(std::size_t node, std::size_t) {
    const Duration span = between(500ms, 40s);
    if (!awake(node) || world_.leaving(node)) return;
    paused_until_[node] = world_.now() + span;
    world_.suspend(node, span);
}

void Swarm::starve(std::size_t node, std::size_t) {
    if (!awake(node)) return;
    world_.feed(node);
    if (world_.running(node)) world_.starve(node);  // it may have been about to end
}

// ---- network ---------------------------------------------------------------------------------------------------------

void Swarm::cut(std::size_t node, std::size_t other) { world_.cut(node, other); }
void Swarm::sever(std::size_t node, std::size_t other) { world_.sever(node, other); }
void Swarm::isolate(std::size_t node, std::size_t) { world_.isolate(node); }

void Swarm::partition(std::size_t, std::size_t) {
    std::vector<std::vector<std::size_t>> sides(2 + random_.below(2));
    for (std::size_t node = 0; node < world_.size(); ++node) sides[random_.below(sides.size())].push_back(node);
    world_.partition(sides);
}

void Swarm::loss(std::size_t, std::size_t) { world_.loss(0.3 * random_.uniform()); }
void Swarm::slow(std::size_t, std::size_t) { world_.links().set_delay(1ms, between(5ms, 400ms)); }

void Swarm::burst(std::size_t node, std::size_t) {
    const double loss = 0.3 + 0.6 * random_.uniform();
    world_.trouble_around(node, {.loss = loss, .burst = between(1s, 10s), .calm = between(1s, 20s)});
}

void Swarm::clog(std::size_t node, std::size_t other) { world_.clog(node, other, between(500ms, 20s)); }

void Swarm::limit(std::size_t node, std::size_t) {
    const double bytes_per_second = 2'000 + 20'000 * random_.uniform();
    world_.trouble_around(node, {.late = between(0ms, 200ms), .bytes_per_second = bytes_per_second});
}

void Swarm::repeat(std::size_t, std::size_t) { world_.links().set_repeats(0.3 * random_.uniform()); }

void Swarm::replay(std::size_t node, std::size_t) {
    world_.tap().record();  // the first time there is nothing to repeat yet
    const auto& messages = world_.tap().messages();
    for (std::size_t i = 0; i < kReplayed && !messages.empty() && world_.awake(node); ++i) {
        const Message& message = messages[random_.below(messages.size())];
        world_.inject(node, message.address, message.bytes);
    }
}

void Swarm::restart(std::size_t node) {
    if (full_.erase(node) > 0) world_.fill_disk(node, false);
    world_.restart(node);
    paused_until_[node] = world_.now();
}

void Swarm::heal_all() {
    world_.heal();
    world_.loss(0);
    world_.links().set_delay(1ms, 5ms);
    world_.links().set_repeats(0);
    for (std::size_t node = 0; node < world_.size(); ++node) world_.feed(node);
    mend_members();
    for (const std::size_t node : std::exchange(full_, {})) world_.fill_disk(node, false);
}

// ---- disks and clocks ------------------------------------------------------------------------------------------------

void Swarm::clock(std::size_t node, std::size_t) { world_.step_wall_clock(node, between(-3600s, 3600s)); }

void Swarm::drift(std::size_t node, std::size_t) { world_.set_drift(node, 400 * random_.uniform() - 200); }

/// Of the clock that decides. Two that differ by 400 millionths are half a second apart after twenty minutes.
void Swarm::rate(std::size_t node, std::size_t) { world_.set_mono_drift(node, 400 * random_.uniform() - 200); }

/// Somebody makes a copy of the disk, and the next time puts it back.
void Swarm::restore(std::size_t node, std::size_t) {
    if (!copies_.contains(node)) {
        copies_.emplace(node, world_.disk(node).file());
        return;
    }
    begin_anew(node, [this](std::size_t one) { world_.restore_disk(one, copies_.at(one)); });
    copies_.erase(node);
}

void Swarm::wipe(std::size_t node, std::size_t) {
    begin_anew(node, [this](std::size_t one) { world_.wipe_disk(one); });
}

void Swarm::tear(std::size_t node, std::size_t) {
    begin_anew(node, [this](std::size_t one) { world_.tear_disk(one); });
}

/// Until its process ends: one that begins on a full disk can sign nothing, so that no relay can bring a proof of its life.
void Swarm::fill(std::size_t node, std::size_t) {
    full_.insert(node);
    world_.fill_disk(node);
}

void Swarm::begin_anew(std::size_t node, const std::function<void(std::size_t)>& with_another_disk) {
    if (world_.running(node)) world_.crash(node);
    with_another_disk(node);
    restart(node);
}

}  // namespace meshmon::sim
