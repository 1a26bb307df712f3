#include <gtest/gtest.h>

#include "sim/trial.hpp"

namespace meshmon::sim {
namespace {

constexpr std::uint64_t kSeeds = 20;  // some seconds of real time; scripts/sim tries as many as one likes

TEST(Swarm, HoldsWhatMustHoldAndIsWellAgainWhenTheTroubleEnds) {
    for (std::uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
        const Trial trial = try_seed(seed);
        for (const std::string& violation : trial.violations) ADD_FAILURE() << violation;
        if (HasFailure()) ADD_FAILURE() << "seed " << seed << ": " << trial.story;
    }
}

TEST(Swarm, DrawsAnotherWorldAndOtherTroubleFromEachSeed) {
    const Trial one = try_seed(1, {.nodes = 3, .crypto = {}});
    EXPECT_EQ(one.nodes, 3U);
    EXPECT_EQ(one.trace, try_seed(1, {.nodes = 3, .crypto = {}}).trace);
    EXPECT_NE(one.trace, try_seed(2, {.nodes = 3, .crypto = {}}).trace);
}

TEST(Swarm, LogsTheSameLinesForTheSameSeed) {
    std::vector<std::string> first, second;
    const Trial logged = try_seed(3, {.nodes = 2, .crypto = {}}, [&](std::string_view line) { first.emplace_back(line); });
    try_seed(3, {.nodes = 2, .crypto = {}}, [&](std::string_view line) { second.emplace_back(line); });
    EXPECT_GT(first.size(), 100U);
    EXPECT_EQ(first, second);
    EXPECT_EQ(logged.trace, try_seed(3, {.nodes = 2, .crypto = {}}).trace) << "a run that is logged is the same run";
}

}  // namespace
}  // namespace meshmon::sim
