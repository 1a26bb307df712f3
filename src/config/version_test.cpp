#include <gtest/gtest.h>

#include "config/config.hpp"

namespace meshmon::config {
namespace {

bool fits(std::string_view version, std::string_view range) {
    const Result<bool> result = version_fits(version, range);
    EXPECT_TRUE(result) << version << " " << range;
    return result.value_or(false);
}

TEST(VersionFits, KnowsEveryOperator) {
    EXPECT_TRUE(fits("1.0.0", ">=0.2.0"));
    EXPECT_TRUE(fits("1.0.0", ">=1.0.0"));
    EXPECT_FALSE(fits("1.0.0", ">1.0.0"));
    EXPECT_TRUE(fits("1.0.1", ">1.0.0"));
    EXPECT_TRUE(fits("1.9.9", "<2.0.0"));
    EXPECT_FALSE(fits("2.0.0", "<2.0.0"));
    EXPECT_TRUE(fits("2.0.0", "<=2.0.0"));
    EXPECT_TRUE(fits("2.0.0", "==2.0.0"));
    EXPECT_FALSE(fits("2.0.1", "==2.0.0"));
    EXPECT_TRUE(fits("2.0.1", "!=2.0.0"));
    EXPECT_FALSE(fits("2.0.0", "!=2.0.0"));
    EXPECT_TRUE(fits("1.2.3", "1.2.3"));
    EXPECT_TRUE(fits("1.2.0", "1.2"));
    EXPECT_TRUE(fits("1.10.0", ">1.9.0"));
}

TEST(VersionFits, WantsAllOfSeveralRanges) {
    for (const std::string_view range : {">=0.2.0,<2.0.0", ">=0.2.0 <2.0.0", ">= 0.2.0, < 2.0.0", " >=0.2.0 ,  <2.0.0 "}) {
        EXPECT_TRUE(fits("1.0.0", range)) << range;
        EXPECT_FALSE(fits("2.0.0", range)) << range;
        EXPECT_FALSE(fits("0.1.0", range)) << range;
    }
}

TEST(VersionFits, OrdersPreReleasesAsSemanticVersioningDoes) {
    constexpr std::string_view kOrder[] = {"1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
                                           "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",       "1.0.0"};
    for (std::size_t i = 0; i < std::size(kOrder); ++i) {
        for (std::size_t j = 0; j < std::size(kOrder); ++j) {
            EXPECT_EQ(fits(kOrder[i], "<" + std::string(kOrder[j])), i < j) << kOrder[i] << " " << kOrder[j];
            EXPECT_EQ(fits(kOrder[i], "==" + std::string(kOrder[j])), i == j);
        }
    }
}

TEST(VersionFits, IgnoresBuildDataAndALeadingV) {
    EXPECT_TRUE(fits("1.0.0+abc", "==1.0.0"));
    EXPECT_TRUE(fits("v1.0.0", ">=v1.0.0"));
}

TEST(VersionFits, RefusesWhatIsNoRange) {
    for (const std::string_view range : {"", " ", ",", ">=", "latest", ">=x", "=>1.0", "1.2.3.4", "1..2", "1.2.", ">=1.0.0-",
                                         ">=1.0.0-a..b", "~>1.0", "^1.0", ">=99999999999", ">=1.0 beta", "1.0.0-\xC3\xA9"}) {
        const Result<bool> result = version_fits("1.0.0", range);
        ASSERT_FALSE(result) << range;
        EXPECT_EQ(result.error().code, "config.version_range");
    }
    EXPECT_EQ(version_fits("1.0.0", "latest").error().message, "'latest' is no version range");
    EXPECT_EQ(version_fits("x", ">=1").error().code, "config.version");
}

}  // namespace
}  // namespace meshmon::config
