#include "sim/trial.hpp"

#include <algorithm>

#include "sim/conditions.hpp"

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

void insist_on_recovery(World& world, Swarm& swarm) {
    const Condition reached = core_reached(swarm.core());
    if (!world.run_until(reached, recovery_bound(world))) {
        return world.broken("L2: the core is at peace, and not all of it see each other up");
    }
    swarm.run_beside_core(kPollsBesideCore * world.options().poll_rate);
    if (!reached(world)) world.broken("L2: the core was well, was left in peace, and is no longer well");
    if (swarm.core().size() < world.size() || world.size() > kWaitsFor) return;
    if (!world.run_until(all_up(), kPollsOfAMeter * world.options().poll_rate)) {
        world.broken("L2: all are at peace, and not everybody is up again");
    }
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
