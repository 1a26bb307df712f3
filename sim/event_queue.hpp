#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/time.hpp"

namespace meshmon::sim {

/// The simulator's only clock, and what is to happen at which instant of it. Begins at zero.
///
/// Determinism: by time, then in the order in which it was asked for.
class EventQueue {
public:
    using Action = std::move_only_function<void()>;

    [[nodiscard]] MonoTime now() const { return now_; }

    /// `when` in the past means now.
    void at(MonoTime when, Action action);
    void after(Duration delay, Action action) { at(now_ + delay, std::move(action)); }

    [[nodiscard]] std::optional<MonoTime> next() const;

    /// Moves the clock to the next event and runs it. Precondition: there is one.
    void run_next();

    /// Moves the clock alone. Precondition: `when` is not in the past, and nothing is to happen before it.
    void advance_to(MonoTime when);

    [[nodiscard]] std::uint64_t executed() const { return executed_; }

private:
    /// Small, for the heap moves it about: the action waits elsewhere.
    struct Entry {
        MonoTime when;
        std::uint64_t order = 0;
        std::size_t place = 0;  ///< in actions_
    };
    static bool later(const Entry& left, const Entry& right);

    MonoTime now_;
    std::uint64_t order_ = 0;
    std::uint64_t executed_ = 0;
    std::vector<Entry> heap_;
    std::vector<Action> actions_;
    std::vector<std::size_t> free_places_;
};

}  // namespace meshmon::sim
