#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "sim/world.hpp"

namespace meshmon::sim {

/// Trouble of many kinds at once, drawn from one seed: how many nodes, which kinds of faults, what happens to whom and when.
///
/// Source: swarm testing, Groce, Zhang, Eide, Chen and Regehr, ISSTA 2012: a run that leaves kinds of faults out finds what a
/// run with all of them hides.
class Swarm {
public:
    enum class Fault { crash, power_off, stop, pause, cut, sever, isolate, partition, loss, slow, clock, wipe, replay };
    static constexpr std::size_t kFaults = 13;

    /// The world that this seed is to be tried in: 2 to 10 nodes, polls of 1 to 10 s.
    [[nodiscard]] static WorldOptions world_of(std::uint64_t seed);

    Swarm(World& world, std::uint64_t seed);

    /// Runs the world for `span`, doing harm.
    void run(Duration span);

    /// Ends all harm: whole links, all processes running. Returns when the last pause is over.
    void calm();

    /// What was done, a line each: "at 3.2 s: crash n01".
    [[nodiscard]] const std::string& log() const { return log_; }

private:
    void act();
    void harm(Fault fault, std::size_t node, std::size_t other);
    void mend();
    void pause(std::size_t node, Duration span);
    void split();
    void wipe(std::size_t node);
    void replay(std::size_t to);
    [[nodiscard]] bool awake(std::size_t node) const;
    [[nodiscard]] Duration between(Duration least, Duration most);
    void note(const std::string& what);

    World& world_;
    Random random_;
    std::vector<Fault> kinds_;
    std::vector<MonoTime> paused_until_;
    std::string log_;
};

}  // namespace meshmon::sim
