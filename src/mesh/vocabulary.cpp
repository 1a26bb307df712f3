#include "mesh/vocabulary.hpp"

#include "mesh/event.hpp"

namespace meshmon::mesh {

std::string_view to_string(Status status) {
    switch (status) {
        case Status::up: return "up";
        case Status::degraded: return "degraded";
        case Status::down: return "down";
        case Status::unknown: return "unknown";
    }
    return "unknown";
}

std::string_view to_string(Reason reason) {
    switch (reason) {
        case Reason::none: return "";
        case Reason::dns: return "dns";
        case Reason::connect: return "connect";
        case Reason::timeout: return "timeout";
        case Reason::tls: return "tls";
        case Reason::http: return "http";
        case Reason::refused_by_peer: return "refused_by_peer";
        case Reason::key_mismatch: return "key_mismatch";
        case Reason::key_missing: return "key_missing";
        case Reason::placeholder_url: return "placeholder_url";
        case Reason::wrong_network: return "wrong_network";
        case Reason::version_mismatch: return "version_mismatch";
        case Reason::not_listed: return "not_listed";
        case Reason::never_seen: return "never_seen";
        case Reason::silent: return "silent";
        case Reason::left: return "left";
    }
    return "";
}

std::string_view to_string(SelfHealth health) {
    switch (health) {
        case SelfHealth::healthy: return "healthy";
        case SelfHealth::unhealthy: return "unhealthy";
        case SelfHealth::isolated: return "isolated";
        case SelfHealth::leaving: return "leaving";
    }
    return "healthy";
}

std::string_view explain(Reason reason) {
    switch (reason) {
        case Reason::none: return "nothing is wrong";
        case Reason::dns: return "the name in its URL does not resolve";
        case Reason::connect: return "the connection is refused, reset or unreachable";
        case Reason::timeout: return "no answer within the deadline";
        case Reason::tls: return "the TLS handshake or certificate fails";
        case Reason::http: return "what answers there is not meshmon, perhaps a proxy";
        case Reason::refused_by_peer: return "it does not know this node's key";
        case Reason::key_mismatch: return "it does not hold the key that the roster names";
        case Reason::key_missing: return "this node has no public key for it";
        case Reason::placeholder_url: return "its URL is still a placeholder";
        case Reason::wrong_network: return "it does not serve this network";
        case Reason::version_mismatch: return "it speaks another protocol version";
        case Reason::not_listed: return "this node is not in the network's node list";
        case Reason::never_seen: return "nothing was ever heard of it";
        case Reason::silent: return "it stopped speaking";
        case Reason::left: return "it announced a clean stop";
    }
    return "";
}

std::string_view to_string(EventKind kind) {
    switch (kind) {
        case EventKind::node_status: return "node_status";
        case EventKind::node_contested: return "node_contested";
        case EventKind::link_status: return "link_status";
        case EventKind::quorum_lost: return "quorum_lost";
        case EventKind::quorum_regained: return "quorum_regained";
        case EventKind::partition_changed: return "partition_changed";
        case EventKind::self_health: return "self_health";
        case EventKind::was_partition: return "was_partition";
        case EventKind::node_restarted: return "node_restarted";
        case EventKind::equivocation: return "equivocation";
        case EventKind::clone_suspected: return "clone_suspected";
        case EventKind::key_changed: return "key_changed";
        case EventKind::epoch_jumped: return "epoch_jumped";
        case EventKind::roster_changed: return "roster_changed";
        case EventKind::peer_config: return "peer_config";
        case EventKind::peer_misbehaved: return "peer_misbehaved";
    }
    return "";
}

}  // namespace meshmon::mesh
