#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/feed.hpp"
#include "api/source.hpp"
#include "config/load.hpp"
#include "http/router.hpp"
#include "mesh/pause_detector.hpp"
#include "net/client.hpp"
#include "net/loop.hpp"
#include "net/server.hpp"
#include "node/data_dir.hpp"
#include "node/git_watch.hpp"
#include "node/log.hpp"
#include "node/membership.hpp"
#include "node/peer_prober.hpp"
#include "node/problem_tracker.hpp"
#include "node/reloader.hpp"

namespace meshmon::node {

/// Binds every mesh::Network of this node to sockets, disk and clocks. The fourth step of a heartbeat.
///
/// Place: one per process, over one Loop; owned by run() or a test.
/// Threads: loop thread only. Time: no call blocks but start(), which reads state files, and the making anew of a data folder
/// that somebody removed.
/// Memory: the limits of its parts: the server's connections, the client's requests, one state per network on its way to disk.
class Driver final : public net::HttpHandler, private api::Source {
public:
    struct Options {
        config::LoadOptions load;                ///< to read the configuration anew
        std::optional<crypto::Hash> stamp;       ///< of its files, before they were loaded
        config::GoodCopies copies;               ///< that the data folder holds
        std::vector<std::string> copy_warnings;  ///< about others in it
        config::ListenAddress listen;            ///< port 0: any
        bool listen_fixed = false;               ///< by flag or variable: what the node file says does not matter
        bool data_dir_fixed = false;             ///< the same
        std::string version;
        std::string commit;
        std::function<void()> node_file_came;  ///< the node file was missing or invalid, and now loads: start anew with it
        std::size_t connections_max = 4096;
        Duration leave_deadline = std::chrono::seconds(5);
        Duration settle = std::chrono::milliseconds(150);  ///< Reloader::Options, and the next two
        Duration look = std::chrono::seconds(5);
        Duration doubt = std::chrono::seconds(1);
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

    /// Reads the configuration anew and goes on with it. Changes are found without this too; it is for who does not want to wait.
    void reload();

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
    [[nodiscard]] std::optional<mesh::Roster> roster(const NetworkId& id) const override;
    [[nodiscard]] std::vector<api::NodeConfig> configs(const NetworkId& id) const override;
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
    Result<> announce();
    void look_after_data_dir();
    [[nodiscard]] std::optional<Duration> recent_pause(MonoTime now) const;

    [[nodiscard]] Membership* find(std::string_view network_id) const;
    [[nodiscard]] Membership* find_for_peers(std::string_view network_id) const;
    http::Response handle_exchange(const http::Request& request, Now now);

    // What becomes of a configuration, in driver_reload.cpp
    void start_membership(Membership& membership);
    [[nodiscard]] Reloader::Owner reloader_owner();
    [[nodiscard]] GitWatch::Owner git_owner();
    void apply(config::Loaded found, bool asked);
    bool apply_networks(std::vector<config::LoadedNetwork> found);
    bool apply_network(config::LoadedNetwork found);
    void retire(std::unique_ptr<Membership> membership);
    void sweep_retired();
    void drained();
    void start_waiting();
    void measure_tolerance();
    [[nodiscard]] bool is_retiring(const config::LoadedNetwork& network) const;
    void keep_commits(const std::vector<config::LoadedNetwork>& networks);
    [[nodiscard]] bool config_valid() const;
    [[nodiscard]] std::vector<std::string> restart_needed() const;

    void say_started();
    void stop_when_left();
    void finish_stop();

    net::Loop& loop_;
    Log& log_;
    DataDir data_;
    config::Loaded loaded_;  ///< the newest; its networks are the memberships'
    Options options_;
    std::filesystem::path data_dir_asked_;  ///< by the node file that this process started with
    Now started_;
    std::string boot_id_;
    WallTime config_loaded_;

    api::Feed feed_;
    http::Router router_;
    ProblemTracker problems_;
    std::uint64_t problems_seen_ = 0;  ///< sum of generations at the last refresh
    MonoTime problems_at_;
    bool facts_changed_ = false;

    std::optional<mesh::PauseDetector> pauses_;  ///< from the end of start()
    Duration tolerance_ = std::chrono::seconds(1);
    std::optional<std::pair<MonoTime, Duration>> longest_pause_;
    Duration lag_last_{};
    std::uint64_t unknown_network_ = 0;  ///< exchanges for a network that this node is not in
    Duration lag_max_{};

    std::optional<Surroundings> around_;
    struct Retiring {
        std::unique_ptr<Membership> membership;
        MonoTime until;
    };
    std::vector<std::unique_ptr<Membership>> memberships_;    ///< in file order
    std::vector<Retiring> retiring_;                          ///< no longer wanted: they tell their peers, then they go
    std::map<NetworkId, std::uint64_t> retired_generations_;  ///< what generation() goes on from
    net::HttpClient client_;
    PeerProber prober_;
    net::HttpServer server_;
    std::optional<net::LagMeter> lag_;
    Reloader reloader_;
    GitWatch git_;
    std::optional<std::string> copy_error_;
    std::optional<Error> data_dir_lost_;
    api::ConfigLoads config_loads_;
    std::shared_ptr<int> alive_;  ///< what comes back from a worker after our end finds it gone

    bool listening_ = false;
    std::function<void(bool)> stopped_;  ///< set: a stop is under way
    net::Timer stop_timer_;
    bool finishing_ = false;
};

}  // namespace meshmon::node
