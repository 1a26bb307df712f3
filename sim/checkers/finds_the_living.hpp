#pragma once

#include <vector>

#include "sim/bounds.hpp"
#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// L2: who is back is `up` again within the bound.
///
/// At whom it is linked to both ways it is neither `down` nor `unknown`, and so it is over relays within a calm core of a
/// quorum. It is plainly `up` where the whole roster is one calm core without a broken link; `degraded` must then be the
/// loss or lateness that meters still show. Who went over to another key while its disk took nothing can take back nothing
/// that it signed before.
class FindsTheLiving : public Checker {
public:
    explicit FindsTheLiving(Bounds bounds) : bounds_(bounds) {}
    void on_step(const Step& step) override;

private:
    void look(const Step& step, std::size_t viewer);
    [[nodiscard]] std::optional<MonoTime> reached_since(const Step& step, std::size_t viewer, std::size_t subject) const;
    [[nodiscard]] std::optional<MonoTime> all_well_since(const Step& step, std::size_t viewer) const;

    Bounds bounds_;
    std::vector<MonoTime> could_not_sign_;  ///< by node: the last step at which it had no record, and no disk to begin one
};

}  // namespace meshmon::sim
