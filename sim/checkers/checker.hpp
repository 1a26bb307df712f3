#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "crypto/crypto.hpp"
#include "mesh/holdings.hpp"
#include "mesh/network.hpp"
#include "mesh/record.hpp"
#include "mesh/snapshot.hpp"
#include "sim/links.hpp"
#include "sim/machine.hpp"
#include "sim/truth.hpp"
#include "wire/messages.hpp"

namespace meshmon::sim {

/// Another process under the name and key of a node.
struct Clone {
    std::size_t host = 0;
    MonoTime awake_since;
};

/// What a checker sees of one node at one step.
struct NodeState {
    bool running = false;
    bool honest = true;
    bool paused = false;
    std::uint64_t incarnation = 0;
    std::optional<MonoTime> awake_since;  ///< since when it runs, neither paused nor suspended nor starved; empty if it does not
    std::optional<MonoTime> resumed_at;   ///< when its process was last told of a pause; empty if never
    std::optional<MonoTime> fed_at;       ///< when it last stopped starving; empty if never
    /// Whether it waited after a pause before it judged, at `at` or later.
    [[nodiscard]] bool waited(MonoTime at, Duration wait) const { return resumed_at && *resumed_at + wait > at; }
    MonoTime roster_since;         ///< when it loaded its roster
    MonoTime injected_at;          ///< when somebody beside the network last handed it a message, as a replay
    bool left = false;             ///< its last process ended by a clean stop, or is ending so
    bool cloned = false;           ///< another process runs under its name and key elsewhere
    std::optional<Clone> clone;    ///< that process, while it runs and is not halted
    bool writes = true;            ///< its disk takes what it saves
    std::span<const Told> told;    ///< what it told since the last step, its former processes too
    std::uint64_t generation = 0;  ///< of the network, when the rest was taken
    mesh::NetworkView view;        ///< all meaningless unless running
    std::vector<mesh::NodeView> nodes;
    std::shared_ptr<const mesh::Record> own_record;                 ///< null before the first is signed
    std::vector<std::shared_ptr<const mesh::Record>> held_records;  ///< as `nodes`; null where none is held
    mesh::Holdings holdings;                                        ///< of what others sent
    std::uint64_t exchanged = 0;                                    ///< messages that it took in
    std::uint64_t verified = 0;                                     ///< heads, good and bad ones
    std::uint64_t bad_signatures = 0;                               ///< of those
};

/// The whole world at one instant, with the truth about its links.
struct Step {
    MonoTime now;
    const std::vector<NodeId>& ids;
    const std::vector<NodeState>& states;
    const Links& links;
    const Truth& truth;
    const std::vector<MonoTime>& tries;                              ///< when node `from` last tried `to`: from * ids.size() + to
    const crypto::Crypto& crypto;                                    ///< to verify and hash with
    const std::vector<crypto::PublicKey>& keys;                      ///< of all nodes, by index
    const std::vector<std::vector<crypto::PublicKey>>& former_keys;  ///< that they had before a World::rekey
};

/// A message that an honest member sent to another, opened with the keys of both.
struct OpenedMessage {
    MonoTime at;
    std::size_t from = 0;
    std::size_t to = 0;
    std::size_t bytes = 0;  ///< of the exchange, as it goes into the box
    const wire::Exchange& exchange;
    const mesh::Network* sender;                                     ///< null while its process begins
    const crypto::Crypto& crypto;                                    ///< to verify and hash with
    const std::vector<crypto::PublicKey>& keys;                      ///< of all nodes, by index
    const std::vector<std::vector<crypto::PublicKey>>& former_keys;  ///< that they had before a World::rekey
    const std::vector<bool>& honest;                                 ///< by node: false for liars
    const std::vector<NodeId>& ids;
};

/// A process began with what its disk holds.
struct Beginning {
    MonoTime at;
    std::size_t node = 0;
    std::optional<wire::SavedState> saved;
};

/// A node looked whether a signature is good.
struct Verification {
    MonoTime at;
    std::size_t host = 0;  ///< the process's: that of its node, or of a clone
    std::uint64_t incarnation = 0;
    MonoTime roster_since;  ///< since when it has its roster
    ByteView input;
    bool good = false;
    const std::vector<bool>& honest;  ///< by node: false for liars
    const std::vector<NodeId>& ids;
};

/// Watches a run for one invariant of the protocol, and says so where it is broken.
class Checker {
public:
    virtual ~Checker() = default;

    virtual void on_step(const Step&) {}
    virtual void on_message(const OpenedMessage&) {}
    virtual void on_beginning(const Beginning&) {}
    virtual void on_verification(const Verification&) {}

    [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

protected:
    /// Keeps the first few: one mistake breaks a rule at every step.
    void violated(MonoTime at, const std::string& what) {
        constexpr std::size_t kKept = 5;
        if (violations_.size() < kKept)
            violations_.push_back("at " + std::to_string(to_seconds(at.time_since_epoch())) + " s: " + what);
    }

private:
    std::vector<std::string> violations_;
};

/// The node's index, or ids.size().
[[nodiscard]] std::size_t index_of(const std::vector<NodeId>& ids, const NodeId& id);

}  // namespace meshmon::sim
