#pragma once

#include <map>
#include <set>

#include "sim/checkers/checker.hpp"

namespace meshmon::sim {

/// S7: whatever comes in, what an honest node keeps, sends and verifies stays within the limits of docs/protocol.md, "Limits".
class StaysInBudget : public Checker {
public:
    void on_step(const Step& step) override;
    void on_message(const OpenedMessage& message) override;
    void on_beginning(const Beginning& beginning) override;
    void on_verification(const Verification& verification) override;

private:
    /// Of what is allowed so much a second, and so much at once.
    class Bucket {
    public:
        /// False where it is more than is left. Then and later nothing is owed.
        bool takes(double amount, double per_second, double at_once, MonoTime now);

    private:
        double used_ = 0;
        MonoTime at_;
    };
    struct Spent {
        std::uint64_t incarnation = 0;
        std::uint64_t verified = 0;
        std::uint64_t bad_signatures = 0;
        Bucket verifications;
    };
    struct Seen {
        std::uint64_t incarnation = 0;
        MonoTime roster_since;
        std::set<std::size_t> inputs;  ///< by their hash
    };

    void look_at_memory(const Step& step, std::size_t node);
    void look_at_verifications(const Step& step, std::size_t node);

    std::map<std::size_t, Spent> spent_;
    std::map<std::pair<std::size_t, std::size_t>, Bucket> answered_;  ///< bytes of records in answers, by (from, to)
    std::map<std::size_t, Seen> seen_;                                ///< by host
};

}  // namespace meshmon::sim
