#pragma once

#include <functional>
#include <set>

#include "sim/bounds.hpp"
#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// L4: among the nodes heard that have a vote, sides, groups, bridges and broken links are named exactly, within the bound
/// after they could be detected.
///
/// What they are is worked out here from the truth about the links, by the words of docs/verdicts.md. Of viewers in a calm core
/// that hear nobody outside it; who of the core has a vote is what each says of its own health.
class NamesSides : public Checker {
public:
    explicit NamesSides(Bounds bounds) : bounds_(bounds) {}
    void on_step(const Step& step) override;

private:
    /// What must not change while the bound runs, beside the truth.
    struct Premises {
        std::vector<std::size_t> voters;  ///< of the core, ordered
        bool all_found = false;  ///< the viewer sees nobody outside the core, heard all inside, and they can sign: L1, L6
        friend bool operator==(const Premises&, const Premises&) = default;
    };
    [[nodiscard]] static Premises premises_of(const Step& step, std::size_t viewer, const Truth::Core& core);
    [[nodiscard]] Duration detection(const Step& step, std::size_t viewer, const Truth::Core& core) const;
    void look(const Step& step, std::size_t viewer, const std::vector<std::size_t>& voters, Duration span);

    Bounds bounds_;
    std::vector<Premises> premises_;  ///< by viewer
    std::vector<MonoTime> since_;     ///< by viewer: since when they hold
};

/// What is to be named where nodes `placed` are linked as `linked` says, on what is foreseen as `foreseen` says: a model that is
/// plain rather than fast.
struct NamedSides {
    using Side = std::set<std::size_t>;
    std::set<Side> sides;
    std::set<Side> groups;
    Side bridges;
    std::set<std::pair<std::size_t, std::size_t>> broken_links;
    friend bool operator==(const NamedSides&, const NamedSides&) = default;
};
using Pairs = std::function<bool(std::size_t a, std::size_t b)>;
[[nodiscard]] NamedSides name_sides(const std::vector<std::size_t>& placed, const Pairs& linked, const Pairs& foreseen);

}  // namespace meshmon::sim
