#include "sim/lossy.hpp"

#include <array>

#include <fmt/format.h>

#include "base/check.hpp"
#include "base/random.hpp"
#include "sim/conditions.hpp"

namespace meshmon::sim {

using namespace std::chrono_literals;
using mesh::Status;

namespace {

constexpr std::uint64_t kDrawing = 0x6c6f737379;  // another stream than the world's own
constexpr double kLossMost = 0.3;

/// What one viewer's events say about the others from `begin` to `end`; all are up at `begin`.
void count(const World& world, std::size_t viewer, MonoTime begin, MonoTime end, LossyRun& run) {
    std::vector<std::pair<Status, MonoTime>> since(world.size(), {Status::up, begin});
    const auto leave = [&](std::size_t subject, MonoTime at) {
        const auto [status, from] = since[subject];
        if (status == Status::degraded) run.degraded_seconds += to_seconds(at - from);
        if (status == Status::unknown) run.unknown_seconds += to_seconds(at - from);
    };
    for (const Told& told : world.events(viewer)) {
        if (told.at < begin || told.event.kind != mesh::EventKind::node_status) continue;
        const std::size_t subject = index_of(world.ids(), told.event.node);
        if (subject == viewer) continue;
        leave(subject, told.at);
        since[subject] = {told.event.to, told.at};
        if (told.event.to != Status::down) continue;
        run.false_downs.push_back(fmt::format("{} calls {} down at {:.3f} s", world.id(viewer).str(), told.event.node.str(),
                                              to_seconds(told.at.time_since_epoch())));
    }
    for (std::size_t subject = 0; subject < world.size(); ++subject) {
        if (subject != viewer) leave(subject, end);
    }
}

}  // namespace

WorldOptions lossy_world(std::uint64_t seed) {
    Random random(seed ^ kDrawing);
    // The fewer the nodes, the likelier that all have bad luck at once; and the more of them fit into a minute of real time.
    constexpr std::array<std::size_t, 20> kSmall = {2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 5, 5, 5, 5, 7, 10};
    constexpr std::array<std::size_t, 2> kLarge = {20, 50};
    constexpr std::array<Duration, 3> kPolls = {1s, 3s, 10s};
    const std::size_t nodes = random.below(1000) == 0 ? kLarge[random.below(kLarge.size())] : kSmall[random.below(kSmall.size())];
    const Duration poll = kPolls[random.below(kPolls.size())];
    const double loss = random.below(4) == 0 ? kLossMost : kLossMost * random.uniform();
    return {.nodes = nodes, .seed = seed, .poll_rate = poll, .links = {.loss = loss}, .check_every = Duration(0)};
}

LossyRun run_lossy(const WorldOptions& options, Duration span) {
    World world(options);
    world.loss(0);
    world.run_for(options.start_within);
    const bool began = world.run_until(all_up(), 3 * options.poll_rate);
    MM_CHECK(began, "a mesh in which nothing is wrong comes up");
    world.loss(options.links.loss);
    const MonoTime begin = world.now();
    world.run_for(span);
    LossyRun run{.seed = options.seed, .nodes = options.nodes, .poll_rate = options.poll_rate, .loss = options.links.loss};
    const auto nodes = static_cast<double>(options.nodes);
    run.node_seconds = nodes * to_seconds(span);
    run.viewed_seconds = run.node_seconds * (nodes - 1);
    for (std::size_t viewer = 0; viewer < options.nodes; ++viewer) count(world, viewer, begin, world.now(), run);
    return run;
}

}  // namespace meshmon::sim
