#include "config/revision.hpp"

#include <gtest/gtest.h>

namespace meshmon::config {
namespace {

TEST(Revision, TravelsAsText) {
    Revision revision{.content = "a2a619e5882f", .commit = {}, .committed = {}, .trouble = {}};
    EXPECT_EQ(revision.text(), "a2a619e5882f");
    revision.commit = "9f3c2a1b4c5d6e7f8091";
    revision.committed = WallTime(std::chrono::milliseconds(1'795'331'701'900));
    revision.trouble = "rejected";
    EXPECT_EQ(revision.text(), "a2a619e5882f git:9f3c2a1b4c5d@1795331701 !rejected");
    const Revision read = Revision::parse(revision.text());
    EXPECT_EQ(read.content, "a2a619e5882f");
    EXPECT_EQ(read.commit, "9f3c2a1b4c5d");
    EXPECT_EQ(read.committed, WallTime(std::chrono::seconds(1'795'331'701)));
    EXPECT_EQ(read.trouble, "rejected");
    revision.trouble = std::string(100, 'x');
    EXPECT_EQ(revision.text().size(), 64U) << "as much as a head may carry";
}

TEST(Revision, TakesWhatAnotherVersionMaySay) {
    EXPECT_EQ(Revision::parse("").content, "");
    EXPECT_EQ(Revision::parse("main@9f3c2a1").content, "main@9f3c2a1");
    const Revision odd = Revision::parse("abc  later:thing git:12@soon git:34@99999999999999 !");
    EXPECT_EQ(odd.content, "abc");
    EXPECT_EQ(odd.commit, "34");
    EXPECT_FALSE(odd.committed);
    EXPECT_EQ(odd.trouble, "");
}

}  // namespace
}  // namespace meshmon::config
