#include "mesh/verdict.hpp"

#include <gtest/gtest.h>

namespace meshmon::mesh {
namespace {

using namespace std::chrono_literals;

MonoTime at(Duration since_start) { return MonoTime(1h) + since_start; }

/// A viewer of ten nodes with polls of one second, where everybody else gave proof of life all the time.
Ballot ballot(std::size_t votes, std::vector<MonoTime> accused_at, std::optional<MonoTime> proof_at) {
    Ballot ballot;
    ballot.votes = votes;
    ballot.says_up = votes - accused_at.size();
    ballot.accused_at = std::move(accused_at);
    ballot.proof_at = proof_at;
    ballot.proof_current = 38s;
    ballot.proof_counts = 13s;
    ballot.quorum = 6;
    ballot.accusers_reason = Reason::timeout;
    ballot.witnesses_since = [](MonoTime) { return std::size_t{9}; };
    return ballot;
}

Verdict judged_up() {
    Verdict verdict;
    verdict.judge(ballot(9, {}, at(0s)), at(0s));
    return verdict;
}

TEST(Verdict, IsUpWhereThreeQuartersSayUpAndLifeIsProven) {
    EXPECT_EQ(judged_up().status(), Status::up);
    EXPECT_FALSE(judged_up().contested());
}

TEST(Verdict, IsUnknownWhereNobodyHasAnOpinion) {
    Verdict verdict;
    verdict.judge(ballot(0, {}, std::nullopt), at(0s));
    EXPECT_EQ(verdict.status(), Status::unknown);
    EXPECT_EQ(verdict.reason(), Reason::never_seen);
    verdict.judge(ballot(0, {}, at(0s)), at(1s));
    EXPECT_EQ(verdict.reason(), Reason::silent);
}

TEST(Verdict, IsUpWhereNobodyHasAnOpinionAndTheViewerReachesIt) {
    Verdict verdict;
    Ballot nobody = ballot(0, {}, at(0s));
    nobody.reached = true;
    verdict.judge(nobody, at(1s));
    EXPECT_EQ(verdict.status(), Status::up);
    ASSERT_TRUE(verdict.review_at());
    verdict.judge(nobody, *verdict.review_at());  // the link says so still, and proves nothing any more
    EXPECT_EQ(verdict.status(), Status::unknown);
    EXPECT_EQ(verdict.reason(), Reason::silent);
}

TEST(Verdict, IsDownOneSecondAfterThreeQuartersAccuse) {
    Verdict verdict = judged_up();
    const std::vector<MonoTime> accusations(7, at(4s));
    verdict.judge(ballot(9, accusations, at(0s)), at(4s));
    EXPECT_EQ(verdict.status(), Status::up);
    EXPECT_EQ(verdict.review_at(), at(5s));
    verdict.judge(ballot(9, accusations, at(0s)), at(5s));
    EXPECT_EQ(verdict.status(), Status::down);
    EXPECT_EQ(verdict.reason(), Reason::timeout);
}

TEST(Verdict, LessThanThreeQuartersIsNotEnough) {
    Verdict verdict = judged_up();
    const std::vector<MonoTime> accusations(6, at(4s));
    for (Duration t = 4s; t < 20s; t += 500ms) verdict.judge(ballot(9, accusations, at(0s)), at(t));
    EXPECT_EQ(verdict.status(), Status::up);
    EXPECT_TRUE(verdict.contested());
}

TEST(Verdict, OneAccuserOfTwoIsNeverEnough) {
    Verdict verdict = judged_up();
    Ballot two = ballot(2, {at(4s)}, at(0s));
    two.quorum = 2;
    for (Duration t = 4s; t < 20s; t += 500ms) verdict.judge(two, at(t));
    EXPECT_EQ(verdict.status(), Status::up);
}

TEST(Verdict, WhereOnlyOneOrTwoAccuseSilenceMustHaveLastedLonger) {
    for (const std::size_t accusers : {1U, 2U}) {
        Verdict verdict = judged_up();
        Ballot few = ballot(accusers, std::vector<MonoTime>(accusers, at(4s)), at(3s));
        few.exchange_at = at(3s);
        few.silence = 5s;
        verdict.judge(few, at(4s));
        EXPECT_EQ(verdict.review_at(), at(8s)) << accusers;
        verdict.judge(few, at(8s) - 1ms);
        EXPECT_EQ(verdict.status(), Status::up) << accusers;
        verdict.judge(few, at(8s));
        EXPECT_EQ(verdict.status(), Status::down) << accusers;
    }
}

TEST(Verdict, OfThreeAccusersOneSecondIsEnough) {
    Verdict verdict = judged_up();
    Ballot three = ballot(3, std::vector<MonoTime>(3, at(4s)), at(3s));
    three.exchange_at = at(3s);
    three.silence = 5s;
    verdict.judge(three, at(4s));
    verdict.judge(three, at(5s));
    EXPECT_EQ(verdict.status(), Status::down);
}

TEST(Verdict, TheOnlyObserverDecidesAlone) {
    Verdict verdict = judged_up();
    Ballot one = ballot(1, {at(4s)}, at(0s));
    one.quorum = 1;
    verdict.judge(one, at(4s));
    verdict.judge(one, at(5s));
    EXPECT_EQ(verdict.status(), Status::down);
}

TEST(Verdict, AProofOfLifeBeatsOlderAccusationsAndBeginsTheSecondAnew) {
    Verdict verdict = judged_up();
    const std::vector<MonoTime> accusations(9, at(4s));
    verdict.judge(ballot(9, accusations, at(0s)), at(4s));
    verdict.judge(ballot(9, accusations, at(4500ms)), at(5s));
    EXPECT_EQ(verdict.status(), Status::degraded);
}

TEST(Verdict, AnOldProofNoLongerCountsAgainstAccusations) {
    Verdict verdict = judged_up();
    const std::vector<MonoTime> accusations(9, at(4s));
    verdict.judge(ballot(9, accusations, at(5s)), at(5s));
    EXPECT_EQ(verdict.status(), Status::degraded);
    verdict.judge(ballot(9, accusations, at(5s)), at(18s) + 1ns);
    verdict.judge(ballot(9, accusations, at(5s)), at(19s) + 1ns);
    EXPECT_EQ(verdict.status(), Status::down);
}

TEST(Verdict, NobodyIsDeadUntilQNodesWereHeardSinceTheAccusation) {
    Verdict verdict = judged_up();
    Ballot lonely = ballot(9, std::vector<MonoTime>(9, at(4s)), at(0s));
    lonely.witnesses_since = [](MonoTime) { return std::size_t{5}; };
    for (Duration t = 4s; t < 13s; t += 500ms) verdict.judge(lonely, at(t));
    EXPECT_EQ(verdict.status(), Status::up);
}

TEST(Verdict, DownStaysUntilAProofOfLife) {
    Verdict verdict = judged_up();
    const std::vector<MonoTime> accusations(9, at(4s));
    verdict.judge(ballot(9, accusations, at(0s)), at(4s));
    verdict.judge(ballot(9, accusations, at(0s)), at(5s));
    ASSERT_EQ(verdict.status(), Status::down);
    verdict.judge(ballot(9, {}, at(0s)), at(6s));
    EXPECT_EQ(verdict.status(), Status::down) << "opinions alone do not bring it back";
    verdict.judge(ballot(9, {}, at(7s)), at(7s));
    EXPECT_EQ(verdict.status(), Status::up);
}

TEST(Verdict, IsDegradedWhereMoreThanAQuarterSeeAnImpairedLink) {
    Verdict verdict = judged_up();
    Ballot impaired = ballot(8, {}, at(0s));
    impaired.impaired = 2;
    verdict.judge(impaired, at(1s));
    EXPECT_EQ(verdict.status(), Status::up);
    impaired.impaired = 3;
    verdict.judge(impaired, at(1s));
    EXPECT_EQ(verdict.status(), Status::degraded);
}

TEST(Verdict, AfterThirtyContestedSecondsTwoThirdsSuffice) {
    Verdict verdict = judged_up();
    const std::vector<MonoTime> accusations(6, at(4s));  // 6 of 9: two thirds
    const auto contested = ballot(9, accusations, at(0s));
    verdict.judge(contested, at(4s));
    ASSERT_TRUE(verdict.contested());
    verdict.judge(contested, at(34s));
    verdict.judge(contested, at(35s));
    EXPECT_EQ(verdict.status(), Status::down);
}

TEST(Verdict, WithoutProofOfLifeTheContestedBecomeDownByMajorityOrUnknown) {
    Verdict majority = judged_up();
    const auto five_of_nine = ballot(9, std::vector<MonoTime>(5, at(4s)), at(0s));
    majority.judge(five_of_nine, at(14s));
    majority.judge(five_of_nine, at(45s));
    EXPECT_EQ(majority.status(), Status::down);

    Verdict minority = judged_up();
    const auto four_of_nine = ballot(9, std::vector<MonoTime>(4, at(4s)), at(0s));
    minority.judge(four_of_nine, at(14s));
    minority.judge(four_of_nine, at(45s));
    EXPECT_EQ(minority.status(), Status::unknown);
    EXPECT_EQ(minority.reason(), Reason::silent);
}

}  // namespace
}  // namespace meshmon::mesh
