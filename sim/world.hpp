#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/checkers/checker.hpp"
#include "sim/event_queue.hpp"
#include "sim/identity.hpp"
#include "sim/links.hpp"
#include "sim/machine.hpp"
#include "sim/name_index.hpp"
#include "sim/tap.hpp"
#include "sim/trace_hash.hpp"
#include "sim/transport.hpp"
#include "sim/truth.hpp"

namespace meshmon::sim {

struct WorldOptions {
    std::size_t nodes = 3;  ///< 1 .. 1000; named n00, n01, ... (n000 from 101 nodes on)
    std::uint64_t seed = 1;
    Duration poll_rate = std::chrono::seconds(1);
    int retry = 3;
    std::string network = "sim";
    CryptoKind crypto = CryptoKind::stand_in;
    Links::Options links{};
    Duration start_within = std::chrono::milliseconds(200);  ///< all processes start at random moments of it
    std::optional<std::size_t> started{};                    ///< how many start by themselves; by default all
    std::size_t spare_hosts = 0;                             ///< hosts that no URL leads to: see World::clone
    /// How often the checkers look; by default every 100 ms up to 10 nodes, every second above. 0: never.
    std::optional<Duration> check_every{};
    /// Changes what `viewer` loads as its roster, at its start and at reload().
    std::function<void(std::size_t viewer, mesh::Roster& roster)> edit_roster{};
};

/// N hosts that run the real mesh::Network in virtual time, on one thread, replayable by the seed: what is around the mesh
/// is simulated, the mesh is not.
///
/// Hosts 0 .. size()-1 are those of the nodes; spare ones follow, where clones of nodes run. Functions of processes, links,
/// clocks and views take any host; checkers and conditions look at the first ones only.
///
/// Determinism: the same options and the same story give the same trace_hash().
class World {
public:
    explicit World(WorldOptions options);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    // ---- time ----------------------------------------------------------------------------------------------------

    void run_for(Duration span);
    /// Runs until `condition` holds, looking every 20 ms (100 ms above 10 nodes); false if it did not within `limit`.
    bool run_until(const std::function<bool(const World&)>& condition, Duration limit);
    /// Runs for `span`, looking every 100 ms (every second above 10 nodes); false at once when `condition` does not hold.
    bool run_while(const std::function<bool(const World&)>& condition, Duration span);
    [[nodiscard]] MonoTime now() const { return queue_.now(); }
    /// What the node's own clocks show.
    [[nodiscard]] Now local_now(std::size_t node) const { return machine(node).now(); }

    // ---- processes -----------------------------------------------------------------------------------------------

    void crash(std::size_t node);
    /// As crash(), and the host is gone too: nobody refuses connections, they time out.
    void power_off(std::size_t node);
    /// Starts a process with what the disk holds. Precondition: none runs there.
    void restart(std::size_t node);
    void stop_cleanly(std::size_t node, Duration limit = std::chrono::seconds(5));
    /// The process does not run for `span`, as by SIGSTOP and SIGCONT.
    void pause(std::size_t node, Duration span);
    /// The whole machine sleeps for `span`: its monotonic clock stands still, nobody answers there.
    void suspend(std::size_t node, Duration span);
    /// From now on, until feed() or its end, the process has so little CPU. Precondition: it runs and is not starved.
    void starve(std::size_t node, const Starvation& starvation = {});
    void feed(std::size_t node);
    /// The process loads its roster anew, through edit_roster.
    void reload(std::size_t node);
    void edit_roster(std::function<void(std::size_t viewer, mesh::Roster& roster)> edit);

    // ---- identities ----------------------------------------------------------------------------------------------

    /// Starts another process under the node's name and key, with a copy of its disk as it is now, on a spare host. It dials
    /// everybody; who dials the node does not reach it, until lead() says so. Answers its host. Precondition: one is spare.
    std::size_t clone(std::size_t node);
    /// Whose name and key the host has.
    [[nodiscard]] std::size_t node_of(std::size_t host) const { return node_of_.at(host); }
    /// Whether a process runs under its name and key on a spare host.
    [[nodiscard]] bool is_cloned(std::size_t node) const;
    /// From now on the node's URL leads to `host`: for all, or for `dialer` alone.
    void lead(std::size_t node, std::size_t host, std::optional<std::size_t> dialer = {});
    /// Another key pair. Rosters that are loaded from now on name it. Precondition: no process runs there.
    void rekey(std::size_t node);
    /// A rotation begins: rosters that are loaded from now on name both keys, and the node goes over to the new one by itself.
    void rotate(std::size_t node);
    /// It ends: rosters that are loaded from now on name the new key alone. Precondition: has_rotated(node).
    void end_rotation(std::size_t node);
    /// Whether the node signs under its newest key.
    [[nodiscard]] bool has_rotated(std::size_t node) const { return machine(node).key() == former_keys_[node].size(); }

    // ---- network -------------------------------------------------------------------------------------------------

    /// Exchanges that `from` starts to `to` fail; the other direction works.
    void cut(std::size_t from, std::size_t to);
    /// No packet passes between the two, either way.
    void sever(std::size_t a, std::size_t b);
    void isolate(std::size_t node);
    /// No packet passes between nodes of different sides; nodes that are named nowhere keep all their links.
    void partition(const std::vector<std::vector<std::size_t>>& sides);
    void heal();
    void loss(double of_each_packet);
    void trouble(std::size_t from, std::size_t to, const Trouble& trouble) { links_.trouble(from, to, trouble, now()); }
    /// On all ways to and from the node.
    void trouble_around(std::size_t node, const Trouble& trouble);
    /// What is sent from one to the other waits until `span` is over.
    void clog(std::size_t from, std::size_t to, Duration span) { links_.clog(from, to, now() + span, now()); }
    [[nodiscard]] Links& links() { return links_; }

    // ---- disks and clocks ----------------------------------------------------------------------------------------

    [[nodiscard]] const Disk& disk(std::size_t node) const { return machine(node).disk(); }
    // Precondition of these three: no process runs there.
    void wipe_disk(std::size_t node);
    void restore_disk(std::size_t node, std::optional<Bytes> older);
    /// As after a loss of power under a disk that lied about its fsync.
    void tear_disk(std::size_t node);
    /// From now on, or no longer, every write there fails.
    void fill_disk(std::size_t node, bool full = true);
    void step_wall_clock(std::size_t node, Duration by);
    void set_drift(std::size_t node, double ppm);
    /// The monotonic clock, which decides, goes so much faster from now on; negative: slower.
    void set_mono_drift(std::size_t node, double ppm);

    // ---- the wire ------------------------------------------------------------------------------------------------

    [[nodiscard]] Tap& tap() { return tap_; }
    /// From now on `hand` is laid on every message that is on its way, and may alter its bytes.
    void on_the_way(Transport::Hand hand);
    /// Hands `bytes` as a request to a running node, at once, and answers what it replied.
    mesh::Network::Reply inject(std::size_t to, std::string_view address, ByteView bytes);
    /// From now on `seat` answers in the place of the node's process, which must not run.
    void take_seat(std::size_t node, Transport::Seat seat);
    /// Checkers expect nothing of this node from now on.
    void is_a_liar(std::size_t node);

    // ---- what the nodes say --------------------------------------------------------------------------------------

    [[nodiscard]] std::size_t size() const { return ids_.size(); }
    [[nodiscard]] const std::vector<NodeId>& ids() const { return ids_; }
    [[nodiscard]] const NodeId& id(std::size_t node) const { return ids_.at(node_of(node)); }
    [[nodiscard]] bool running(std::size_t node) const { return machine(node).running(); }
    /// Whether its process runs and handles at this instant what comes: neither paused nor suspended, nor in a stall.
    [[nodiscard]] bool awake(std::size_t node) const { return running(node) && !machine(node).halted(); }
    /// Whether its last process stopped cleanly, or is about to.
    [[nodiscard]] bool leaving(std::size_t node) const { return machine(node).left(); }
    [[nodiscard]] bool honest(std::size_t node) const { return honest_.at(node); }
    [[nodiscard]] mesh::Status status(std::size_t viewer, std::size_t subject) const;
    [[nodiscard]] mesh::NodeView node(std::size_t viewer, std::size_t subject) const;
    [[nodiscard]] std::vector<mesh::NodeView> nodes(std::size_t viewer) const;
    [[nodiscard]] mesh::NetworkView view(std::size_t viewer) const;
    [[nodiscard]] const mesh::Counters& counters(std::size_t viewer) const;
    [[nodiscard]] const mesh::Network& network(std::size_t viewer) const { return machine(viewer).network(); }
    [[nodiscard]] const std::vector<Told>& events(std::size_t viewer) const { return machine(viewer).told(); }
    [[nodiscard]] const std::string& address(std::size_t node) const { return machine(node).address(); }

    // ---- keys, for liars -----------------------------------------------------------------------------------------

    [[nodiscard]] const WorldOptions& options() const { return options_; }
    [[nodiscard]] const crypto::PublicKey& key(std::size_t node) const { return keys_.at(node_of(node)); }
    /// Another holder of the node's key. `chance` makes what it draws differ from the node's own.
    [[nodiscard]] std::unique_ptr<crypto::Crypto> identity(std::size_t node, std::uint64_t chance) const;
    [[nodiscard]] std::unique_ptr<crypto::Crypto> identity(std::size_t node, std::uint64_t chance, std::size_t key) const;
    /// An identity that no roster names.
    [[nodiscard]] std::unique_ptr<crypto::Crypto> strange_identity(std::uint64_t chance) const;
    [[nodiscard]] mesh::Roster roster(std::size_t viewer) const;

    // ---- how it went ---------------------------------------------------------------------------------------------

    void add_checker(std::unique_ptr<Checker> checker) { checkers_.push_back(std::move(checker)); }
    /// Who told the world what to do found that an invariant is broken: `what` names it.
    void broken(const std::string& what);
    /// Whether every invariant held so far.
    [[nodiscard]] bool holds() const;
    /// Of all checkers, then what broken() was told; empty where every invariant held.
    [[nodiscard]] std::vector<std::string> violations() const;
    [[nodiscard]] std::uint64_t messages_shown() const { return messages_shown_; }  ///< to the checkers
    [[nodiscard]] std::uint64_t events_executed() const { return queue_.executed(); }
    [[nodiscard]] std::string trace_hash() const { return trace_.text(); }
    [[nodiscard]] std::uint64_t trace_number() const { return trace_.value(); }  ///< the same
    /// From now on `log` takes a line for each thing that goes into or out of a node: where two runs of one seed part, the
    /// first line that differs tells. Nothing is made where `log` is empty.
    void log_steps(std::function<void(std::string_view line)> log) { step_log_ = std::move(log); }
    void log(std::string_view line) const {
        if (step_log_) step_log_(line);
    }
    /// Who sees whom how, as a table; and what the nodes told last.
    [[nodiscard]] std::string describe() const;

private:
    [[nodiscard]] std::size_t hosts() const { return size() + options_.spare_hosts; }
    [[nodiscard]] Machine& machine(std::size_t node) { return *machines_.at(node); }
    [[nodiscard]] const Machine& machine(std::size_t node) const { return *machines_.at(node); }
    void make_names();
    void make_machines();
    void add_standard_checkers();
    void witness(std::size_t from, std::size_t to, bool answer, ByteView bytes);
    void show_to_checkers(std::size_t host, ByteView plain);
    void show_verification(std::size_t host, ByteView input, bool good);
    void check();
    void look_at(std::size_t node);
    [[nodiscard]] std::optional<Clone> clone_of(std::size_t node) const;
    void run_to(MonoTime end);

    WorldOptions options_;
    EventQueue queue_;
    TraceHash trace_;
    mesh::RecordPool pool_;
    Links links_;
    Tap tap_;
    std::vector<NodeId> ids_;
    NameIndex node_numbers_;
    std::vector<std::size_t> node_of_;  ///< by host
    std::size_t clones_ = 0;            ///< hosts size() .. size() + clones_ - 1 are theirs
    std::vector<crypto::PublicKey> keys_;
    std::vector<std::vector<crypto::PublicKey>> former_keys_;
    std::vector<bool> rotates_;  ///< rosters name the last of the former keys too
    std::vector<bool> honest_;
    std::vector<NodeState> states_;  ///< as the checkers saw them last
    std::vector<std::size_t> told_;  ///< by node: how much of what it told they saw
    Truth truth_;
    std::vector<MonoTime> tries_;  ///< as Step has them
    std::vector<std::unique_ptr<Machine>> machines_;
    std::optional<Transport> transport_;
    std::vector<std::unique_ptr<Checker>> checkers_;
    std::unique_ptr<crypto::Crypto> crypto_of_checkers_;  ///< what they do with it is not watched
    Duration check_every_{};
    MonoTime next_check_;
    std::uint64_t messages_shown_ = 0;
    std::vector<std::string> broken_;
    std::function<void(std::string_view line)> step_log_;
};

}  // namespace meshmon::sim
