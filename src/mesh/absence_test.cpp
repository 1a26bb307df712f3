#include "mesh/absence.hpp"

#include <gtest/gtest.h>

namespace meshmon::mesh {
namespace {

constexpr wire::BootId kFirst{1};
constexpr wire::BootId kSecond{2};

TEST(Absence, OfOneProcessThatMissedOthersMeanwhileIsAPartition) {
    Absence absence;
    absence.begin(kFirst);
    absence.heard(kFirst, "did not reach n01");
    EXPECT_FALSE(absence.poll_parted()) << "it is not back";
    absence.returned();
    EXPECT_EQ(absence.poll_parted(), "did not reach n01");
    EXPECT_FALSE(absence.poll_parted()) << "once";
}

TEST(Absence, ThatEndsBeforeTheNewestHeadCameIsToldOfLater) {
    Absence absence;
    absence.begin(kFirst);
    absence.returned();
    EXPECT_FALSE(absence.poll_parted());
    absence.heard(kFirst, "");
    absence.heard(kFirst, "said that it is isolated");
    absence.caught_up();
    EXPECT_EQ(absence.poll_parted(), "said that it is isolated");
}

TEST(Absence, OfAProcessThatWasStartedAnewIsNoPartition) {
    Absence absence;
    absence.begin(kFirst);
    absence.heard(kSecond, "did not reach n01");
    absence.returned();
    EXPECT_FALSE(absence.poll_parted());
}

TEST(Absence, OfWhoSaysNothingOfItIsForgottenWithTheNewestHead) {
    Absence absence;
    absence.begin(kFirst);
    absence.caught_up();
    absence.returned();
    absence.heard(kFirst, "");
    absence.caught_up();
    absence.heard(kFirst, "did not reach n01");
    EXPECT_FALSE(absence.poll_parted()) << "that was later";
}

TEST(Absence, OfWhoWasUpAllTheTimeIsNone) {
    Absence absence;
    absence.heard(kFirst, "did not reach n01");
    absence.returned();
    EXPECT_FALSE(absence.poll_parted());
    absence.begin(kFirst);
    absence.forget();
    absence.heard(kFirst, "did not reach n01");
    absence.returned();
    EXPECT_FALSE(absence.poll_parted()) << "it left";
}

}  // namespace
}  // namespace meshmon::mesh
