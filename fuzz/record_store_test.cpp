#include <gtest/gtest.h>

#include "base/random.hpp"
#include "record_operations.hpp"

namespace meshmon::fuzz {
namespace {

TEST(RecordStore, HoldsWhatItsModelHoldsThroughTwentyThousandOperations) {
    Random random(1);
    std::size_t operations = 0;
    while (operations < 20'000) {
        Bytes choices(64 + random.below(1024), '\0');
        for (char& byte : choices) byte = static_cast<char>(random.next() >> 56U);
        operations += run_record_operations(choices);
    }
}

}  // namespace
}  // namespace meshmon::fuzz
