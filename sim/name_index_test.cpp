#include "sim/name_index.hpp"

#include <gtest/gtest.h>

namespace meshmon::sim {
namespace {

TEST(NameIndex, FindsEachOfAThousandNamesAndNoOther) {
    NameIndex index;
    EXPECT_FALSE(index.find("n0"));
    for (std::size_t i = 0; i < 1000; ++i) index.set("n" + std::to_string(i), i);
    for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(index.find("n" + std::to_string(i)), i);
    EXPECT_FALSE(index.find("n1000"));
    EXPECT_FALSE(index.find(""));
}

TEST(NameIndex, ANameThatIsSetAgainLeadsElsewhere) {
    NameIndex index;
    index.set("n0", 1);
    index.set("n0", 2);
    EXPECT_EQ(index.find("n0"), 2);
}

}  // namespace
}  // namespace meshmon::sim
