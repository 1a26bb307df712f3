#include "node/event_line.hpp"

#include <gtest/gtest.h>

namespace meshmon::node {
namespace {

using mesh::Event;
using mesh::EventKind;
using mesh::Reason;
using mesh::Status;

Event change(EventKind kind, Status from, Status to, Reason reason = Reason::none) {
    Event event;
    event.kind = kind;
    event.node = *NodeId::parse("b");
    event.from = from;
    event.to = to;
    event.reason = reason;
    return event;
}

LogLine line(const Event& event) { return to_log_line(event, *NetworkId::parse("prod")).line; }

TEST(EventLine, WarnsOfAPeerThatIsDownAndInformsOfItsReturn) {
    const LogLine down = line(change(EventKind::node_status, Status::up, Status::down, Reason::connect));
    EXPECT_EQ(down.level, LogLevel::warn);
    EXPECT_EQ(down.event, "node_down");
    EXPECT_EQ(down.network, "prod");
    EXPECT_EQ(down.node, "b");
    EXPECT_EQ(down.message, "b is down, was up: " + std::string(mesh::explain(Reason::connect)));
    const LogLine up = line(change(EventKind::node_status, Status::down, Status::up));
    EXPECT_EQ(up.level, LogLevel::info);
    EXPECT_EQ(up.event, "node_up");
}

TEST(EventLine, InformsOfACleanStop) {
    const LogLine left = line(change(EventKind::node_status, Status::up, Status::down, Reason::left));
    EXPECT_EQ(left.level, LogLevel::info);
    EXPECT_EQ(left.event, "node_left");
}

TEST(EventLine, IsQuietAboutWhatIsUnknownFromTheStart) {
    EXPECT_EQ(line(change(EventKind::node_status, Status::unknown, Status::unknown, Reason::never_seen)).level, LogLevel::debug);
    EXPECT_EQ(line(change(EventKind::node_status, Status::up, Status::unknown, Reason::silent)).level, LogLevel::warn);
}

TEST(EventLine, KeepsLinksApartFromVerdicts) {
    EXPECT_EQ(line(change(EventKind::link_status, Status::unknown, Status::up)).level, LogLevel::debug);
    EXPECT_EQ(line(change(EventKind::link_status, Status::up, Status::down, Reason::timeout)).event, "link_lost");
    EXPECT_EQ(line(change(EventKind::link_status, Status::up, Status::down, Reason::timeout)).level, LogLevel::info);
}

TEST(EventLine, SaysWhatChangedAboutALinkWhoseStatusDidNot) {
    Event event = change(EventKind::link_status, Status::up, Status::up);
    event.detail = "works in one direction only";
    EXPECT_EQ(line(event).event, "link_changed");
    EXPECT_EQ(line(event).message, "the link to b works in one direction only");
}

TEST(EventLine, WritesOneLineOfWhatAPeerCanCauseAtWill) {
    EXPECT_EQ(to_log_line(change(EventKind::peer_misbehaved, Status::up, Status::up), *NetworkId::parse("prod")).burst, 1);
}

TEST(EventLine, MakesWholeSentencesOfDetails) {
    Event event = change(EventKind::node_status, Status::up, Status::down, Reason::timeout);
    event.detail = "said by a, c";
    EXPECT_EQ(line(event).message, "b is down, was up: " + std::string(mesh::explain(Reason::timeout)) + "; said by a, c");
    event = change(EventKind::peer_config, Status::up, Status::up);
    event.detail = "runs config 9f3c2a1";
    EXPECT_EQ(line(event).message, "b runs config 9f3c2a1");
    event = change(EventKind::node_contested, Status::up, Status::up);
    event.contested = true;
    EXPECT_EQ(line(event).message, "that b is up is contested");
}

}  // namespace
}  // namespace meshmon::node
