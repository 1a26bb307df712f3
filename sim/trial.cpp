#include "sim/trial.hpp"

#include <algorithm>

#include "mesh/record.hpp"
#include "sim/conditions.hpp"
#include "sim/exam.hpp"

namespace meshmon::sim {

using namespace std::chrono_literals;
using mesh::Status;

namespace {

constexpr Duration kStart = 5s;
constexpr int kPollsBesideCore = 6;
constexpr int kPollsOfAMeter = 110;    // a link that lost much is degraded for its next hundred tries
constexpr std::size_t kWaitsFor = 10;  // nodes; for more it takes too long

const World* under_way = nullptr;

/// Shows progress() a world as long as it lives.
struct UnderWay {
    explicit UnderWay(const World& world) { under_way = &world; }
    ~UnderWay() { under_way = nullptr; }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;
};

/// All of `core` see each other as nodes that they reach.
Condition core_reached(const std::vector<std::size_t>& core) {
    return [core](const World& world) {
        return std::ranges::all_of(core, [&](std::size_t viewer) {
            return std::ranges::none_of(core, [&](std::size_t subject) {
                const Status status = world.status(viewer, subject);
                return status == Status::down || status == Status::unknown;
            });
        });
    };
}

/// All of `core` hold the record that each of them had signed last when this was asked for, or a newer one.
Condition core_holds_what_is_newest(const World& world, const std::vector<std::size_t>& core) {
    std::vector<std::pair<std::size_t, wire::Version>> newest;
    for (const std::size_t owner : core) {
        if (const auto version = world.view(owner).head) newest.emplace_back(owner, *version);
    }
    return [core, newest](const World& later) {
        return std::ranges::all_of(core, [&](std::size_t viewer) {
            return std::ranges::all_of(newest, [&](const auto& known) {
                const auto held = later.node(viewer, known.first).head;
                const auto newest_now = later.view(known.first).head;
                if (!held || !newest_now) return false;
                const bool is_rotated = held->key != known.second.key && held->key == newest_now->key;
                return is_rotated || (held->key == known.second.key && !mesh::is_newer(known.second, *held));
            });
        });
    };
}

void insist_on_recovery(World& world, Swarm& swarm) {
    const Condition reached = core_reached(swarm.core());
    if (!world.run_until(reached, recovery_bound(world))) {
        return world.broken("recovery: the core is at peace, and not all of it see each other up");
    }
    const Bounds bounds = bounds_of(world);
    if (!world.run_until([&](const World& now) { return all_speak(now, swarm.core()); }, bounds.recovery())) {
        return world.broken("recovery: the core is at peace, and not all of it are heard under their present epoch");
    }
    if (!world.run_until(core_holds_what_is_newest(world, swarm.core()), bounds.convergence())) {
        return world.broken("recovery: the core is at peace, and not all of it hold what was newest five polls ago");
    }
    swarm.run_beside_core(kPollsBesideCore * world.options().poll_rate);
    if (!reached(world)) world.broken("recovery: the core was well, was left in peace, and is no longer well");
    if (swarm.core().size() < world.size() || world.size() > kWaitsFor) return;
    if (!world.run_until(all_up(), kPollsOfAMeter * world.options().poll_rate)) {
        return world.broken("recovery: all are at peace, and not everybody is up again");
    }
    examine(world, world.options().seed);
}

}  // namespace

std::optional<Progress> progress() {
    if (under_way == nullptr) return std::nullopt;
    const World& world = *under_way;
    return Progress{world.size(), to_seconds(world.now().time_since_epoch()), world.events_executed(), world.trace_number()};
}

Trial try_seed(std::uint64_t seed, const Swarm::Fixed& fixed, const StepLog& log) {
    World world(Swarm::world_of(seed, fixed));
    const UnderWay shown(world);
    world.log_steps(log);
    Swarm swarm(world, seed);
    world.run_for(kStart);
    swarm.run(swarm.span());
    if (world.holds()) swarm.calm();
    if (world.holds()) insist_on_recovery(world, swarm);
    Trial trial{.seed = seed,
                .nodes = world.size(),
                .virtual_s = to_seconds(world.now().time_since_epoch()),
                .events = world.events_executed(),
                .trace = world.trace_hash(),
                .violations = world.violations(),
                .story = {}};
    if (!trial.violations.empty()) trial.story = swarm.story() + world.describe();
    return trial;
}

}  // namespace meshmon::sim
