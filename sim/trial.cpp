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
                return held && held->key == known.second.key && !mesh::is_newer(known.second, *held);
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

Trial try_seed(std::uint64_t seed, const Swarm::Fixed& fixed, const StepLog& log) {
    World world(Swarm::world_of(seed, fixed));
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
