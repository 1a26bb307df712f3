#include "sim/swarm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace meshmon::sim {

using namespace std::chrono_literals;

namespace {

using Fault = Swarm::Fault;

constexpr std::array<std::string_view, Swarm::kFaults> kNames = {
    "crash", "power_off", "stop", "pause", "cut", "sever", "isolate", "partition", "loss", "slow", "clock", "wipe", "replay"};
constexpr std::size_t kReplayed = 200;  // messages at once

}  // namespace

WorldOptions Swarm::world_of(std::uint64_t seed) {
    Random random(seed);
    constexpr std::array<Duration, 5> kPolls = {1s, 1s, 1s, 3s, 10s};
    const std::size_t nodes = 2 + random.below(9);
    return {.nodes = nodes, .seed = seed, .poll_rate = kPolls[random.below(kPolls.size())], .start_within = 500ms};
}

Swarm::Swarm(World& world, std::uint64_t seed) : world_(world), random_(seed ^ 0x7377617266U), paused_until_(world.size()) {
    for (std::size_t kind = 0; kind < kFaults; ++kind) {
        if (random_.below(3) == 0) kinds_.push_back(static_cast<Fault>(kind));
    }
    if (kinds_.empty()) kinds_.push_back(Fault::crash);
    if (std::ranges::find(kinds_, Fault::replay) != kinds_.end()) world_.tap().record();
    for (const Fault kind : kinds_) log_ += fmt::format("{} ", kNames[static_cast<std::size_t>(kind)]);
    log_ += '\n';
}

Duration Swarm::between(Duration least, Duration most) {
    return least + Duration(static_cast<Duration::rep>(random_.uniform() * static_cast<double>((most - least).count())));
}

void Swarm::note(const std::string& what) {
    log_ += fmt::format("at {:.3f} s: {}\n", to_seconds(world_.now().time_since_epoch()), what);
}

bool Swarm::awake(std::size_t node) const { return world_.running(node) && world_.now() >= paused_until_[node]; }

void Swarm::run(Duration span) {
    const MonoTime end = world_.now() + span;
    while (world_.now() < end) {
        world_.run_for(std::min<Duration>(between(100ms, 6s), end - world_.now()));
        act();
    }
}

void Swarm::act() {
    if (random_.below(3) == 0) return mend();
    const Fault fault = kinds_[random_.below(kinds_.size())];
    const std::size_t node = random_.below(world_.size());
    const std::size_t other = (node + 1 + random_.below(world_.size() - 1)) % world_.size();
    note(fmt::format("{} {} ({})", kNames[static_cast<std::size_t>(fault)], world_.id(node).str(), world_.id(other).str()));
    harm(fault, node, other);
}

void Swarm::harm(Fault fault, std::size_t node, std::size_t other) {
    switch (fault) {
        case Fault::crash:
            if (world_.running(node)) world_.crash(node);
            return;
        case Fault::power_off:
            if (world_.running(node)) world_.power_off(node);
            return;
        case Fault::stop:
            if (awake(node)) world_.stop_cleanly(node);
            return;
        case Fault::pause: return pause(node, between(500ms, 40s));
        case Fault::cut: return world_.cut(node, other);
        case Fault::sever: return world_.sever(node, other);
        case Fault::isolate: return world_.isolate(node);
        case Fault::partition: return split();
        case Fault::loss: return world_.loss(0.3 * random_.uniform());
        case Fault::slow: return world_.links().set_delay(1ms, between(5ms, 400ms));
        case Fault::clock: return world_.step_wall_clock(node, between(-3600s, 3600s));
        case Fault::wipe: return wipe(node);
        case Fault::replay: return replay(node);
    }
}

void Swarm::mend() {
    const std::size_t node = random_.below(world_.size());
    if (!world_.running(node)) {
        note("restart " + world_.id(node).str());
        return world_.restart(node);
    }
    note("heal");
    world_.heal();
}

void Swarm::pause(std::size_t node, Duration span) {
    if (!awake(node) || world_.leaving(node)) return;
    paused_until_[node] = world_.now() + span;
    world_.pause(node, span);
}

void Swarm::split() {
    std::vector<std::vector<std::size_t>> sides(2 + random_.below(2));
    for (std::size_t node = 0; node < world_.size(); ++node) sides[random_.below(sides.size())].push_back(node);
    world_.partition(sides);
}

void Swarm::wipe(std::size_t node) {
    if (world_.running(node)) world_.crash(node);
    world_.wipe_disk(node);
    world_.restart(node);
    paused_until_[node] = world_.now();
}

void Swarm::replay(std::size_t to) {
    const auto& messages = world_.tap().messages();
    if (messages.empty()) return;
    for (std::size_t i = 0; i < kReplayed && awake(to); ++i) {
        const Message& message = messages[random_.below(messages.size())];
        world_.inject(to, message.address, message.bytes);
    }
}

void Swarm::calm() {
    note("calm");
    world_.heal();
    world_.loss(0);
    world_.links().set_delay(1ms, 5ms);
    MonoTime end = world_.now();
    for (std::size_t node = 0; node < world_.size(); ++node) {
        if (world_.running(node) && !world_.leaving(node)) end = std::max(end, paused_until_[node]);
    }
    world_.run_for(end - world_.now() + 6s);  // a clean stop takes five at most
    for (std::size_t node = 0; node < world_.size(); ++node) {
        if (!world_.running(node)) world_.restart(node);
    }
}

}  // namespace meshmon::sim
