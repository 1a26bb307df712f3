#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "crypto/crypto.hpp"
#include "mesh/network.hpp"
#include "mesh/pause_detector.hpp"
#include "mesh/record_pool.hpp"
#include "sim/disk.hpp"
#include "sim/event_queue.hpp"
#include "sim/host_clock.hpp"
#include "sim/trace_hash.hpp"

namespace meshmon::sim {

/// Something that a node told of, and when in the world's time.
struct Told {
    MonoTime at;
    mesh::Event event;

    /// A verdict of `down` about somebody who did not leave.
    [[nodiscard]] bool calls_down() const {
        return event.kind == mesh::EventKind::node_status && event.to == mesh::Status::down && event.reason != mesh::Reason::left;
    }
};

/// How a process without enough CPU runs: short bursts in which it handles all that came in, and stalls between them.
struct Starvation {
    Duration stall_least = std::chrono::milliseconds(300);
    Duration stall_most = std::chrono::milliseconds(2500);
    Duration burst_most = std::chrono::milliseconds(150);
};

/// One host: a clock, a disk, and at most one process that runs the real mesh::Network, driven as node::Driver drives it.
///
/// Place: owned by World, which moves its bytes. Knows nothing of other hosts.
class Machine {
public:
    /// What the machine needs of the world around it.
    struct Surroundings {
        EventQueue& queue;
        TraceHash& trace;
        const std::function<void(std::string_view line)>& log;  ///< may be empty
        mesh::RecordPool& pool;
        std::function<void(std::size_t from, mesh::Network::Transmit)> send;
    };
    struct Options {
        std::size_t index = 0;
        std::string address;
        HostClock clock;
        std::uint64_t seed = 0;
        Duration save_delay = std::chrono::milliseconds(2);
        std::function<std::unique_ptr<crypto::Crypto>(std::uint64_t chance_seed, std::size_t key)> identity;
    };
    Machine(Options options, Surroundings surroundings);

    // ---- the process ---------------------------------------------------------------------------------------------

    /// Precondition: nothing runs here. Takes what the disk holds.
    void start(mesh::Roster roster);
    /// The process is gone at once, with all that was not durable; of a file that is in place only, chance decides.
    void crash();
    /// Begins a clean stop, which takes at most `limit`.
    void stop_cleanly(Duration limit);
    /// As SIGSTOP: connections are accepted, nothing is answered, no timer fires.
    void pause();
    /// As SIGCONT: the pause is told first, then comes what waited, in order.
    void resume();
    /// The whole machine sleeps: as pause(), its monotonic clock stands still, and packets find nobody. Until wake().
    void suspend();
    void wake();
    /// From now on, until feed() or the process ends: inputs wait for stalls to end, and then come in a burst.
    void starve(const Starvation& starvation);
    void feed();
    void load_roster(mesh::Roster roster);

    // ---- its keys, by number, as on its disk ---------------------------------------------------------------------

    /// Which one it signs under.
    [[nodiscard]] std::size_t key() const { return key_; }
    /// Precondition: nothing runs here.
    void set_key(std::size_t key);
    /// The next one lies ready: the process goes over to it by itself.
    void begin_rotation();
    /// The one before is thrown away. Precondition: it went over.
    void end_rotation();

    [[nodiscard]] bool running() const { return network_ != nullptr; }
    [[nodiscard]] bool paused() const { return stopped_; }
    [[nodiscard]] bool suspended() const { return asleep_; }
    [[nodiscard]] bool starved() const { return starvation_.has_value(); }
    /// Whether nothing is handled at this instant: it is paused, suspended, or in a stall.
    [[nodiscard]] bool halted() const { return stopped_ || asleep_ || stalled_; }
    /// Whether packets are taken; nobody even refuses without power or in a suspended machine.
    [[nodiscard]] bool on_network() const { return powered && !asleep_; }
    /// How many processes ran here; the number of the one that runs.
    [[nodiscard]] std::uint64_t incarnation() const { return incarnation_; }
    /// Since when it runs, neither paused nor suspended nor starved; empty if it does not.
    [[nodiscard]] std::optional<MonoTime> awake_since() const;
    /// Whether the disk takes what the process saves, as far as it knows.
    [[nodiscard]] bool writes() const { return !disk_.full && !waits_to_write_; }
    /// When the process was last told of a pause; empty if never.
    [[nodiscard]] std::optional<MonoTime> resumed_at() const { return resumed_at_; }
    /// When it was last fed after it starved; empty if never.
    [[nodiscard]] std::optional<MonoTime> fed_at() const { return fed_at_; }
    [[nodiscard]] MonoTime roster_since() const { return roster_since_; }
    /// Whether the last process ended by a clean stop, or is ending so.
    [[nodiscard]] bool left() const { return left_; }

    // ---- the wire ------------------------------------------------------------------------------------------------

    using Replied = std::move_only_function<void(mesh::Network::Reply)>;
    /// A request has come in whole. `replied` is called once, later if the process is halted; never if it dies first.
    void receive(const std::string& address, const Bytes& body, Replied replied);
    /// The same, at once and to be looked at. Precondition: running and not halted.
    mesh::Network::Reply receive_now(std::string_view address, ByteView body);
    /// What became of a transmit of process `incarnation`. Where two such words find the process halted - an answer and the
    /// deadline - chance decides which one its loop comes to first; otherwise the first one counts.
    void conclude(std::uint64_t incarnation, std::uint64_t transmit_id, mesh::Network::Answer answer);
    [[nodiscard]] bool awaits(std::uint64_t incarnation, std::uint64_t transmit_id) const;
    /// A transmit that went to `host` fails if nothing is concluded until its `deadline`, and its connection is given up.
    void limit(std::uint64_t transmit_id, std::size_t host, MonoTime deadline);
    /// At once, or when the process goes on; never if it dies first.
    void when_awake(EventQueue::Action action);
    /// When the monotonic clock here shows `local`, halted or not. A suspended machine's clock does not come to it.

    // ---- what it has and shows -----------------------------------------------------------------------------------

    [[nodiscard]] Now now() const { return clock_.at(surroundings_.queue.now()); }
    [[nodiscard]] const mesh::Network& network() const;  ///< precondition: running
    [[nodiscard]] HostClock& clock() { return clock_; }
    [[nodiscard]] Disk& disk() { return disk_; }
    [[nodiscard]] const Disk& disk() const { return disk_; }
    [[nodiscard]] const std::string& address() const { return options_.address; }
    [[nodiscard]] const std::vector<Told>& told() const { return told_; }
    bool powered = true;

    /// Connections kept open: to which host, and to which process there (they break with it).
    class Connections {
    public:
        [[nodiscard]] std::uint64_t to(std::size_t host) const {
            return host < processes_.size() ? processes_[host] : 0;
        }  ///< 0: none
        void keep(std::size_t host, std::uint64_t process) {
            if (host >= processes_.size()) processes_.resize(host + 1);
            processes_[host] = process;
        }
        void lose(std::size_t host) {
            if (host < processes_.size()) processes_[host] = 0;
        }
        void lose_all() { processes_.clear(); }

    private:
        std::vector<std::uint64_t> processes_;  // by host
    };
    Connections kept_connections;

private:
    enum class Input : std::uint64_t { start, request, answer, timeout, saved, roster, pause, leave, transmit, event, keys };

    /// A transmit that nothing was said of yet, or whose word waits to be read.
    struct InFlight {
        std::uint64_t id = 0;
        std::size_t host = 0;
        std::optional<MonoTime> deadline;  ///< while it lies ahead
    };

    void end_process();
    void halt(bool& why);
    void go_on();
    void stall_after(Duration burst);
    /// Does `action` after `delay` if this process still runs then, paused or not: the disk waits for nobody.
    void later(Duration delay, EventQueue::Action action);
    /// When the monotonic clock here shows `local`, halted or not. A suspended machine's clock does not come to it.
    void at_local(MonoTime local, EventQueue::Action action);
    void watch_deadlines();
    void deadlines_passed();
    void take_answer(std::uint64_t transmit_id, const mesh::Network::Answer& answer);
    void drain();
    crypto::Crypto& crypto_of(std::size_t key);
    [[nodiscard]] mesh::Network::SecondKey second_key();
    void take_next_key_if_due();
    void arm_timer();
    void timer_fired(std::uint64_t stamp);
    void write_if_due();
    void write_failed();
    void finish_stop_if_done();
    void mix(Input input, std::string_view bytes);
    void log(Input input, std::string_view bytes) const;

    Options options_;
    Surroundings surroundings_;
    HostClock clock_;
    Disk disk_;
    std::map<std::size_t, std::unique_ptr<crypto::Crypto>> cryptos_;  ///< of this process, by key
    std::unique_ptr<mesh::Network> network_;
    std::size_t key_ = 0;
    std::optional<std::size_t> second_key_;
    bool takes_next_key_ = false;
    std::uint64_t incarnation_ = 0;
    MonoTime awake_since_;
    MonoTime roster_since_;
    std::optional<MonoTime> resumed_at_, fed_at_;
    Random chance_;
    bool stopped_ = false;
    bool asleep_ = false;
    bool stalled_ = false;
    std::optional<Starvation> starvation_;
    std::uint64_t starvation_stamp_ = 0;
    MonoTime last_tick_;  ///< the node's, of the timer that PauseDetector is told of
    std::optional<mesh::PauseDetector> pauses_;
    Duration tolerance_{};
    std::vector<EventQueue::Action> waiting_;                         ///< for the process to go on
    std::vector<std::pair<MonoTime, EventQueue::Action>> when_wake_;  ///< for the clock to go on
    std::vector<InFlight> in_flight_;                                 ///< ordered by id
    std::optional<MonoTime> next_deadline_;                           ///< the earliest that an event waits for
    std::uint64_t deadline_stamp_ = 0;                                ///< of that event
    std::map<std::uint64_t, mesh::Network::Answer> concluded_;        ///< of in_flight_: the word that waits to be read
    std::optional<MonoTime> timer_;
    std::uint64_t timer_stamp_ = 0;
    int idle_timeouts_ = 0;
    bool waits_to_write_ = false;  ///< after a failure
    Duration write_again_{};
    bool left_ = false;
    std::vector<Told> told_;
};

}  // namespace meshmon::sim
