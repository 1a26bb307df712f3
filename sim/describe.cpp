#include <algorithm>

#include <fmt/format.h>

#include "sim/world.hpp"

namespace meshmon::sim {

namespace {

constexpr std::size_t kShown = 12;  // wider tables tell people nothing
constexpr std::size_t kEventsShown = 8;

std::string cell(const mesh::NodeView& node) {
    return fmt::format("{}{}{}{}", to_string(node.status), node.contested ? "?" : "",
                       node.reason == mesh::Reason::none ? "" : ":", to_string(node.reason));
}

/// Who finds what wrong with a node that is not plainly up: "n03(n00:down n01:one_way)".
std::string testimonies(const mesh::NodeView& node) {
    std::string text;
    for (const mesh::Testimony& testimony : node.evidence.testimonies) {
        text += fmt::format(" {}:{}{}{}{}", testimony.observer.str(), to_string(testimony.says),
                            testimony.one_way ? ",one_way" : "", testimony.lossy ? ",lossy" : "", testimony.slow ? ",slow" : "");
        if (!testimony.counts) text += fmt::format("(no vote: {})", testimony.why_not);
    }
    return text.empty() ? text : fmt::format("         {} by{}\n", node.id.str(), text);
}

std::string row(const World& world, std::size_t viewer) {
    if (!world.running(viewer)) return fmt::format("{:>5}: not running\n", world.id(viewer).str());
    const mesh::NetworkView view = world.view(viewer);
    std::string line = fmt::format("{:>5}: {} sees {}/{} ", view.self.str(), to_string(view.self_health), view.seen, view.nodes);
    const auto nodes = world.nodes(viewer);
    for (std::size_t i = 0; i < std::min(kShown, nodes.size()); ++i)
        line += fmt::format(" {}={}", nodes[i].id.str(), cell(nodes[i]));
    for (const auto& [reason, count] : world.counters(viewer).exchanges_failed) {
        line += fmt::format(" failed:{}={}", to_string(reason), count);
    }
    for (const auto& [name, count] : world.counters(viewer).refused) line += fmt::format(" refused:{}={}", name, count);
    line += '\n';
    for (const mesh::NodeView& node : nodes) {
        if (node.status != mesh::Status::up) line += testimonies(node);
    }
    return line;
}

std::string last_events(const World& world, std::size_t viewer) {
    std::string text;
    const auto& told = world.events(viewer);
    for (std::size_t i = told.size() - std::min(kEventsShown, told.size()); i < told.size(); ++i) {
        const mesh::Event& event = told[i].event;
        text += fmt::format("    {:>9.3f} s {} {} {} {} -> {} {}{} {}\n", to_seconds(told[i].at.time_since_epoch()),
                            world.id(viewer).str(), to_string(event.kind), event.node.str(), to_string(event.from),
                            to_string(event.to), to_string(event.reason), event.contested ? " contested" : "", event.detail);
    }
    return text;
}

}  // namespace

std::string World::describe() const {
    std::string text = fmt::format("seed {} nodes {} virtual_s {:.3f} events {} trace {}\n", options_.seed, size(),
                                   to_seconds(now().time_since_epoch()), events_executed(), trace_hash());
    for (std::size_t viewer = 0; viewer < std::min(kShown, size()); ++viewer) text += row(*this, viewer);
    for (std::size_t viewer = 0; viewer < std::min(kShown, size()); ++viewer) text += last_events(*this, viewer);
    return text;
}

}  // namespace meshmon::sim
