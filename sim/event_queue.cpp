#include "sim/event_queue.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace meshmon::sim {

bool EventQueue::later(const Entry& left, const Entry& right) {
    return left.when != right.when ? left.when > right.when : left.order > right.order;
}

void EventQueue::at(MonoTime when, Action action) {
    std::size_t place = actions_.size();
    if (free_places_.empty()) {
        actions_.push_back(std::move(action));
    } else {
        place = free_places_.back();
        free_places_.pop_back();
        actions_[place] = std::move(action);
    }
    heap_.push_back({std::max(when, now_), order_++, place});
    std::ranges::push_heap(heap_, later);
}

std::optional<MonoTime> EventQueue::next() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.front().when;
}

void EventQueue::run_next() {
    MM_CHECK(!heap_.empty(), "nothing is to happen");
    std::ranges::pop_heap(heap_, later);
    const Entry entry = heap_.back();
    heap_.pop_back();
    Action action = std::exchange(actions_[entry.place], nullptr);
    free_places_.push_back(entry.place);
    now_ = entry.when;
    ++executed_;
    action();
}

void EventQueue::advance_to(MonoTime when) {
    MM_CHECK(when >= now_, "virtual time never goes back");
    MM_CHECK(heap_.empty() || heap_.front().when >= when, "an event would be skipped");
    now_ = when;
}

}  // namespace meshmon::sim
