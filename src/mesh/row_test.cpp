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

}  // namespace
}  // namespace meshmon::mesh
