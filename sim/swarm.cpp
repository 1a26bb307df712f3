#include "sim/swarm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace meshmon::sim {

using namespace std::chrono_literals;

namespace {

// Each seed draws from streams of its own, so that one more draw in one place moves nothing elsewhere.
constexpr std::uint64_t kWorldStream = 0x776f726c64;
constexpr std::uint64_t kTroubleStream = 0x7377617266;

constexpr std::uint64_t kLargeOneIn = 16;  // seeds with more than ten nodes
constexpr std::size_t kLargeMost = 40;
constexpr std::size_t kManyNodes = 20;  // from here on polls are short, and so is the trouble: messages grow with the square
constexpr std::uint64_t kRealCryptoOneIn = 32;
constexpr double kExchanges = 25'000;  // about as many as fit into the seconds that one seed may take
constexpr int kPollsLeast = 6;
constexpr Duration kStop = 6s;           // a clean stop takes five at most
constexpr Duration kFailedWrites = 30s;  // a write that failed is tried again so late at most

}  // namespace

WorldOptions Swarm::world_of(std::uint64_t seed, const Fixed& fixed) {
    Random random(seed ^ kWorldStream);
    constexpr std::array<Duration, 5> kPolls = {1s, 1s, 1s, 3s, 10s};
    const bool is_large = random.below(kLargeOneIn) == 0;
    const std::size_t drawn = is_large ? 11 + random.below(kLargeMost - 10) : 2 + random.below(9);
    const Duration drawn_poll = kPolls[random.below(kPolls.size())];
    const bool is_real = random.below(kRealCryptoOneIn) == 0 && !is_large;
    const std::size_t nodes = fixed.nodes.value_or(drawn);
    const Duration poll = nodes > kManyNodes ? kPolls.front() : drawn_poll;
    return {.nodes = nodes,
            .seed = seed,
            .poll_rate = poll,
            .crypto = fixed.crypto.value_or(is_real ? CryptoKind::sodium : CryptoKind::stand_in),
            .start_within = 500ms};
}

Swarm::Swarm(World& world, std::uint64_t seed) : world_(world), random_(seed ^ kTroubleStream), paused_until_(world.size()) {
    for (const Kind& kind : kinds()) {
        if (random_.below(3) == 0) kinds_.push_back(kind);
    }
    if (kinds_.empty()) kinds_.push_back(kinds().front());
    for (const Kind& kind : kinds_) story_ += fmt::format("{} ", kind.name);
    story_ += '\n';
}

Duration Swarm::span() const {
    const Duration poll = world_.options().poll_rate;
    const double exchanges_in_poll = static_cast<double>(world_.size() * (world_.size() - 1));
    const auto polls = static_cast<Duration::rep>(kExchanges / exchanges_in_poll);
    return std::max(kPollsLeast * poll, std::min(polls * poll, std::max<Duration>(2min, 40 * poll)));
}

Duration Swarm::between(Duration least, Duration most) {
    return least + Duration(static_cast<Duration::rep>(random_.uniform() * static_cast<double>((most - least).count())));
}

void Swarm::note(const std::string& what) {
    const std::string line = fmt::format("at {:.3f} s: {}", to_seconds(world_.now().time_since_epoch()), what);
    story_ += line + '\n';
    world_.log(line);
}

bool Swarm::awake(std::size_t node) const { return world_.running(node) && world_.now() >= paused_until_[node]; }

bool Swarm::in_core(std::size_t node) const { return std::ranges::binary_search(core_, node); }

std::size_t Swarm::other_than(std::size_t node) { return (node + 1 + random_.below(world_.size() - 1)) % world_.size(); }

void Swarm::run(Duration span) {
    const MonoTime end = world_.now() + span;
    while (world_.now() < end && world_.holds()) {
        world_.run_for(std::min<Duration>(between(100ms, 6s), end - world_.now()));
        act();
    }
}

void Swarm::act() {
    if (random_.below(3) == 0) return mend();
    const Kind& kind = kinds_[random_.below(kinds_.size())];
    const std::size_t node = random_.below(world_.size());
    const std::size_t other = other_than(node);
    if (liars_.contains(node) && kind.harm != &Swarm::lie) return;
    if (in_core(node) || (!core_.empty() && kind.reach == Reach::all)) return;
    note(fmt::format("{} {} ({})", kind.name, world_.id(node).str(), world_.id(other).str()));
    (this->*kind.harm)(node, other);
}

void Swarm::mend() {
    const std::size_t node = random_.below(world_.size());
    if (!world_.running(node) && !liars_.contains(node)) {
        note("restart " + world_.id(node).str());
        return restart(node);
    }
    note("heal");
    world_.heal();
}

void Swarm::calm() {
    for (std::size_t node = 0; node < world_.size(); ++node) {
        if (!liars_.contains(node)) core_.push_back(node);
    }
    if (random_.below(2) == 0) {
        for (std::size_t last = core_.size() - 1; last > 0; --last) std::swap(core_[last], core_[random_.below(last + 1)]);
        core_.resize(std::max<std::size_t>(2, core_.size() - 1 - random_.below(core_.size() / 2 + 1)));
        std::ranges::sort(core_);
    }
    rest_suffers_ = core_.size() < world_.size() && random_.below(2) == 0;
    std::string names;
    for (const std::size_t node : core_) names += " " + world_.id(node).str();
    note("calm for" + names);
    const Duration aftermath = full_.empty() ? 0s : kFailedWrites;
    heal_all();
    for (std::size_t node = 0; node < world_.size(); ++node) {
        if (!in_core(node) && random_.below(2) == 0) world_.isolate(node);
    }
    MonoTime end = world_.now();
    for (const std::size_t node : core_) {
        if (world_.running(node) && !world_.leaving(node)) end = std::max(end, paused_until_[node]);
    }
    world_.run_for(end - world_.now() + kStop + aftermath);
    for (const std::size_t node : core_) {
        if (!world_.running(node)) restart(node);
    }
}

void Swarm::run_beside_core(Duration span) {
    if (rest_suffers_) run(span);
    else world_.run_for(span);
}

}  // namespace meshmon::sim
