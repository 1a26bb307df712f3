#include "base/ids.hpp"

#include <gtest/gtest.h>

namespace meshmon {
namespace {

TEST(NodeId, IsLowerCased) { EXPECT_EQ(NodeId::parse("Fra-1")->str(), "fra-1"); }

TEST(NodeId, RefusesWhatCouldBeAPathOrAnOption) {
    for (const char* text : {"", ".", "..", "-x", "_x", ".hidden", "a/b", "a b", "a\nb", "\xc3\xa4"}) {
        EXPECT_FALSE(NodeId::parse(text).has_value()) << text;
    }
}

TEST(NodeId, HasAtMost64Characters) {
    EXPECT_TRUE(NodeId::parse(std::string(64, 'a')).has_value());
    EXPECT_FALSE(NodeId::parse(std::string(65, 'a')).has_value());
}

}  // namespace
}  // namespace meshmon
