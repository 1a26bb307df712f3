#include "config/suggest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace meshmon::config {
namespace {

TEST(EditDistance, CountsTheFewestEdits) {
    EXPECT_EQ(edit_distance("", ""), 0U);
    EXPECT_EQ(edit_distance("url", "url"), 0U);
    EXPECT_EQ(edit_distance("URL", "url"), 0U);
    EXPECT_EQ(edit_distance("retyr", "retry"), 1U);  // a swap
    EXPECT_EQ(edit_distance("pol_rate", "poll_rate"), 1U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
}

TEST(EditDistance, LooksAt64BytesAtTheMost) { EXPECT_EQ(edit_distance(std::string(100'000, 'a'), std::string(70, 'b')), 64U); }

TEST(Closest, SuggestsOnlyWhatIsNear) {
    constexpr std::array<std::string_view, 4> kKeys{"node_id", "url", "poll_rate", "retry"};
    EXPECT_EQ(closest("nodeid", kKeys), "node_id");
    EXPECT_EQ(closest("uri", kKeys), "url");
    EXPECT_EQ(closest("pollrate", kKeys), "poll_rate");
    EXPECT_EQ(closest("webhook", kKeys), std::nullopt);
    EXPECT_EQ(closest("x", kKeys), std::nullopt);
    constexpr std::array<std::string_view, 2> kShort{"a", "b2"};
    EXPECT_EQ(closest("c", kShort), std::nullopt) << "of one letter nothing is left";
    EXPECT_EQ(closest("b1", kShort), "b2");
}

}  // namespace
}  // namespace meshmon::config
