#include <gtest/gtest.h>

#include "base/random.hpp"
#include "wire/kinds_for_tests.hpp"

/// A small fuzzer that every run of the tests contains; the large one is fuzz/.
namespace meshmon::wire {
namespace {

constexpr int kMutations = 20'000;

void mutate(Bytes& bytes, Random& random) {
    const auto at = [&] { return static_cast<std::size_t>(random.below(bytes.size() + 1)); };
    switch (random.below(5)) {
        case 0:
            if (!bytes.empty()) bytes[random.below(bytes.size())] ^= static_cast<char>(1 << random.below(8));
            break;
        case 1:
            if (!bytes.empty()) bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
            break;
        case 2: bytes.insert(at(), 1 + random.below(4), static_cast<char>(random.below(256))); break;
        case 3: bytes.erase(at(), 1 + random.below(4)); break;
        case 4: bytes.insert(at(), bytes.substr(at(), random.below(40))); break;
    }
}

TEST(Mutations, NeverCrashADecoderAndNeverMeanTwoThings) {
    for (const MessageKind& kind : message_kinds()) {
        Random random(1);
        int accepted = 0;
        for (int i = 0; i < kMutations; ++i) {
            Bytes bytes = kind.sample;
            for (std::uint64_t count = 1 + random.below(4); count > 0; --count) mutate(bytes, random);
            accepted += kind.recode(bytes).has_value() ? 1 : 0;
            ASSERT_TRUE(is_stable(kind.recode, bytes)) << kind.name << ": " << to_hex(bytes);
        }
        // Both paths were walked; otherwise the mutations are too coarse or the decoder checks nothing.
        EXPECT_GT(accepted, 0) << kind.name;
        EXPECT_LT(accepted, kMutations) << kind.name;
    }
}

TEST(Mutations, EveryTruncationIsHandled) {
    for (const MessageKind& kind : message_kinds()) {
        for (std::size_t size = 0; size < kind.sample.size(); ++size) {
            EXPECT_TRUE(is_stable(kind.recode, ByteView(kind.sample).substr(0, size))) << kind.name << " cut to " << size;
        }
    }
}

TEST(Mutations, AMessageOfOneKindReadAsAnotherDoesNotCrash) {
    for (const MessageKind& kind : message_kinds()) {
        for (const MessageKind& other : message_kinds())
            EXPECT_TRUE(is_stable(kind.recode, other.sample)) << kind.name << other.name;
    }
}

}  // namespace
}  // namespace meshmon::wire
