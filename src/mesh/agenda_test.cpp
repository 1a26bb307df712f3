#include "mesh/agenda.hpp"

#include <gtest/gtest.h>

namespace meshmon::mesh {
namespace {

using namespace std::chrono_literals;

MonoTime at(Duration time) { return MonoTime(time); }

TEST(Agenda, GivesWhatIsDueInOrderOfTimeThenReasonThenSubject) {
    Agenda agenda;
    agenda.set({Wake::save, 0}, at(2s));
    agenda.set({Wake::exchange, 7}, at(2s));
    agenda.set({Wake::exchange, 3}, at(2s));
    agenda.set({Wake::publish, 0}, at(1s));
    std::vector<Agenda::Key> taken;
    while (const auto key = agenda.pop_due(at(2s))) taken.push_back(*key);
    const std::vector<Agenda::Key> expected{{Wake::publish, 0}, {Wake::exchange, 3}, {Wake::exchange, 7}, {Wake::save, 0}};
    EXPECT_EQ(taken, expected);
    EXPECT_FALSE(agenda.next());
}

TEST(Agenda, HoldsOneDeadlineForEachKey) {
    Agenda agenda;
    agenda.set({Wake::exchange, 1}, at(1s));
    agenda.set({Wake::exchange, 1}, at(5s));
    EXPECT_FALSE(agenda.pop_due(at(4s)));
    EXPECT_TRUE(agenda.pop_due(at(5s)));
    EXPECT_FALSE(agenda.pop_due(at(9s)));
}

TEST(Agenda, SetAtLatestNeverPutsOff) {
    Agenda agenda;
    agenda.set_at_latest({Wake::publish, 0}, at(3s));
    agenda.set_at_latest({Wake::publish, 0}, at(9s));
    EXPECT_EQ(agenda.next()->first, at(3s));
    agenda.set_at_latest({Wake::publish, 0}, at(1s));
    EXPECT_EQ(agenda.next()->first, at(1s));
}

TEST(Agenda, WhatIsCancelledDoesNotCome) {
    Agenda agenda;
    agenda.set({Wake::review, 4}, at(1s));
    agenda.cancel({Wake::review, 4});
    agenda.cancel({Wake::review, 5});
    EXPECT_FALSE(agenda.pop_due(at(9s)));
}

}  // namespace
}  // namespace meshmon::mesh
