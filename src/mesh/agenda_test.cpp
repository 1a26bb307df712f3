#include "mesh/agenda.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/random.hpp"

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

TEST(Agenda, AgreesWithANaiveListUnderManyChanges) {
    Agenda agenda;
    std::map<Agenda::Key, MonoTime> naive;
    Random random(7);
    for (int i = 0; i < 5000; ++i) {
        const Agenda::Key key{static_cast<Wake>(random.below(kWakes)), random.below(20)};
        const MonoTime when = at(Duration(random.below(50)));
        switch (random.below(3)) {
            case 0: agenda.cancel(key), naive.erase(key); break;
            case 1: agenda.set(key, when), naive.insert_or_assign(key, when); break;
            case 2:
                agenda.set_at_latest(key, when);
                naive[key] = std::min(naive.try_emplace(key, when).first->second, when);
                break;
        }
        std::optional<std::pair<MonoTime, Agenda::Key>> first;
        for (const auto& [wanted, due] : naive) first = std::min(first.value_or(std::pair(due, wanted)), std::pair(due, wanted));
        ASSERT_EQ(agenda.next(), first) << i;
    }
}

}  // namespace
}  // namespace meshmon::mesh
