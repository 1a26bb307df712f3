// The kinds of faults that a swarm draws from. Another kind is a function here and a line in kinds().

#include <algorithm>

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
        {"replay", Reach::one, &Swarm::replay},
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

void Swarm::replay(std::size_t node, std::size_t) {
    world_.tap().record();  // the first time there is nothing to repeat yet
    const auto& messages = world_.tap().messages();
    for (std::size_t i = 0; i < kReplayed && !messages.empty() && awake(node); ++i) {
        const Message& message = messages[random_.below(messages.size())];
        world_.inject(node, message.address, message.bytes);
    }
}

void Swarm::heal_links() {
    world_.heal();
    world_.loss(0);
    world_.links().set_delay(1ms, 5ms);
}

// ---- disks and clocks ------------------------------------------------------------------------------------------------

void Swarm::clock(std::size_t node, std::size_t) { world_.step_wall_clock(node, between(-3600s, 3600s)); }

void Swarm::wipe(std::size_t node, std::size_t) {
    if (world_.running(node)) world_.crash(node);
    world_.wipe_disk(node);
    world_.restart(node);
    paused_until_[node] = world_.now();
}

}  // namespace meshmon::sim
