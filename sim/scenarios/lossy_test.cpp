#include "sim/lossy.hpp"

#include <gmock/gmock.h>

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

/// Each of these called a live node down: while a lost SYN cost a whole try, while a lost request cost the challenge that it
/// echoed, and while one second of silence was enough for a verdict by one or two.
class LossySeed : public testing::TestWithParam<std::uint64_t> {};

TEST_P(LossySeed, ThatOnceBroughtTheLivingDownDoesNoMore) { EXPECT_THAT(run_lossy(GetParam(), 10min).false_downs, IsEmpty()); }

INSTANTIATE_TEST_SUITE_P(Of, LossySeed,
                         testing::Values(7, 103, 120, 142, 149, 161, 164, 6013, 6444, 7177, 7424, 8316, 8487, 8626),
                         testing::PrintToStringParamName());

TEST(Lossy, NobodyIsCalledDownWherePacketsAreLostAndNothingElseIsWrong) {
    double node_seconds = 0;
    for (std::uint64_t seed = 1'000; node_seconds < 20'000; ++seed) {
        if (lossy_world(seed).nodes > 10) continue;  // scripts/bench mesh-figures has them
        const LossyRun run = run_lossy(seed, 2min);
        EXPECT_THAT(run.false_downs, IsEmpty()) << "seed " << seed << ", " << 100 * run.loss << " % lost";
        node_seconds += run.node_seconds;
    }
}

}  // namespace
}  // namespace meshmon::sim
