#include "mesh/record_pool.hpp"

#include <gtest/gtest.h>

namespace meshmon::mesh {
namespace {

crypto::Hash hash_of(std::uint8_t number) { return {number}; }

Record record(const Bytes& head, std::uint8_t signature) {
    Record made;
    made.head_bytes = head;
    made.signature = {signature};
    return made;
}

TEST(RecordPool, GivesWhatIsHeldAlready) {
    RecordPool pool;
    const auto first = pool.keep(hash_of(1), record("head", 1));
    EXPECT_EQ(pool.keep(hash_of(1), record("head", 1)), first);
    EXPECT_EQ(pool.find(hash_of(1), "head"), first);
    EXPECT_EQ(pool.keep(hash_of(2), Bytes("slot")), pool.keep(hash_of(2), Bytes("slot")));
}

TEST(RecordPool, NeverMistakesOneForAnother) {
    RecordPool pool;
    const auto first = pool.keep(hash_of(1), record("head", 1));
    EXPECT_NE(pool.keep(hash_of(1), record("head", 2)), first) << "another signature";
    EXPECT_NE(pool.keep(hash_of(1), record("daeh", 1)), first) << "another head with the same hash";
    EXPECT_EQ(pool.find(hash_of(1), "other"), nullptr);
    const auto slot = pool.keep(hash_of(2), Bytes("slot"));
    EXPECT_EQ(*pool.keep(hash_of(2), Bytes("tols")), "tols");
    EXPECT_EQ(*slot, "slot");
}

TEST(RecordPool, KeepsNothingThatNobodyHolds) {
    RecordPool pool;
    const std::weak_ptr<const Record> seen = pool.keep(hash_of(1), record("head", 1));
    EXPECT_TRUE(seen.expired());
    EXPECT_EQ(pool.find(hash_of(1), "head"), nullptr);
}

}  // namespace
}  // namespace meshmon::mesh
