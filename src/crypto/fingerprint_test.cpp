#include "crypto/fingerprint.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "crypto/words.hpp"

namespace meshmon::crypto {
namespace {

/// The public key of RFC 8032, 7.1, test 1.
constexpr PublicKey kKey{{0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
                          0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a}};

TEST(Fingerprint, IsTheHashOfTheDerPublicKey) {
    // openssl pkey -pubin -outform DER | sha256sum
    EXPECT_EQ(to_hex(view(fingerprint(kKey).bytes)), "06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9");
}

TEST(Fingerprint, TextIsBase64WithoutPadding) {
    EXPECT_EQ(fingerprint(kKey).text(), "SHA256:BuP9j9opu2CrWVV95h7bCuzbIxE0vjDnW0Vfjht5L6k");
}

TEST(Fingerprint, ShortIdAndKeyTagAreItsFirstBytes) {
    Fingerprint fingerprint;
    for (std::uint8_t i = 0; i < 8; ++i) fingerprint.bytes[i] = static_cast<std::uint8_t>(i + 1);
    EXPECT_EQ(fingerprint.short_id(), 0x0102030405060708U);
    EXPECT_EQ(fingerprint.key_tag(), 0x01020304U);
}

TEST(Fingerprint, WordsNameItsFirstEightBytes) {
    Fingerprint fingerprint;
    EXPECT_EQ(fingerprint.words(), "acorn-acorn-acorn-acorn-acorn-acorn-acorn-acorn");
    fingerprint.bytes[0] = 255;
    fingerprint.bytes[7] = 1;
    fingerprint.bytes[8] = 77;  // not among the eight
    EXPECT_EQ(fingerprint.words(), "zipper-acorn-acorn-acorn-acorn-acorn-acorn-agent");
}

TEST(Fingerprint, WordsAreDistinctShortAndPlain) {
    EXPECT_EQ(std::set(kWords.begin(), kWords.end()).size(), 256U);
    for (const std::string_view word : kWords) {
        EXPECT_TRUE(word.size() >= 4 && word.size() <= 9) << word;
        EXPECT_TRUE(std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; })) << word;
    }
    EXPECT_TRUE(std::ranges::is_sorted(kWords));
}

}  // namespace
}  // namespace meshmon::crypto
