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
    [[nodiscard]] PublicKeyFile stored() const { return read_public_keys(file(), pubkeys).value(); }

    /// As somebody who agrees to everything; absent: refused.
    [[nodiscard]] std::optional<KeyChange> trust(const PublicKeyFile& offered) const {
        const auto plan = plan_trust(pubkeys, peer, offered);
        if (!plan || !trust_key(pubkeys, peer, offered, *plan)) return std::nullopt;
        return plan->change;
    }

    TestFolder folder;
    std::filesystem::path pubkeys = folder.path() / "networks/prod/pubkeys";
    NodeId peer = *NodeId::parse("tok-1");
};

TEST_F(Trust, StoresAKeyThatTheConfigurationReads) {
    const crypto::PublicKey key = some_key();
    EXPECT_EQ(trust({key, {}}), KeyChange::first);
    const auto read = read_public_keys(file(), pubkeys);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->key, key);
    EXPECT_EQ(trust({key, {}}), KeyChange::none);
    EXPECT_EQ(trust({key, some_key()}), KeyChange::none) << "a second key comes only as the next step of a rotation";
    EXPECT_FALSE(stored().previous);
    std::filesystem::remove(file());
    EXPECT_EQ(trust({key, some_key()}), KeyChange::first);
    EXPECT_FALSE(stored().previous) << "nobody compared it";
}

TEST_F(Trust, NeverReplacesAnotherKey) {
    const crypto::PublicKey first = some_key();
    const crypto::PublicKey second = some_key();
    ASSERT_EQ(trust({first, {}}), KeyChange::first);
    const auto again = plan_trust(pubkeys, peer, {second, {}});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "config.key_differs");
    EXPECT_TRUE(again.error().message.contains(crypto::fingerprint(first).text())) << again.error().message;
    EXPECT_TRUE(again.error().message.contains(crypto::fingerprint(second).text())) << again.error().message;
    const auto forced = trust_key(pubkeys, peer, {second, {}}, {.change = KeyChange::first, .there = {}});
    ASSERT_FALSE(forced);
    EXPECT_EQ(forced.error().code, "config.key_differs");
    EXPECT_EQ(stored().key, first);
}

TEST_F(Trust, FollowsARotationStepByStep) {
    const crypto::PublicKey old = some_key();
    const crypto::PublicKey next = some_key();
    ASSERT_EQ(trust({old, {}}), KeyChange::first);
    EXPECT_FALSE(trust({next, some_key()})) << "it does not follow the key that lies there";
    EXPECT_EQ(trust({next, old}), KeyChange::next);
    EXPECT_EQ(stored(), (PublicKeyFile{next, old}));
    EXPECT_EQ(trust({next, old}), KeyChange::none);
    EXPECT_FALSE(trust({old, next})) << "the old key does not follow the new one";
    EXPECT_EQ(trust({next, {}}), KeyChange::end);
    EXPECT_EQ(stored(), (PublicKeyFile{next, {}}));
    EXPECT_FALSE(trust({old, {}})) << "the old one is gone for good";
}

TEST_F(Trust, TellsWhatTakesANextKeyBack) {
    const crypto::PublicKey old = some_key();
    const crypto::PublicKey next = some_key();
    const crypto::PublicKey other = some_key();
    ASSERT_EQ(trust({old, {}}), KeyChange::first);
    ASSERT_EQ(trust({next, old}), KeyChange::next);
    const auto replaces = plan_trust(pubkeys, peer, {other, old});
    ASSERT_TRUE(replaces);
    EXPECT_TRUE(replaces->takes_back()) << "the caller asks for more than the words";
    EXPECT_EQ(trust({other, old}), KeyChange::replace);
    EXPECT_EQ(stored(), (PublicKeyFile{other, old}));
    EXPECT_EQ(trust({old, {}}), KeyChange::withdraw);
    EXPECT_EQ(stored(), (PublicKeyFile{old, {}}));
    for (const PublicKeyFile& forward : {PublicKeyFile{next, old}, PublicKeyFile{next, {}}}) {
        const auto plan = plan_trust(pubkeys, peer, forward);
        ASSERT_TRUE(plan);
        EXPECT_FALSE(plan->takes_back());
        ASSERT_TRUE(trust_key(pubkeys, peer, forward, *plan));
    }
}

TEST_F(Trust, DoesOnlyWhatWasAgreedTo) {
    const crypto::PublicKey old = some_key();
    const crypto::PublicKey next = some_key();
    ASSERT_EQ(trust({old, {}}), KeyChange::first);
    const auto agreed = plan_trust(pubkeys, peer, {next, old});
    ASSERT_TRUE(agreed);
    ASSERT_EQ(trust({some_key(), old}), KeyChange::next);
    const auto late = trust_key(pubkeys, peer, {next, old}, *agreed);
    ASSERT_FALSE(late) << "by now it would take a next key back";
    EXPECT_EQ(late.error().code, "config.key_changed");
}

TEST_F(Trust, NamesAFileThatIsNoKey) {
    std::filesystem::create_directories(pubkeys);
    std::ofstream(file()) << "hello\n";
    const auto plan = plan_trust(pubkeys, peer, {some_key(), {}});
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, "config.peer_key");
    EXPECT_TRUE(plan.error().hint.contains("tok-1.pub")) << plan.error().hint;
}

}  // namespace
}  // namespace meshmon::config
