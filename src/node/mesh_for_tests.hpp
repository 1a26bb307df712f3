#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "config/load.hpp"
#include "node/driver.hpp"
#include "node/folder_for_tests.hpp"

namespace meshmon::node {

/// One node of a mesh in this process: its folder, its log, and its driver while it runs.
struct NodeForTests {
    std::string name;
    std::uint16_t port = 0;
    FolderForTests folder;
    std::vector<std::string> lines;
    std::unique_ptr<Log> log;
    std::unique_ptr<Driver> driver;

    [[nodiscard]] bool logged(std::string_view text) const {
        return std::ranges::any_of(lines, [&](const std::string& line) { return line.find(text) != std::string::npos; });
    }
};

/// A network `t` of real drivers a, b, c... over loopback, on one loop, with real files and keys.
class MeshForTests {
public:
    explicit MeshForTests(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            NodeForTests& node = *nodes_.emplace_back(std::make_unique<NodeForTests>());
            node.name = std::string(1, static_cast<char>('a' + i));
        }
    }

    /// What runs is stopped as a daemon is, so that nothing is left behind in the loop.
    ~MeshForTests() {
        for (std::size_t i = 0; i < nodes_.size(); ++i)
            if (nodes_[i]->driver) stop(i);
    }
    MeshForTests(const MeshForTests&) = delete;
    MeshForTests& operator=(const MeshForTests&) = delete;

    /// Writes the configuration, exchanges keys and starts all. Ports that are taken are tried anew with others.
    void start() {
        for (int attempt = 0; attempt < 50; ++attempt) {
            choose_ports();
            if (write_all() && start_all()) return;
            for (std::size_t i = 0; i < nodes_.size(); ++i)
                if (nodes_[i]->driver) stop(i);
        }
        MM_CHECK(false, "no free ports for a mesh");
    }

    /// Starts (again) what does not run; `meanwhile` is called between opening the data folder and starting.
    /// Errors: as Driver::start.
    Result<> start(std::size_t index, Driver::Options options = {}, const std::function<void()>& meanwhile = [] {}) {
        NodeForTests& node = at(index);
        node.log = std::make_unique<Log>(
            Log::Options{LogLevel::debug, LogFormat::logfmt, false}, [] { return net::Loop::now(); },
            [&node](std::string_view line) { node.lines.emplace_back(line); });
        options.load = load_options(node);
        options.copies = config::load_good_copies(node.folder.path() / ".data").copies;
        options.load.good = options.copies;
        config::Loaded loaded = config::load(options.load);
        options.listen = {"127.0.0.1", node.port};
        options.version = "1.0.0";
        options.settle = std::chrono::milliseconds(20);
        options.look = std::chrono::milliseconds(50);
        options.doubt = std::chrono::milliseconds(100);
        if (!options.node_file_came) options.node_file_came = [] {};
        auto data = DataDir::open(loaded.data_dir);
        if (!data) return data.error();
        meanwhile();
        node.driver = std::make_unique<Driver>(loop_, *node.log, std::move(*data), std::move(loaded), std::move(options));
        Result<> started = node.driver->start();
        if (!started) node.driver.reset();
        return started;
    }

    /// Stops one cleanly and waits for it; whether all its state was saved.
    bool stop(std::size_t index) {
        std::optional<bool> saved;
        at(index).driver->stop([&](bool result) { saved = result; });
        MM_CHECK(wait([&] { return saved.has_value(); }), "a stop ends");
        at(index).driver.reset();
        return *saved;
    }

    /// Serves until `condition` holds. False after half a minute: then every log is printed.
    bool wait(const std::function<bool()>& condition) {
        if (loop_.run_until(condition, std::chrono::seconds(30))) return true;
        for (const auto& node : nodes_) {
            if (node->driver) node->driver->dump();
            for (const std::string& line : node->lines) fmt::print(stderr, "{} {}\n", node->name, line);
        }
        return false;
    }

    /// What `viewer` says of `subject`.
    [[nodiscard]] std::optional<mesh::NodeView> view(std::size_t viewer, std::size_t subject) const {
        const auto& driver = nodes_[viewer]->driver;
        return driver ? driver->source().node(network(), *NodeId::parse(nodes_[subject]->name)) : std::nullopt;
    }

    [[nodiscard]] bool sees(std::size_t viewer, std::size_t subject, mesh::Status status) const {
        const auto node = view(viewer, subject);
        return node && node->status == status;
    }

    /// Alive, as `viewer` sees it: on a busy machine a link may be slow, and the node behind it `degraded`.
    [[nodiscard]] bool sees_alive(std::size_t viewer, std::size_t subject) const {
        return sees(viewer, subject, mesh::Status::up) || sees(viewer, subject, mesh::Status::degraded);
    }

    /// Whether everyone says that everyone is alive.
    [[nodiscard]] bool agrees() const {
        for (std::size_t viewer = 0; viewer < nodes_.size(); ++viewer)
            for (std::size_t subject = 0; subject < nodes_.size(); ++subject)
                if (!sees_alive(viewer, subject)) return false;
        return true;
    }

    [[nodiscard]] static NetworkId network() { return *NetworkId::parse("t"); }
    [[nodiscard]] NodeForTests& at(std::size_t index) { return *nodes_[index]; }
    [[nodiscard]] net::Loop& loop() { return loop_; }

    /// config.yml of one node, with the entries of `names` alone (all, if it is empty).
    void write_network_config(std::size_t index, std::string_view names = {}) {
        at(index).folder.write("networks/t/config.yml", network_config(names));
    }

    static void write_node_file(const NodeForTests& node) {
        node.folder.write("nodeconf.yml", fmt::format("listen: 127.0.0.1:{}\nnetworks:\n  - directory: t\n    node_id: {}\n",
                                                      node.port, node.name));
    }

private:
    static config::LoadOptions load_options(const NodeForTests& node) {
        return {node.folder.path(), "nodeconf.yml", config::LoadMode::run};
    }

    /// Below the range that the system hands out by itself, and different for every process and attempt.
    void choose_ports() {
        static std::uint32_t next = static_cast<std::uint32_t>(getpid()) * 37;
        for (const auto& node : nodes_) node->port = static_cast<std::uint16_t>(12000 + next++ % 18000);
    }

    bool write_all() {
        for (const auto& node : nodes_) {
            write_node_file(*node);
            node->folder.write("networks/t/config.yml", network_config());
            const config::Loaded loaded = config::load(load_options(*node));
            if (loaded.networks.empty() || !loaded.networks.front().own_key) return false;
        }
        for (const auto& from : nodes_) {
            const std::string key = "networks/t/pubkeys/" + from->name + ".pub";
            for (const auto& to : nodes_) to->folder.write(key, from->folder.read(key));
        }
        return true;
    }

    [[nodiscard]] std::string network_config(std::string_view names = {}) const {
        std::string text = "network_id: t\ndefaults:\n  nodes:\n    poll_rate: 0.2\nnode_config:\n";
        for (const auto& node : nodes_)
            if (names.empty() || names.find(node->name) != std::string_view::npos)
                text += fmt::format("  - node_id: {}\n    url: http://127.0.0.1:{}\n", node->name, node->port);
        return text;
    }

    bool start_all() {
        for (std::size_t i = 0; i < nodes_.size(); ++i)
            if (!start(i)) return false;
        return true;
    }

    net::Loop loop_;
    std::vector<std::unique_ptr<NodeForTests>> nodes_;
};

}  // namespace meshmon::node
