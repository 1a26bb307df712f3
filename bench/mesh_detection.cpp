#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/check.hpp"
#include "base/random.hpp"
#include "mesh_figures.hpp"
#include "sim/conditions.hpp"
#include "sim/world.hpp"

namespace meshmon::bench {

using namespace std::chrono_literals;
using sim::World;

namespace {

constexpr std::size_t kVerdicts = 3000;  // wanted of each kind: p99.9 is the third from the end
constexpr std::size_t kCrashesMost = 300;
constexpr auto kSeenLate = 10s;  // how much longer than the bound a verdict is waited for

struct Times {
    std::vector<double> seconds;
    std::size_t missing = 0;  ///< no verdict even kSeenLate after the bound
};

/// The first `down` about the subject that each viewer told of since then.
void collect(const World& world, std::size_t subject, MonoTime since, Times& times) {
    for (std::size_t viewer = 0; viewer < world.size(); ++viewer) {
        if (viewer == subject) continue;
        const auto& events = world.events(viewer);
        const auto found = std::ranges::find_if(events, [&](const sim::Told& told) {
            return told.at >= since && told.event.kind == mesh::EventKind::node_status && told.event.node == world.id(subject) &&
                   told.event.to == mesh::Status::down;
        });
        if (found == events.end()) ++times.missing;
        else times.seconds.push_back(to_seconds(found->at - since));
    }
}

Times crash_again_and_again(std::size_t nodes, Duration poll, bool refuses) {
    World world({.nodes = nodes, .seed = nodes, .poll_rate = poll, .check_every = Duration(0)});
    Random random(nodes);
    Times times;
    world.run_for(world.options().start_within + 3 * poll);
    const std::size_t crashes = std::clamp<std::size_t>(kVerdicts / (nodes - 1), 2, kCrashesMost);
    for (std::size_t crash = 0; crash < crashes; ++crash) {
        const bool up = world.run_until(sim::all_up(), 2min);
        MM_CHECK(up, "a mesh in which all run is up");
        world.run_for(Duration(static_cast<Duration::rep>(2.0 * random.uniform() * static_cast<double>(poll.count()))));
        const std::size_t subject = random.below(nodes);
        const MonoTime begin = world.now();
        if (refuses) world.crash(subject);
        else world.power_off(subject);
        world.run_for(sim::detection_bound(world) + kSeenLate);
        collect(world, subject, begin, times);
        world.restart(subject);
    }
    std::ranges::sort(times.seconds);
    return times;
}

double quantile(const std::vector<double>& sorted, double q) {
    return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(q * static_cast<double>(sorted.size())))];
}

}  // namespace

void measure_detection(const std::vector<std::size_t>& sizes) {
    fmt::print("\nFrom a crash to `down`, in seconds, at each other node\n");
    fmt::print("{:>5} {:>6} {:>9} {:>9} {:>7} {:>7} {:>7} {:>7} {:>7} {:>8}\n", "N", "poll", "peers get", "verdicts", "p50",
               "p99", "p99.9", "max", "bound", "missing");
    for (const std::size_t nodes : sizes) {
        for (const Duration poll : nodes < 1000 ? std::vector<Duration>{1s, 10s} : std::vector<Duration>{10s}) {
            for (const bool refuses : {true, false}) {
                const Times times = crash_again_and_again(nodes, poll, refuses);
                const World empty({.nodes = nodes, .poll_rate = poll, .started = 0});
                fmt::print("{:>5} {:>4.0f} s {:>9} {:>9} {:>7.2f} {:>7.2f} {:>7.2f} {:>7.2f} {:>7.2f} {:>8}\n", nodes,
                           to_seconds(poll), refuses ? "refused" : "time-out", times.seconds.size(), quantile(times.seconds, 0.5),
                           quantile(times.seconds, 0.99), quantile(times.seconds, 0.999), times.seconds.back(),
                           to_seconds(sim::detection_bound(empty)), times.missing);
                std::fflush(stdout);
            }
        }
    }
}

}  // namespace meshmon::bench
