#include "base/bytes.hpp"

#include <gtest/gtest.h>

namespace meshmon {
namespace {

TEST(Bytes, HexIsLowerCase) { EXPECT_EQ(to_hex(Bytes("\x00\xab\xff", 3)), "00abff"); }

TEST(Bytes, Base64FollowsTheVectorsOfRfc4648) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
                                                           {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(to_base64(plain), encoded);
        const auto decoded = from_base64(encoded);
        ASSERT_TRUE(decoded.has_value()) << encoded;
        EXPECT_EQ(*decoded, plain);
    }
}

TEST(Bytes, Base64RefusesWhatIsNotCanonical) {
    for (const char* text : {"Zg=", "Zg", "Z===", "Zh==", "Zm 9", "Zm9v\n", "=Zm9", "Zg==Zg=="}) {
        EXPECT_FALSE(from_base64(text).has_value()) << text;
    }
}

TEST(Bytes, ToArrayRefusesAnotherLength) {
    EXPECT_TRUE(to_array<3>("abc").has_value());
    EXPECT_FALSE(to_array<3>("ab").has_value());
    EXPECT_FALSE(to_array<3>("abcd").has_value());
}

}  // namespace
}  // namespace meshmon
