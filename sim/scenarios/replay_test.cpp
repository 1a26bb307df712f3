#include <gmock/gmock.h>

#include "sim/scenarios/story_for_tests.hpp"

namespace meshmon::sim {
namespace {

using namespace std::chrono_literals;
using mesh::Status;
using testing::IsEmpty;

/// Hands all that was recorded to `receiver` again, as requests from where it came; answers are told by nobody else.
void replay_to(Story& story, std::size_t receiver) {
    for (const Message& message : story.tap().messages()) story.inject(receiver, message.address, message.bytes);
}

TEST(Replay, OfEverythingEverSentChangesNothing) {
    Story story({.nodes = 3, .seed = 71});
    story.tap().record();
    ASSERT_TRUE(story.begins());
    story.run_for(20s);
    story.tap().stop();
    for (std::size_t receiver = 0; receiver < story.size(); ++receiver) {
        const auto beliefs = story.beliefs(receiver);
        const auto accepted = story.counters(receiver).heads_accepted;
        const auto refused = story.refusals(receiver);
        replay_to(story, receiver);
        EXPECT_EQ(story.beliefs(receiver), beliefs);
        EXPECT_EQ(story.counters(receiver).heads_accepted, accepted);
        EXPECT_GT(story.refusals(receiver), refused) << "what is refused is counted";
    }
    EXPECT_TRUE(story.keeps(all_up(), 10s));
    EXPECT_THAT(story.accusations(), IsEmpty());
}

TEST(Replay, DoesNotBringADeadNodeBackToLife) {
    Story story({.nodes = 3, .seed = 72});
    story.tap().record();
    ASSERT_TRUE(story.begins());
    story.run_for(20s);
    story.crash(2);
    ASSERT_TRUE(story.reaches(everyone_sees(2, Status::down), detection_bound(story)));
    story.tap().stop();
    story.run_for(50ms);  // what was on its way arrives first: a copy that overtakes it costs it one try
    for (int round = 0; round < 10; ++round) {
        for (const std::size_t receiver : {0U, 1U}) replay_to(story, receiver);
        EXPECT_TRUE(story.keeps(everyone_sees(2, Status::down), 1s));
    }
    EXPECT_TRUE(story.keeps(see({0, 1}, {0, 1}, Status::up), 5s));
}

TEST(Replay, ToARestartedReceiverChangesNothing) {
    Story story({.nodes = 3, .seed = 73});
    story.tap().record();
    ASSERT_TRUE(story.begins());
    story.run_for(20s);
    story.crash(2);
    ASSERT_TRUE(story.reaches(everyone_sees(2, Status::down), detection_bound(story)));
    story.tap().stop();
    story.crash(0);
    story.restart(0);
    story.run_for(5ms);
    replay_to(story, 0);
    EXPECT_NE(story.status(0, 1), Status::down);
    EXPECT_NE(story.status(0, 2), Status::up);
    EXPECT_TRUE(story.reaches(see({0, 1}, {0, 1}, Status::up), recovery_bound(story)));
    replay_to(story, 0);
    EXPECT_TRUE(story.keeps([](const World& world) { return world.status(0, 2) != Status::up; }, 30s));
    EXPECT_NE(story.status(0, 2), Status::up);
}

TEST(Replay, OfAnOlderLifeOfARestartedNodeChangesNothing) {
    Story story({.nodes = 3, .seed = 74});
    story.tap().record();
    ASSERT_TRUE(story.begins());
    story.run_for(10s);
    story.tap().stop();
    story.crash(1);
    story.restart(1);
    ASSERT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    story.run_for(3s);
    for (const std::size_t receiver : {0U, 2U}) {
        const auto beliefs = story.beliefs(receiver);
        replay_to(story, receiver);
        EXPECT_EQ(story.beliefs(receiver), beliefs);
    }
    EXPECT_TRUE(story.keeps(all_up(), 10s));
}

TEST(Altered, MessagesAreRefusedCountedAndDisturbNobody) {
    Story story({.nodes = 3, .seed = 75});
    story.tap().record();
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.tap().stop();
    const auto beliefs = story.beliefs(0);
    const auto refused = story.refusals(0);
    std::size_t altered = 0;
    for (const Message& message : story.tap().messages()) {
        if (message.to != 0) continue;
        Bytes bytes = message.bytes;
        const std::size_t place = altered * 7919 % bytes.size();
        bytes[place] = static_cast<char>(bytes[place] ^ 1);
        const auto reply = story.inject(0, message.address, bytes);
        EXPECT_FALSE(reply.sealed) << "byte " << place << " of " << bytes.size();
        ++altered;
    }
    EXPECT_GT(altered, 20U);
    EXPECT_EQ(story.beliefs(0), beliefs);
    EXPECT_GT(story.refusals(0), refused);
    EXPECT_TRUE(story.keeps(all_up(), 10s)) << "nobody is locked out by what others do from its address";
}

TEST(Garbage, OfAllLengthsIsRefused) {
    Story story({.nodes = 3, .seed = 76});
    ASSERT_TRUE(story.begins());
    Random random(76);
    for (std::size_t length = 0; length < 200; ++length) {
        Bytes bytes;
        for (std::size_t i = 0; i < length; ++i) bytes.push_back(static_cast<char>(random.below(256)));
        if (!bytes.empty() && length % 2 == 0) bytes[0] = static_cast<char>(wire::kProtocolVersion);
        const auto reply = story.inject(0, "10.66.0.1", bytes);
        EXPECT_GE(reply.status, 400) << length;
        EXPECT_FALSE(reply.sealed);
    }
    EXPECT_TRUE(story.keeps(all_up(), 10s));
}

TEST(Networks, OfOneKeyAndNameDoNotMix) {
    Story alpha({.nodes = 3, .seed = 77, .network = "alpha"});
    Story beta({.nodes = 3, .seed = 77, .network = "beta"});
    alpha.tap().record();
    ASSERT_TRUE(alpha.begins());
    alpha.run_for(10s);
    ASSERT_TRUE(beta.begins());
    ASSERT_EQ(alpha.key(0), beta.key(0));
    for (std::size_t receiver = 0; receiver < beta.size(); ++receiver) {
        const auto beliefs = beta.beliefs(receiver);
        const auto refused = beta.refusals(receiver);
        for (const Message& message : alpha.tap().messages()) {
            EXPECT_NE(beta.inject(receiver, message.address, message.bytes).status, 200);
        }
        EXPECT_EQ(beta.beliefs(receiver), beliefs);
        EXPECT_GT(beta.refusals(receiver), refused);
    }
    EXPECT_TRUE(beta.keeps(all_up(), 10s));
}

}  // namespace
}  // namespace meshmon::sim
