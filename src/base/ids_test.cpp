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

TEST(NodeId, IsAssignedAsItIsOrNotAtAll) {
    NodeId id;
    EXPECT_TRUE(id.assign("fra-1"));
    EXPECT_EQ(id.str(), "fra-1");
    for (const char* text : {"Fra-2", "", "-x", "a b"}) {
        EXPECT_FALSE(id.assign(text)) << text;
        EXPECT_EQ(id.str(), "fra-1");
    }
}

TEST(NodeId, HoldsLowerCaseDigitsAndThreeSigns) {
    const std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    for (int c = 0; c < 256; ++c) {
        const char text[] = {'a', static_cast<char>(c)};
        EXPECT_EQ(is_valid_name({text, 2}), allowed.contains(text[1])) << c;
    }
}

TEST(NodeId, HasAtMost64Characters) {
    EXPECT_TRUE(NodeId::parse(std::string(64, 'a')).has_value());
    EXPECT_FALSE(NodeId::parse(std::string(65, 'a')).has_value());
}

}  // namespace
}  // namespace meshmon
