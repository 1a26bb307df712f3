#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "sim/links.hpp"

namespace meshmon::sim {

struct NodeState;

/// What is true of a world, beside what its nodes say of it: who can hear whom, and since when that has not changed.
/// It is what the checkers hold the nodes' words against.
///
/// Source: the freeze-a-core rule, sim/README.md. Faults may go on outside a core.
/// Cost: O(N^2) a look.
class Truth {
public:
    explicit Truth(std::size_t nodes);

    void look(MonoTime now, const std::vector<NodeId>& ids, const std::vector<NodeState>& states, const Links& links);

    /// `viewer` took a word of `subject` for proven at `at`: it may have been on its way for a while.
    void hear(MonoTime at, std::size_t viewer, std::size_t subject) { last_word_[viewer * nodes_ + subject] = at; }

    /// How two nodes are linked, by the network and by who is to dial whom.
    struct Tie {
        enum class State {
            whole,  ///< exchanges work in every direction that is foreseen
            half,   ///< in one of two, or one of the nodes is not to listen to the other
            dead,   ///< none works or none is foreseen
            rough,  ///< packets are lost or very late
        };
        State state = State::dead;
        MonoTime since;
    };
    [[nodiscard]] const Tie& tie(std::size_t a, std::size_t b) const { return ties_[a * nodes_ + b]; }
    [[nodiscard]] bool whole(std::size_t a, std::size_t b) const { return a == b || tie(a, b).state == Tie::State::whole; }

    /// Nodes with the same roster that hang together by whole ties, honest, running and not leaving.
    struct Core {
        std::vector<std::size_t> members;    ///< ordered
        std::optional<MonoTime> calm_since;  ///< since when nothing has changed in or between them; empty if it always does
    };
    /// Null for who belongs to none.
    [[nodiscard]] const Core* core_of(std::size_t node) const;

    /// Since when the node runs without a pause, with its roster, honestly, not leaving, with no message but those of the
    /// network, and with a record above what others hold of it; empty if it does not.
    [[nodiscard]] std::optional<MonoTime> settled_since(std::size_t node) const { return settled_[node]; }

    /// Whether the process can say anything at all now.
    [[nodiscard]] bool alive(std::size_t node) const { return alive_[node]; }

    /// Since when nothing that `subject` says can reach `viewer`, over whomever; empty if it can, or might.
    [[nodiscard]] std::optional<MonoTime> apart_since(std::size_t viewer, std::size_t subject) const;

    /// Since when the node can hear less than a quorum of its roster, itself included, and the same
    /// nodes, and heard the last late word of another; empty if that is not so.
    [[nodiscard]] std::optional<MonoTime> alone_since(std::size_t node) const;

    /// How many others the node can hear, over whomever.
    [[nodiscard]] std::size_t company(std::size_t node) const { return company_[node]; }

    /// The roster of a viewer that runs: the place in the world of each of its nodes.
    [[nodiscard]] const std::vector<std::size_t>& subjects(std::size_t viewer) const { return outlooks_[viewer].subjects; }

private:
    /// Who the viewer is to dial and whose key it has, as it told.
    struct Outlook {
        std::uint64_t incarnation = 0;
        MonoTime roster_since;
        std::vector<std::size_t> subjects;
        std::vector<bool> dials;
        std::vector<bool> knows;
    };

    void read_outlook(std::size_t viewer, const std::vector<NodeId>& ids, const NodeState& state);
    void settle(MonoTime now, const std::vector<NodeState>& states);
    [[nodiscard]] bool newer_is_held(std::size_t node, const std::vector<NodeState>& states) const;
    void tie_all(MonoTime now, const std::vector<NodeState>& states, const Links& links);
    [[nodiscard]] Tie tie_of(MonoTime now, std::size_t a, std::size_t b, const std::vector<NodeState>& states,
                             const Links& links) const;
    void find_cores();
    void find_who_is_heard(MonoTime now, const std::vector<NodeState>& states);
    template <typename Linked>
    [[nodiscard]] std::vector<std::vector<std::size_t>> components(const std::vector<bool>& placed, Linked linked) const;

    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    static constexpr MonoTime kNever = MonoTime::max();

    std::size_t nodes_;
    MonoTime rough_until_;  ///< the last look at which the whole network was rough
    std::vector<Outlook> outlooks_;
    std::vector<std::optional<MonoTime>> settled_;
    std::vector<MonoTime> outdated_until_;  ///< the last look at which somebody held a newer record of it than its own
    std::vector<bool> alive_;
    std::vector<Tie> ties_;
    std::vector<Core> cores_;
    std::vector<std::size_t> core_of_;
    std::vector<MonoTime> apart_;      ///< viewer * nodes + subject; kNever: not apart
    std::vector<MonoTime> last_word_;  ///< viewer * nodes + subject
    std::vector<MonoTime> alone_;
    std::vector<std::size_t> company_;
    std::vector<std::uint64_t> company_mark_;  ///< differs where the company differs
};

}  // namespace meshmon::sim
