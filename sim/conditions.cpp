#include "sim/conditions.hpp"

#include <algorithm>

namespace meshmon::sim {

using namespace std::chrono_literals;
using mesh::Status;

namespace {

Condition every_viewer(std::function<bool(const World&, std::size_t viewer)> holds) {
    return [holds = std::move(holds)](const World& world) {
        for (std::size_t viewer = 0; viewer < world.size(); ++viewer) {
            if (world.running(viewer) && world.honest(viewer) && !holds(world, viewer)) return false;
        }
        return true;
    };
}

std::size_t count(const mesh::NetworkView& view, Status status) {
    const auto found = view.by_status.find(status);
    return found == view.by_status.end() ? 0 : found->second;
}

}  // namespace

Condition all_up() {
    return every_viewer([](const World& world, std::size_t viewer) {
        const mesh::NetworkView view = world.view(viewer);
        return count(view, Status::up) == view.nodes;
    });
}

Condition nobody_down() {
    return every_viewer([](const World& world, std::size_t viewer) { return count(world.view(viewer), Status::down) == 0; });
}

Condition never_down(std::size_t subject) {
    return every_viewer(
        [subject](const World& world, std::size_t viewer) { return world.status(viewer, subject) != Status::down; });
}

Condition everyone_sees(std::size_t subject, Status status) {
    return every_viewer([subject, status](const World& world, std::size_t viewer) {
        return viewer == subject || world.status(viewer, subject) == status;
    });
}

Condition see(std::vector<std::size_t> viewers, std::vector<std::size_t> subjects, Status status) {
    return [viewers = std::move(viewers), subjects = std::move(subjects), status](const World& world) {
        return std::ranges::all_of(viewers, [&](std::size_t viewer) {
            return world.running(viewer) &&
                   std::ranges::all_of(subjects, [&](std::size_t subject) { return world.status(viewer, subject) == status; });
        });
    };
}

Bounds bounds_of(const World& world) { return {world.size(), world.options().poll_rate, world.options().retry}; }

Duration detection_bound(const World& world) { return bounds_of(world).detection(); }
Duration recovery_bound(const World& world) { return bounds_of(world).recovery(); }
Duration partition_bound(const World& world) { return bounds_of(world).partition(); }

}  // namespace meshmon::sim
