#pragma once

#include <map>

#include "mesh/record.hpp"
#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// S3 and S5 of what is stored: every record that an honest node holds is what its owner signed, under the key that the node has
/// of it, with exactly the slots that its head lists.
class StoredRecords : public Checker {
public:
    void on_step(const Step& step) override;

private:
    [[nodiscard]] static std::string fault(const Step& step, std::size_t owner, const mesh::Record& record);

    /// Records that were looked at; nodes share them.
    std::map<const mesh::Record*, std::weak_ptr<const mesh::Record>> good_;
    std::size_t sweep_at_ = 1024;
};

}  // namespace meshmon::sim
