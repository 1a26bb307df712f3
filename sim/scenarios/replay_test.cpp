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

TEST(Replay, AfterHoursAndRestartsOfAllChangesNothing) {
    Story story({.nodes = 3, .seed = 78});
    story.tap().record();
    ASSERT_TRUE(story.begins());
    story.run_for(20s);
    story.tap().stop();
    for (const Duration later : {Duration(40s), Duration(2h)}) {
        for (std::size_t node = 0; node < story.size(); ++node) {
            story.crash(node);
            story.restart(node);
        }
        ASSERT_TRUE(story.reaches(all_up(), recovery_bound(story)));
        story.run_for(later);
        for (std::size_t receiver = 0; receiver < story.size(); ++receiver) {
            const auto beliefs = story.beliefs(receiver);
            const auto accepted = story.counters(receiver).heads_accepted;
            replay_to(story, receiver);
            EXPECT_EQ(story.beliefs(receiver), beliefs);
            EXPECT_EQ(story.counters(receiver).heads_accepted, accepted);
        }
        EXPECT_TRUE(story.keeps(all_up(), 10s));
    }
    EXPECT_THAT(story.accusations(), IsEmpty());
}

/// Requests of an older life get a challenge, as anybody who cannot prove to be alive; those of this one are refused.
TEST(Replay, BetweenRealPollsNeitherTakesTheirChallengesNorFlapsTheLink) {
    Story story({.nodes = 3, .seed = 79});
    story.tap().record();
    ASSERT_TRUE(story.begins());
    story.run_for(5s);
    story.crash(1);
    story.restart(1);
    ASSERT_TRUE(story.reaches(all_up(), recovery_bound(story)));
    story.run_for(5s);
    const auto links_told = [&story] {
        return story.told(0, mesh::EventKind::link_status, 1) + story.told(1, mesh::EventKind::link_status, 0);
    };
    const auto told_before = links_told();
    const auto accepted_before = story.counters(0).requests_accepted;
    const auto verified_before = story.counters(0).heads_verified;
    for (int i = 0; i < 600; ++i) {
        for (const Message& message : story.tap().messages()) {
            if (message.from == 1 && message.to == 0 && !message.answer) story.inject(0, message.address, message.bytes);
        }
        story.tap().stop();
        ASSERT_TRUE(story.keeps(all_up(), 50ms));
    }
    EXPECT_EQ(links_told(), told_before);
    EXPECT_GE(story.counters(0).requests_accepted - accepted_before, 2U * 28U) << "each of two peers, once a second";
    EXPECT_LT(story.counters(0).heads_verified - verified_before, 20U);
}

TEST(Replay, OfAnswersDoesNotHideADeath) {
    Story story({.nodes = 3, .seed = 80});
    story.tap().record();
    ASSERT_TRUE(story.begins());
    story.run_for(20s);
    story.tap().stop();
    std::vector<Bytes> answers;
    for (const Message& message : story.tap().messages()) {
        if (message.from == 2 && message.answer) answers.push_back(message.bytes);
    }
    ASSERT_GT(answers.size(), 20U);
    story.crash(2);
    std::size_t next = 0;
    story.take_seat(2, [&](std::string_view, ByteView) {
        return mesh::Network::Reply{.status = 200, .body = answers[next++ % answers.size()], .sealed = true};
    });
    if (!story.run_until(everyone_sees(2, Status::down), detection_bound(story))) story.broken("L1: old answers hide a death");
    EXPECT_EQ(story.node(0, 2).reason, mesh::Reason::key_mismatch);
    EXPECT_TRUE(story.keeps(everyone_sees(2, Status::down), 1min));
    story.restart(2);
    EXPECT_TRUE(story.reaches(all_up(), recovery_bound(story)));
}

TEST(Altered, OnTheirWayMessagesCostAnExchangeAndNothingElse) {
    Story story({.nodes = 3, .seed = 90});
    ASSERT_TRUE(story.begins());
    std::uint64_t passed = 0;
    story.on_the_way([&](std::size_t, std::size_t, bool, Bytes& bytes) {
        if (++passed % 10 == 0) bytes[passed % bytes.size()] = static_cast<char>(bytes[passed % bytes.size()] ^ 1);
    });
    EXPECT_TRUE(story.keeps(nobody_down(), 2min));
    story.on_the_way({});
    EXPECT_TRUE(story.reaches(all_up(), 2min)) << "lossy links are forgotten again";
    EXPECT_THAT(story.accusations(), IsEmpty());
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
