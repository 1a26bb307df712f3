#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "wire/kinds_for_tests.hpp"

/// The bytes of one message of each kind, in golden/. THEY NEVER CHANGE while the protocol version is 1: nodes of all
/// ages read each other by them, and signatures cover some of them. A failing test here means that the encoding was
/// broken, not that a file is out of date. A new field gets a new number and stays absent from these samples.
namespace meshmon::wire {
namespace {

Bytes golden(std::string_view name) {
    std::ifstream file(std::string(MESHMON_SOURCE_DIR "/src/wire/golden/").append(name).append(".hex"));
    EXPECT_TRUE(file.is_open()) << name;
    return from_hex(std::string(std::istreambuf_iterator<char>(file), {}));
}

TEST(Golden, EachMessageHasItsBytes) {
    for (const MessageKind& kind : message_kinds()) EXPECT_EQ(to_hex(kind.sample), to_hex(golden(kind.name))) << kind.name;
}

TEST(Golden, EachMessageIsReadBack) {
    for (const MessageKind& kind : message_kinds()) {
        const auto again = kind.recode(golden(kind.name));
        ASSERT_TRUE(again) << kind.name;
        EXPECT_EQ(to_hex(*again), to_hex(golden(kind.name))) << kind.name;
    }
}

TEST(Golden, FieldsOfNewerNodesAreIgnored) {
    for (const MessageKind& kind : message_kinds()) {
        if (kind.name == "envelope") continue;  // has no fields
        const auto again = kind.recode(kind.sample + from_hex("9a3e036e6577"
                                                              "a03e07"));  // 995: "new", 996: 7
        ASSERT_TRUE(again) << kind.name;
        EXPECT_EQ(*again, kind.sample) << kind.name;
    }
}

TEST(Golden, WhatAHeadsSignatureCovers) {
    EXPECT_EQ(to_hex(signing_input("\x01\x02")),
              "6d6573686d6f6e206865616420763100"
              "0102");
}

}  // namespace
}  // namespace meshmon::wire
