#include "mesh/row.hpp"

#include <gtest/gtest.h>

namespace meshmon::mesh {
namespace {

Exception accusation(std::uint64_t epoch, std::uint64_t seq) {
    Exception exception;
    exception.out = wire::OutState::failed;
    exception.accused_epoch = epoch;
    exception.accused_seq = seq;
    return exception;
}

wire::Version head(std::uint64_t epoch, std::uint64_t seq) { return {{1}, {2}, epoch, seq, 0}; }

TEST(Exception, IsAnsweredByTheHeadThatAccusedFirstOrALaterOne) {
    EXPECT_TRUE(accusation(3, 7).is_answered_by(head(3, 7)));
    EXPECT_TRUE(accusation(3, 7).is_answered_by(head(3, 8)));
    EXPECT_TRUE(accusation(3, 7).is_answered_by(head(4, 1))) << "the accuser jumped to another epoch and goes on accusing";
    EXPECT_FALSE(accusation(3, 7).is_answered_by(head(3, 6)));
    EXPECT_FALSE(accusation(3, 7).is_answered_by(head(2, 9)));
}

TEST(Exception, ThatAccusesNobodyHasNoAnswer) {
    Exception lossy = accusation(1, 1);
    lossy.out = wire::OutState::ok;
    EXPECT_FALSE(lossy.is_answered_by(head(1, 1)));
}

TEST(Row, WithAnotherWordAboutOneNodeIsTheRowThatIsMadeSo) {
    NodeSet observes(5);
    for (const std::size_t node : {0U, 1U, 3U}) observes.insert(node);
    Exception lossy;
    lossy.out = wire::OutState::ok;
    const Exception untried;
    const Row plain(observes, {});
    for (const Exception& exception : {accusation(1, 1), lossy, untried}) {
        const Row changed = plain.with(3, exception);
        const Row made(observes, {{3, exception}});
        EXPECT_EQ(changed.opinions(), made.opinions());
        EXPECT_EQ(changed.ups(), made.ups());
        ASSERT_NE(changed.exception(3), nullptr);
        EXPECT_EQ(changed.exception(3)->opinion(), exception.opinion());
        const Row back = changed.with(1, untried).with(3, lossy).with(3, std::nullopt);
        EXPECT_EQ(back.exception(3), nullptr);
        EXPECT_EQ(back.opinion(3), Opinion::up);
        EXPECT_EQ(back.exceptions().size(), 1U) << "what it says about another stays";
    }
}

}  // namespace
}  // namespace meshmon::mesh
