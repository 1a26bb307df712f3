#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/source.hpp"

namespace meshmon::api {

/// A Source made of plain values, for tests to change at will.
class SourceForTests : public Source {
public:
    struct Network {
        mesh::NetworkView view;
        std::vector<mesh::NodeView> nodes;
        mesh::LinkMatrix links;
        mesh::Roster roster;
        std::vector<NodeConfig> configs;
        mesh::Counters counters;
        std::uint64_t generation = 1;
    };

    SourceForTests();

    /// Adds a network that runs, with `nodes` nodes that are all up.
    Network& add_network(std::string_view name, std::size_t nodes);

    /// Adds one that does not run; without a name if `name` is empty.
    void add_waiting(std::string_view directory, std::string_view name);

    [[nodiscard]] Now now() const override { return now_; }
    [[nodiscard]] Me me() const override { return me_; }
    [[nodiscard]] std::optional<mesh::NetworkView> network(const NetworkId& id) const override;
    [[nodiscard]] std::optional<std::vector<mesh::NodeView>> nodes(const NetworkId& id) const override;
    [[nodiscard]] std::optional<mesh::NodeView> node(const NetworkId& id, const NodeId& node) const override;
    [[nodiscard]] std::optional<mesh::LinkMatrix> links(const NetworkId& id) const override;
    [[nodiscard]] std::optional<mesh::Roster> roster(const NetworkId& id) const override;
    [[nodiscard]] std::vector<NodeConfig> configs(const NetworkId& id) const override;
    [[nodiscard]] std::optional<mesh::Counters> counters(const NetworkId& id) const override;
    [[nodiscard]] std::uint64_t generation(const NetworkId& id) const override;
    [[nodiscard]] std::vector<Problem> problems() const override { return problems_; }
    [[nodiscard]] Setup setup() const override { return setup_; }
    [[nodiscard]] ProcessFigures figures() const override { return figures_; }
    [[nodiscard]] bool ready() const override { return not_ready_reason_.empty(); }
    [[nodiscard]] std::string not_ready_reason() const override { return not_ready_reason_; }

    Now now_;
    Me me_;
    std::map<NetworkId, Network> networks_;
    std::vector<Problem> problems_;
    Setup setup_;
    ProcessFigures figures_;
    std::string not_ready_reason_;

private:
    [[nodiscard]] const Network* find(const NetworkId& id) const;
};

[[nodiscard]] NodeId node_id(std::string_view text);
[[nodiscard]] NetworkId network_id(std::string_view text);
[[nodiscard]] WallTime wall(std::int64_t seconds);  ///< since 1970

/// Networks "prod" (every status, reason and state; texts with quotes, control characters and broken UTF-8; a partition),
/// "none", "one" and "three" (as many nodes), "big" (200 nodes), one that waits and one without a name; problems of every
/// severity.
[[nodiscard]] SourceForTests rich_source();

/// Text that has everything a JSON writer can get wrong.
[[nodiscard]] std::string nasty_text();

}  // namespace meshmon::api
