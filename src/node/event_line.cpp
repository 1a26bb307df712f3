#include "node/event_line.hpp"

#include <fmt/format.h>

namespace meshmon::node {
namespace {

using mesh::Event;
using mesh::EventKind;
using mesh::Reason;
using mesh::Status;

constexpr int kChanges = 10;  // of one node in a minute: more is flapping, and only counted
constexpr int kNoise = 1;     // what a peer can cause at will

struct Shape {
    LogLevel level;
    std::string_view event;
    int burst = kChanges;
};

Shape verdict(const Event& event) {
    switch (event.to) {
        case Status::up: return {LogLevel::info, "node_up"};
        case Status::degraded: return {LogLevel::warn, "node_degraded"};
        case Status::down:
            if (event.reason == Reason::left) return {LogLevel::info, "node_left"};
            return {LogLevel::warn, "node_down"};
        case Status::unknown: return {event.from == Status::unknown ? LogLevel::debug : LogLevel::warn, "node_unknown"};
    }
    return {LogLevel::warn, "node_unknown"};
}

Shape link(const Event& event) {
    if (event.from == event.to) return {event.to == Status::unknown ? LogLevel::debug : LogLevel::info, "link_changed"};
    const bool news = event.from == Status::down || event.to == Status::down;
    return {news && event.reason != Reason::left ? LogLevel::info : LogLevel::debug,
            event.to == Status::up ? "link_up" : "link_lost"};
}

Shape shape_of(const Event& event) {
    switch (event.kind) {
        case EventKind::node_status: return verdict(event);
        case EventKind::node_contested: return {LogLevel::info, "node_contested"};
        case EventKind::link_status: return link(event);
        case EventKind::quorum_lost: return {LogLevel::warn, "quorum_lost"};
        case EventKind::quorum_regained: return {LogLevel::info, "quorum_regained"};
        case EventKind::partition_changed: return {LogLevel::warn, "partition_changed"};
        case EventKind::self_health: return {LogLevel::info, "self_health"};
        case EventKind::was_partition: return {LogLevel::info, "was_partition"};
        case EventKind::node_restarted: return {LogLevel::info, "node_restarted"};
        case EventKind::equivocation: return {LogLevel::warn, "equivocation"};
        case EventKind::clone_suspected: return {LogLevel::error, "clone_suspected"};
        case EventKind::key_changed: return {LogLevel::info, "key_changed"};
        case EventKind::epoch_jumped: return {LogLevel::info, "epoch_jumped"};
        case EventKind::roster_changed: return {LogLevel::info, "roster_changed"};
        case EventKind::peer_config: return {LogLevel::info, "peer_config"};
        case EventKind::peer_misbehaved: return {LogLevel::warn, "peer_misbehaved", kNoise};
    }
    return {LogLevel::info, "event"};
}

std::string because(const Event& event) {
    return event.reason == Reason::none ? "" : fmt::format(": {}", mesh::explain(event.reason));
}

/// The mesh's details are half sentences about `node`; here they become whole ones.
std::string message_of(const Event& event) {
    const std::string& node = event.node.str();
    switch (event.kind) {
        case EventKind::node_status:
            return fmt::format("{} is {}, was {}{}{}{}", node, mesh::to_string(event.to), mesh::to_string(event.from),
                               because(event), event.detail.empty() ? "" : "; ", event.detail);
        case EventKind::node_contested:
            return fmt::format("that {} is {} is {}", node, mesh::to_string(event.to),
                               event.contested ? "contested" : "no longer contested");
        case EventKind::link_status:
            if (event.from == event.to && !event.detail.empty()) return fmt::format("the link to {} {}", node, event.detail);
            return fmt::format("the link to {} is {}, was {}{}{}{}", node, mesh::to_string(event.to), mesh::to_string(event.from),
                               because(event), event.detail.empty() ? "" : "; ", event.detail);
        case EventKind::quorum_lost: return fmt::format("the quorum is lost: this node {}", event.detail);
        case EventKind::quorum_regained: return fmt::format("the quorum is back: this node {}", event.detail);
        case EventKind::self_health: return fmt::format("this node is {}", event.detail);
        case EventKind::partition_changed:
        case EventKind::key_changed: return event.detail;
        case EventKind::epoch_jumped: return event.detail;
        case EventKind::roster_changed:
            return fmt::format("this node runs another state of the network's files: {}", event.detail);
        case EventKind::peer_misbehaved: return fmt::format("{} sent what an honest node does not: {}", node, event.detail);
        case EventKind::was_partition:
        case EventKind::node_restarted:
        case EventKind::equivocation:
        case EventKind::clone_suspected:
        case EventKind::peer_config: return fmt::format("{} {}", node, event.detail);
    }
    return event.detail;
}

}  // namespace

EventLine to_log_line(const Event& event, const NetworkId& network) {
    const Shape shape = shape_of(event);
    EventLine out;
    out.burst = shape.burst;
    out.line.level = shape.level;
    out.line.event = shape.event;
    out.line.network = network.str();
    out.line.node = event.node.str();
    if (event.reason != Reason::none) out.line.fields.emplace_back("reason", std::string(mesh::to_string(event.reason)));
    out.line.message = message_of(event);
    return out;
}

}  // namespace meshmon::node
