#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/feed.hpp"
#include "api/source.hpp"
#include "config/load.hpp"
#include "http/router.hpp"
#include "net/client.hpp"
#include "net/loop.hpp"
#include "net/server.hpp"
#include "node/data_dir.hpp"
#include "node/log.hpp"
#include "node/membership.hpp"
#include "node/pause_detector.hpp"
#include "node/peer_prober.hpp"
#include "node/problem_tracker.hpp"

namespace meshmon::node {

/// Binds every mesh::Network of this node to sockets, disk and clocks. The fourth step of a heartbeat.
///
/// Place: one per process, over one Loop; owned by run() or a test.
/// Threads: loop thread only. Time: no call blocks but start(), which reads state files.
/// Memory: the limits of its parts: the server's connections, the client's requests, one state per network on its way to disk.
class Driver final : public net::HttpHandler, private api::Source {
public:
    struct Options {
        config::LoadOptions load;      ///< to look again for what is waited for
        config::ListenAddress listen;  ///< port 0: any
        std::string version;
        std::string commit;
        std::function<void()> node_file_came;  ///< the node file was missing or invalid, and now loads: start anew with it
        std::size_t connections_max = 4096;
        Duration leave_deadline = std::chrono::seconds(5);
        Duration look_again = std::chrono::seconds(3);
    };

    Driver(net::Loop& loop, Log& log, DataDir data, config::Loaded loaded, Options options);
    ~Driver() override;

    /// Listens, runs all networks that are loaded, says so in daemon.json and the log.
    /// Errors: net.address_in_use, net.bad_address, net.listen; nothing has happened then.
    Result<> start();

    /// The port that start() bound.
    [[nodiscard]] std::uint16_t port() const { return server_.port(); }

    /// Leaves all networks, saves, closes all connections; `done` is called once, within leave_deadline and a second.
    /// `saved`: all state is durable.
    void stop(std::function<void(bool saved)> done);

    /// Writes what it does and knows to the log, at info.
    void dump();

    [[nodiscard]] const api::Source& source() const { return *this; }

    // net::HttpHandler
    std::size_t body_limit(const http::Request& head, std::string_view first_bytes) override;
    http::Response handle(http::Request request) override;

private:
    // api::Source, in driver_source.cpp
    [[nodiscard]] Now now() const override;
    [[nodiscard]] api::Me me() const override;
    [[nodiscard]] std::optional<mesh::NetworkView> network(const NetworkId& id) const override;
    [[nodiscard]] std::optional<std::vector<mesh::NodeView>> nodes(const NetworkId& id) const override;
    [[nodiscard]] std::optional<mesh::NodeView> node(const NetworkId& id, const NodeId& node) const override;
    [[nodiscard]] std::optional<mesh::LinkMatrix> links(const NetworkId& id) const override;
    [[nodiscard]] std::optional<mesh::Counters> counters(const NetworkId& id) const override;
    [[nodiscard]] std::uint64_t generation(const NetworkId& id) const override;
    [[nodiscard]] std::vector<api::Problem> problems() const override;
    [[nodiscard]] api::Setup setup() const override;
    [[nodiscard]] api::ProcessFigures figures() const override;
    [[nodiscard]] bool ready() const override;
    [[nodiscard]] std::string not_ready_reason() const override;

    Now enter();
    void on_tick(const net::LagMeter::Sample& sample);
    [[nodiscard]] Facts facts(Now now) const;
    void refresh_problems(Now now);
    [[nodiscard]] std::optional<Duration> recent_pause(MonoTime now) const;

    [[nodiscard]] Membership* find(std::string_view network_id) const;
    http::Response handle_exchange(const http::Request& request, Now now);

    void start_membership(Membership& membership);
    [[nodiscard]] bool waits() const;
    void look_again_later();
    void look_again();
    void looked(config::Loaded loaded);

    void say_started();
    void stop_when_left();
    void finish_stop();

    net::Loop& loop_;
    Log& log_;
    DataDir data_;
    config::Loaded loaded_;  ///< its networks[] never changes its size
    Options options_;
    Now started_;
    std::string boot_id_;
    WallTime config_loaded_;

    api::Feed feed_;
    http::Router router_;
    ProblemTracker problems_;
    std::uint64_t problems_seen_ = 0;  ///< sum of generations at the last refresh
    MonoTime problems_at_;
    bool facts_changed_ = false;

    std::optional<PauseDetector> pauses_;  ///< from the end of start()
    Duration tolerance_ = std::chrono::seconds(1);
    std::optional<std::pair<MonoTime, Duration>> longest_pause_;
    Duration lag_last_{};
    std::uint64_t unknown_network_ = 0;  ///< exchanges for a network that this node is not in
    Duration lag_max_{};

    std::optional<Surroundings> around_;
    std::vector<std::unique_ptr<Membership>> memberships_;
    net::HttpClient client_;
    PeerProber prober_;
    net::HttpServer server_;
    std::optional<net::LagMeter> lag_;
    net::Timer look_again_timer_;
    bool looking_ = false;
    std::shared_ptr<int> alive_;  ///< what comes back from a worker after our end finds it gone

    bool listening_ = false;
    std::function<void(bool)> stopped_;  ///< set: a stop is under way
    net::Timer stop_timer_;
    bool finishing_ = false;
};

}  // namespace meshmon::node
