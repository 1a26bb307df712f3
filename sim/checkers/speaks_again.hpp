#pragma once

#include <map>

#include "sim/bounds.hpp"
#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// L6: whatever became of its disk, a node that is left in peace is heard under its present epoch within the bound; and where two
/// processes speak under its key to one node, that node names the clone within it.
///
/// The time runs anew where a viewer takes a head of another epoch: somebody else signs under that key.
/// A node that says of itself that it is cloned, as where a thief used up its epochs, need not be heard. Nor need one whose disk
/// takes nothing: it cannot make an epoch durable. After two jumps to higher epochs a process may wait 10 s before the next.
class SpeaksAgain : public Checker {
public:
    explicit SpeaksAgain(Bounds bounds) : bounds_(bounds) {}
    void on_step(const Step& step) override;

private:
    void note_what_was_told(const Step& step);
    void look_for_voices(const Step& step, std::size_t viewer, std::size_t owner);
    [[nodiscard]] MonoTime held_since(const Step& step, std::size_t viewer, std::size_t owner, std::uint64_t epoch);
    void look_for_names(const Step& step, std::size_t viewer, std::size_t cloned);

    Bounds bounds_;
    std::vector<MonoTime> did_not_write_;                            ///< by node: the last step at which its disk took nothing
    std::map<std::pair<std::size_t, std::size_t>, MonoTime> named_;  ///< (viewer, node): when it last told of a clone
    struct Jumps {
        std::uint64_t incarnation = 0;
        std::size_t count = 0;
        MonoTime last{};
    };
    std::map<std::size_t, Jumps> jumps_;  ///< by node: of its process, to higher epochs
    struct Held {
        std::uint64_t epoch = 0;
        MonoTime since;
    };
    std::map<std::pair<std::size_t, std::size_t>, Held> held_;  ///< (viewer, owner)
};

}  // namespace meshmon::sim
