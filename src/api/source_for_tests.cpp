#include "api/source_for_tests.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"

namespace meshmon::api {

using namespace std::chrono_literals;

NodeId node_id(std::string_view text) {
    const auto id = NodeId::parse(text);
    MM_CHECK(id.has_value(), text);
    return *id;
}

NetworkId network_id(std::string_view text) {
    const auto id = NetworkId::parse(text);
    MM_CHECK(id.has_value(), text);
    return *id;
}

WallTime wall(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

std::string nasty_text() { return "\"quoted\\\" \n\r\t\x01\x7f </script> é 漢字 😀 broken: \xff\xc0\x80\xed\xa0\x80 end"; }

namespace {

constexpr std::int64_t kStart = 1'795'331'671;  // 2026-11-22T07:14:31Z

mesh::NodeView plain_node(const NodeId& id, std::size_t index, std::size_t count) {
    mesh::NodeView node;
    node.id = id;
    node.self = index == 0;
    node.status = mesh::Status::up;
    node.since = wall(kStart);
    node.self_health = mesh::SelfHealth::healthy;
    node.url = fmt::format("https://{}.example.net:8000", id.str());
    node.key_known = true;
    node.fingerprint = "SHA256:4vJ9AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abc";
    node.software_version = "1.0.0";
    node.config_revision = "9f3c2a1b4d5e";
    node.roster_hash = wire::RosterHash{1, 2, 3, 4, 5, 6, 7, 0xff};
    node.started = wall(kStart - 60);
    node.head = wire::Version{{index}, {0xdeadbeef}, 7, 42 + index, 0x00c0ffee};
    node.head_ago = 1500ms;
    node.in_up = node.in_total = node.out_up = node.out_total = count - 1;
    node.evidence.votes = node.evidence.says_up = count;
    node.evidence.proof_of_life_ago = 800ms;
    node.evidence.proof_kind = "exchange";
    if (node.self) return node;
    mesh::LinkView link;
    link.peer = id;
    link.dials = link.dialed_by = true;
    link.status = mesh::Status::up;
    link.since = wall(kStart);
    link.last_success_ago = link.last_heard_ago = 700ms;
    link.rtt_last = 84'200us;
    link.rtt_smoothed = 81'000us;
    link.rtt_p50 = 80ms;
    link.rtt_p95 = 120ms;
    link.loss = 0.025;
    link.clock_offset = -400ms;
    link.clock_error = 42'100us;
    link.roster_hash = node.roster_hash;
    node.link = link;
    return node;
}

mesh::LinkMatrix plain_links(const std::vector<NodeId>& names) {
    mesh::LinkMatrix links;
    links.nodes = names;
    const std::size_t n = names.size();
    for (std::size_t i = 0; i < n; ++i) links.row_age.emplace_back(i * 100ms);
    links.cells.resize(n * n);
    for (std::size_t cell = 0; cell < links.cells.size(); ++cell) {
        const bool self = cell / n == cell % n;
        links.cells[cell].state = self ? mesh::LinkCell::State::self : mesh::LinkCell::State::ok;
        if (self) continue;
        links.cells[cell].rtt_ms = 0.5F + static_cast<float>(cell % 9973) / 37;
        links.cells[cell].loss = 0;
    }
    return links;
}

/// One node for each reason (two more than this version knows), all statuses and states in turn.
void make_rich(SourceForTests::Network& network) {
    constexpr std::array kWhyNot{"stale", "unhealthy", "isolated", "leaving", "accused", "equivocated", "no_opinion"};
    for (std::size_t i = 1; i < network.nodes.size(); ++i) {
        mesh::NodeView& node = network.nodes[i];
        node.status = static_cast<mesh::Status>(i % 4);
        node.reason = static_cast<mesh::Reason>(i);
        node.contested = i % 3 == 0;
        node.self_health = static_cast<mesh::SelfHealth>(i % 4);
        node.software_version = nasty_text();
        node.config_revision = nasty_text();
        node.link->status = node.status;
        node.link->reason = node.reason;
        node.link->detail = nasty_text();
        node.evidence.proof_kind = "relayed_head";
        if (i == 3) node.contradiction = {7, 43, {nasty_text(), {1, 2, 3}, {}, {}}, {"other", {4, 5, 6}, {}, {}}};
        for (std::size_t j = 0; j < kWhyNot.size(); ++j) {
            mesh::Testimony testimony;
            testimony.observer = network.nodes[j].id;
            testimony.says = j % 3 == 0 ? mesh::Status::up : j % 3 == 1 ? mesh::Status::down : mesh::Status::unknown;
            testimony.reason = static_cast<mesh::Reason>(i);
            if (j > 0) {
                testimony.since = wall(kStart - 5);
                testimony.heard_ago = 2s;
                testimony.head = wire::Version{{j}, {1}, 1, 2, 3};
            }
            testimony.one_way = testimony.lossy = testimony.slow = j == 3;
            testimony.counts = j == 0;
            if (j > 0) testimony.why_not = kWhyNot[j];
            if (j == 2) testimony.why_not = kWhyNot[0];
            node.evidence.testimonies.push_back(testimony);
        }
        mesh::LinkCell& cell = network.links.cells[i];
        cell.state = static_cast<mesh::LinkCell::State>(i % 7);
        cell.reason = node.reason;
        cell.one_way = i % 5 == 0;
        cell.rtt_ms = mesh::LinkCell::kUnknown;
        cell.loss = 1 / static_cast<float>(i);
    }
    NodeConfig& late = network.configs[1];
    late.revision = {.content = nasty_text(), .commit = nasty_text(), .committed = wall(kStart - 60), .trouble = nasty_text()};
    late.roster_hash.reset();
    late.drift = Drift::behind;
    late.differs_since = wall(kStart + 1);
    network.configs[2].drift = Drift::ahead;
    network.configs[3].drift = Drift::other;
    mesh::RosterNode& listed = network.roster.nodes[1];
    listed.key.emplace();
    listed.url = nasty_text();
    listed.url_state = mesh::UrlState::usable;
    listed.allow = {network.roster.self};
    network.roster.nodes[2].url_state = mesh::UrlState::placeholder;
    // A node of which nothing was ever heard.
    mesh::NodeView& last = network.nodes.back();
    mesh::NodeView empty;
    empty.id = last.id;
    empty.link.emplace();
    empty.link->peer = last.id;
    last = empty;
    network.links.row_age.back().reset();

    const auto& name = network.links.nodes;
    mesh::Partition& partition = network.view.partition;
    partition.sides = {{name[0], name[1], name[2]}, {name[3], name[4]}};
    partition.groups = {{name[0], name[1]}, {name[3], name[4]}};
    partition.bridges = {name[2]};
    partition.broken_links = {{name[0], name[3]}};
    partition.silent = {name[5]};
    partition.own_side = 0;
    network.view.rotation = mesh::Rotation{true, "SHA256:next", {name[1]}, 4};
    network.view.self_health = mesh::SelfHealth::isolated;
    network.view.revisions.push_back({name[1], nasty_text(), std::nullopt});
    network.counters.exchanges_failed = {{mesh::Reason::timeout, 3}, {static_cast<mesh::Reason>(99), 1}};
    network.counters.refused = {{"bad_signature", 2}, {"replayed", 1}};
}

}  // namespace

SourceForTests::SourceForTests() {
    now_ = {MonoTime(100s), wall(kStart + 100)};
    me_.version = "1.0.0";
    me_.commit = "0123abc";
    me_.listen = "0.0.0.0:8000";
    me_.config_dir = "/etc/meshmon";
    me_.data_dir = "/var/lib/meshmon";
    me_.boot_id = "00112233445566778899aabbccddeeff";
    me_.pid = 4711;
    me_.started = wall(kStart);
    figures_.resident_bytes = 12'345'678;
    figures_.cpu_seconds = 1.25;
    figures_.loop_lag_last = 120us;
    figures_.loop_lag_max = 4ms;
    figures_.config_loaded = wall(kStart);
}

SourceForTests::Network& SourceForTests::add_network(std::string_view name, std::size_t nodes) {
    const NetworkId id = network_id(name);
    Network& network = networks_[id];
    for (std::size_t i = 0; i < nodes; ++i) network.links.nodes.push_back(node_id(fmt::format("node-{:03}", i)));
    network.links = plain_links(network.links.nodes);
    for (std::size_t i = 0; i < nodes; ++i) network.nodes.push_back(plain_node(network.links.nodes[i], i, nodes));
    network.view.id = id;
    network.view.self = node_id("node-000");
    network.view.listed = nodes > 0;
    network.view.nodes = network.view.seen = nodes;
    network.view.quorum = nodes / 2 + 1;
    network.view.has_quorum = true;
    network.view.config_revision = "9f3c2a1b4d5e";
    if (nodes > 0) network.view.head = network.nodes.front().head;
    network.view.by_status = {{mesh::Status::up, nodes}};
    network.view.partition.sides = {network.links.nodes};
    network.roster.network = id;
    network.roster.self = network.view.self;
    network.roster.config_revision = network.view.config_revision;
    for (const NodeId& node : network.links.nodes) {
        network.view.revisions.push_back({node, "9f3c2a1b4d5e", wire::RosterHash{}});
        NodeConfig& config = network.configs.emplace_back();
        config.node = node;
        config.revision.content = "9f3c2a1b4d5e";
        config.roster_hash.emplace();
        config.since = wall(kStart);
        mesh::RosterNode& listed = network.roster.nodes.emplace_back();
        listed.id = node;
        listed.poll_rate = std::chrono::milliseconds(1500);
    }
    NetworkEntry entry;
    entry.directory = fmt::format("dir {}", name);
    entry.network = id;
    entry.node = network.view.self;
    entry.running = true;
    entry.config_type = "local";
    entry.fingerprint = "SHA256:4vJ9AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abc";
    entry.key_words = "amber-falcon-river-otter-amber-falcon-river-otter";
    entry.public_key_pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n";
    me_.networks.push_back(entry);
    return network;
}

void SourceForTests::add_waiting(std::string_view directory, std::string_view name) {
    NetworkEntry entry;
    entry.directory = directory;
    if (!name.empty()) entry.network = network_id(name);
    entry.node = node_id("node-000");
    entry.config_type = "git";
    entry.repository = {.url = nasty_text(),
                        .branch = nasty_text(),
                        .commit = "9f3c2a1b4d5e",
                        .committed = wall(kStart - 60),
                        .asked = wall(kStart),
                        .trouble = nasty_text()};
    me_.networks.push_back(entry);
}

const SourceForTests::Network* SourceForTests::find(const NetworkId& id) const {
    const auto found = networks_.find(id);
    return found == networks_.end() ? nullptr : &found->second;
}

std::optional<mesh::NetworkView> SourceForTests::network(const NetworkId& id) const {
    const Network* network = find(id);
    return network == nullptr ? std::nullopt : std::optional(network->view);
}

std::optional<std::vector<mesh::NodeView>> SourceForTests::nodes(const NetworkId& id) const {
    const Network* network = find(id);
    return network == nullptr ? std::nullopt : std::optional(network->nodes);
}

std::optional<mesh::NodeView> SourceForTests::node(const NetworkId& id, const NodeId& node) const {
    const Network* network = find(id);
    if (network == nullptr) return std::nullopt;
    const auto found = std::ranges::find(network->nodes, node, &mesh::NodeView::id);
    return found == network->nodes.end() ? std::nullopt : std::optional(*found);
}

std::optional<mesh::LinkMatrix> SourceForTests::links(const NetworkId& id) const {
    const Network* network = find(id);
    return network == nullptr ? std::nullopt : std::optional(network->links);
}

std::optional<mesh::Roster> SourceForTests::roster(const NetworkId& id) const {
    const Network* network = find(id);
    return network == nullptr ? std::nullopt : std::optional(network->roster);
}

std::vector<NodeConfig> SourceForTests::configs(const NetworkId& id) const {
    const Network* network = find(id);
    return network == nullptr ? std::vector<NodeConfig>() : network->configs;
}

std::optional<mesh::Counters> SourceForTests::counters(const NetworkId& id) const {
    const Network* network = find(id);
    return network == nullptr ? std::nullopt : std::optional(network->counters);
}

std::uint64_t SourceForTests::generation(const NetworkId& id) const {
    const Network* network = find(id);
    return network == nullptr ? 0 : network->generation;
}

namespace {

/// Every state of a step, with and without everything that may be absent.
Setup every_kind_of_setup() {
    const std::vector<SetupStep> steps = {
        {.name = "node_file", .state = StepState::done, .detail = "", .remedy = "", .host = {}, .file = "", .line = {}},
        {.name = "resolves", .state = StepState::not_needed, .detail = "x", .remedy = "", .host = {}, .file = "", .line = {}},
        {.name = "connects", .state = StepState::waiting, .detail = "for x", .remedy = "", .host = {}, .file = "", .line = {}},
        {.name = "key_present",
         .state = StepState::failed,
         .detail = nasty_text(),
         .remedy = nasty_text(),
         .host = node_id("b"),
         .file = "/etc/meshmon/b.pub",
         .line = 7}};
    const SetupPeer peer{.node = node_id("b"), .steps = steps};
    const SetupNetwork known{.directory = "prod",
                             .network = network_id("prod"),
                             .node = node_id("a"),
                             .fingerprint = "SHA256:abc",
                             .key_words = "amber-falcon",
                             .steps = steps,
                             .peers = {peer}};
    const SetupNetwork unread{
        .directory = "other", .network = {}, .node = node_id("a"), .fingerprint = "", .key_words = "", .steps = {}, .peers = {}};
    return {.steps = steps, .networks = {known, unread}};
}

}  // namespace

SourceForTests rich_source() {
    SourceForTests source;
    make_rich(source.add_network("prod", 19));
    source.add_network("none", 0);
    source.add_network("one", 1);
    source.add_network("three", 3);
    source.add_network("big", 200);
    source.add_waiting("stuck", "stuck");
    source.add_waiting("never read", "");
    source.problems_ = {
        {"isolated", Severity::error, "This node is alone", nasty_text(), "look at the network", wall(kStart), network_id("prod"),
         std::nullopt, "", std::nullopt, ""},
        {"key_missing", Severity::warning, "No public key for node-001", nasty_text(), nasty_text(), wall(kStart),
         network_id("prod"), node_id("node-001"), "/etc/meshmon/networks/prod/pubkeys/node-001.pub", std::nullopt, ""},
        {"no_networks", Severity::info, "No network yet", "", "", wall(kStart), std::nullopt, std::nullopt, "nodeconf.yml", 7,
         "  7 | networks: []\n    |           ^^\n"},
    };
    source.setup_ = every_kind_of_setup();
    return source;
}

}  // namespace meshmon::api
