#include "config/trust.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "config/folder_for_tests.hpp"
#include "config/public_keys.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/keys.hpp"

namespace meshmon::config {
namespace {

class Trust : public testing::Test {
protected:
    static crypto::PublicKey some_key() { return crypto::generate_key_pair().public_key; }
    [[nodiscard]] std::filesystem::path file() const { return pubkeys / "tok-1.pub"; }

    TestFolder folder;
    std::filesystem::path pubkeys = folder.path() / "networks/prod/pubkeys";
    NodeId peer = *NodeId::parse("tok-1");
};

TEST_F(Trust, StoresAKeyThatTheConfigurationReads) {
    const crypto::PublicKey key = some_key();
    const auto stored = trust_key(pubkeys, peer, {key, {}});
    ASSERT_TRUE(stored) << stored.error().message;
    EXPECT_EQ(*stored, Trusted::stored);
    const auto read = read_public_keys(file(), pubkeys);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->key, key);
    EXPECT_EQ(*trust_key(pubkeys, peer, {key, {}}), Trusted::already);
    const auto another = NodeId::parse("another");
    ASSERT_TRUE(another);
    EXPECT_EQ(*trust_key(pubkeys, *another, {key, some_key()}), Trusted::stored);
    const auto kept = read_public_keys(pubkeys / "another.pub", pubkeys.parent_path());
    ASSERT_TRUE(kept);
    EXPECT_FALSE(kept->previous) << "a second key comes only as the next step of a rotation";
}

TEST_F(Trust, NeverReplacesAnotherKey) {
    const crypto::PublicKey first = some_key();
    const crypto::PublicKey second = some_key();
    ASSERT_TRUE(trust_key(pubkeys, peer, {first, {}}));
    const auto again = trust_key(pubkeys, peer, {second, {}});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "config.key_differs");
    EXPECT_TRUE(again.error().message.contains(crypto::fingerprint(first).text())) << again.error().message;
    EXPECT_TRUE(again.error().message.contains(crypto::fingerprint(second).text())) << again.error().message;
    EXPECT_EQ(read_public_keys(file(), pubkeys)->key, first);
}

TEST_F(Trust, FollowsARotationStepByStepAndNothingElse) {
    const crypto::PublicKey old = some_key();
    const crypto::PublicKey next = some_key();
    ASSERT_TRUE(trust_key(pubkeys, peer, {old, {}}));
    EXPECT_FALSE(trust_key(pubkeys, peer, {next, some_key()})) << "it does not follow the key that lies there";
    EXPECT_EQ(*trust_key(pubkeys, peer, {next, old}), Trusted::stored);
    EXPECT_EQ(read_public_keys(file(), pubkeys)->key, next);
    EXPECT_EQ(read_public_keys(file(), pubkeys)->previous, old);
    EXPECT_EQ(*trust_key(pubkeys, peer, {next, old}), Trusted::already);
    EXPECT_FALSE(trust_key(pubkeys, peer, {some_key(), old})) << "the old key has a follower";
    EXPECT_EQ(*trust_key(pubkeys, peer, {next, {}}), Trusted::stored);
    EXPECT_FALSE(read_public_keys(file(), pubkeys)->previous);
}

TEST_F(Trust, NamesAFileThatIsNoKey) {
    std::filesystem::create_directories(pubkeys);
    std::ofstream(file()) << "hello\n";
    const auto stored = trust_key(pubkeys, peer, {some_key(), {}});
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().code, "config.peer_key");
    EXPECT_TRUE(stored.error().hint.contains("tok-1.pub")) << stored.error().hint;
}

}  // namespace
}  // namespace meshmon::config
