#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "sim/liar.hpp"
#include "sim/world.hpp"

namespace meshmon::sim {

/// Trouble of many kinds at once, drawn from one seed: how many nodes, which kinds of faults, what happens to whom and when;
/// and at the end who is left in peace.
///
/// Source: swarm testing, Groce, Zhang, Eide, Chen and Regehr, ISSTA 2012: a run that leaves kinds of faults out finds what a
/// run with all of them hides.
class Swarm {
public:
    /// What a seed is not to choose itself.
    struct Fixed {
        std::optional<std::size_t> nodes{};
        std::optional<CryptoKind> crypto{};
    };
    /// The world that this seed is to be tried in: mostly 2 to 10 nodes and polls of 1 to 10 s, at times more of both.
    [[nodiscard]] static WorldOptions world_of(std::uint64_t seed, const Fixed& fixed);

    Swarm(World& world, std::uint64_t seed);

    /// For how long there is to be trouble: as long as some seconds of real time allow.
    [[nodiscard]] Duration span() const;

    /// Runs the world for `span`, doing harm. Ends early where an invariant broke.
    void run(Duration span);

    /// Ends all harm to a core of nodes: whole links among them, all of their processes running. Often the core is everybody;
    /// otherwise the rest stays as it is. Returns when the last pause of the core is over.
    void calm();
    [[nodiscard]] const std::vector<std::size_t>& core() const { return core_; }

    /// Runs the world for `span`, with harm to nobody but the nodes outside the core, in the seeds that choose so.
    void run_beside_core(Duration span);

    /// What was done, a line each: "at 3.2 s: crash n01".
    [[nodiscard]] const std::string& story() const { return story_; }

private:
    /// Lies in the place of a node's process, under ever higher versions of one epoch.
    struct LyingMember {
        explicit LyingMember(Liar member) : liar(std::move(member)) {}
        Liar liar;
        std::uint64_t seq = 0;
        wire::SignedRecord own;
    };
    enum class Reach { one, all };  ///< whom a fault touches: one node and its links, or everybody
    struct Kind {
        std::string_view name;
        Reach reach;
        void (Swarm::*harm)(std::size_t node, std::size_t other);
    };
    static const std::vector<Kind>& kinds();  // swarm_faults.cpp

    void act();
    void mend();
    [[nodiscard]] bool awake(std::size_t node) const;
    [[nodiscard]] bool in_core(std::size_t node) const;
    [[nodiscard]] std::size_t other_than(std::size_t node);
    [[nodiscard]] Duration between(Duration least, Duration most);
    void note(const std::string& what);

    // The kinds of faults: swarm_faults.cpp, swarm_members.cpp. `other` differs from `node`.
    void crash(std::size_t node, std::size_t other);
    void power_off(std::size_t node, std::size_t other);
    void stop(std::size_t node, std::size_t other);
    void pause(std::size_t node, std::size_t other);
    void cut(std::size_t node, std::size_t other);
    void sever(std::size_t node, std::size_t other);
    void isolate(std::size_t node, std::size_t other);
    void partition(std::size_t node, std::size_t other);
    void loss(std::size_t node, std::size_t other);
    void slow(std::size_t node, std::size_t other);
    void clock(std::size_t node, std::size_t other);
    void wipe(std::size_t node, std::size_t other);
    void replay(std::size_t node, std::size_t other);
    void drift(std::size_t node, std::size_t other);
    void restore(std::size_t node, std::size_t other);
    void tear(std::size_t node, std::size_t other);
    void fill(std::size_t node, std::size_t other);
    void suspend(std::size_t node, std::size_t other);
    void starve(std::size_t node, std::size_t other);
    void burst(std::size_t node, std::size_t other);
    void clog(std::size_t node, std::size_t other);
    void limit(std::size_t node, std::size_t other);
    void repeat(std::size_t node, std::size_t other);
    void rate(std::size_t node, std::size_t other);
    void rekey(std::size_t node, std::size_t other);
    void lie(std::size_t node, std::size_t other);
    void tell_half_of_the_roster();
    void begin_anew(std::size_t node, const std::function<void(std::size_t)>& with_another_disk);
    void restart(std::size_t node);
    void heal_all();
    void mend_members();

    World& world_;
    Random random_;
    std::vector<Kind> kinds_;
    std::vector<MonoTime> paused_until_;
    std::vector<std::size_t> core_;                       ///< ordered; empty while there is trouble for all
    std::map<std::size_t, std::optional<Bytes>> copies_;  ///< of disks, that may be put back
    std::set<std::size_t> full_;                          ///< disks
    std::map<std::size_t, LyingMember> liars_;            ///< for good
    bool rest_suffers_ = false;
    std::string story_;
};

}  // namespace meshmon::sim
