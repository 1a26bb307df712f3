#include "sim/lossy.hpp"

#include <gmock/gmock.h>

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

/// Each of these called a live node down: while a lost SYN cost a whole try, while a lost request cost the challenge that it
/// echoed, and while one second of silence was enough for a verdict by one or two.
struct Unlucky {
    std::uint64_t seed;
    std::size_t nodes;
    Duration poll_rate;
};

void PrintTo(const Unlucky& world, std::ostream* out) { *out << world.seed; }

class LossySeed : public testing::TestWithParam<Unlucky> {};

TEST_P(LossySeed, ThatOnceBroughtTheLivingDownDoesNoMore) {
    const auto [seed, nodes, poll_rate] = GetParam();
    const WorldOptions world{
        .nodes = nodes, .seed = seed, .poll_rate = poll_rate, .links = {.loss = 0.3}, .check_every = Duration(0)};
    EXPECT_THAT(run_lossy(world, 10min).false_downs, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Of, LossySeed,
                         testing::Values(Unlucky{7, 2, 1s}, Unlucky{120, 2, 1s}, Unlucky{149, 2, 1s}, Unlucky{161, 3, 1s},
                                         Unlucky{164, 2, 3s}, Unlucky{6013, 2, 3s}, Unlucky{6444, 2, 3s}, Unlucky{8316, 2, 1s},
                                         Unlucky{8487, 2, 3s}, Unlucky{8626, 2, 1s}),
                         testing::PrintToStringParamName());

TEST(Lossy, NobodyIsCalledDownWherePacketsAreLostAndNothingElseIsWrong) {
    double node_seconds = 0;
    for (std::uint64_t seed = 1'000; node_seconds < 20'000; ++seed) {
        const WorldOptions world = lossy_world(seed);
        if (world.nodes > 10) continue;  // scripts/bench mesh-figures has them
        const LossyRun run = run_lossy(world, 2min);
        EXPECT_THAT(run.false_downs, IsEmpty()) << "seed " << seed << ", " << 100 * run.loss << " % lost";
        node_seconds += run.node_seconds;
    }
}

}  // namespace
}  // namespace meshmon::sim
