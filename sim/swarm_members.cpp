// The kinds of faults of identities: other keys and liars.

#include <utility>

#include "sim/swarm.hpp"

namespace meshmon::sim {

namespace {

constexpr std::uint64_t kEpochOfLiars = 1'000'000;  // above those that the process had in whose place it lies

}  // namespace

/// About half of the nodes have the next roster at once, the others when they start again or when all is mended.
void Swarm::tell_half_of_the_roster() {
    for (std::size_t node = 0; node < world_.size(); ++node) {
        if (random_.below(2) == 0 && world_.running(node)) world_.reload(node);
    }
}

void Swarm::rekey(std::size_t node, std::size_t) {
    begin_anew(node, [this](std::size_t one) { world_.rekey(one); });
    tell_half_of_the_roster();
}

/// Takes the node's place for good, with its key. Fewer than a third lie.
void Swarm::lie(std::size_t node, std::size_t other) {
    auto found = liars_.find(node);
    if (found == liars_.end()) {
        if (3 * (liars_.size() + 1) >= world_.size()) return;
        if (world_.running(node)) world_.crash(node);
        found = liars_.try_emplace(node, Liar::member(world_, node)).first;
        LyingMember& lying = found->second;
        lying.liar.bend_answer = [&lying](const wire::Exchange&, wire::Exchange& answer) { answer.records = {lying.own}; };
    }
    LyingMember& lying = found->second;
    lying.own = lying.liar.record(kEpochOfLiars, ++lying.seq, {other});
    lying.liar.my_version = lying.liar.version_of(lying.own);
    for (std::size_t to = 0; to < world_.size(); ++to) {
        if (to != node && world_.awake(to)) (void)lying.liar.tell(to, {lying.own});
    }
}

/// All have the same roster. Who lies goes on lying.
void Swarm::mend_members() {
    for (std::size_t node = 0; node < world_.size(); ++node) {
        if (world_.running(node)) world_.reload(node);
    }
}

}  // namespace meshmon::sim
