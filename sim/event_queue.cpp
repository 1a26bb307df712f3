#include "sim/event_queue.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/check.hpp"

namespace meshmon::sim {

bool EventQueue::later(const Entry& left, const Entry& right) {
    return std::tie(left.when, left.order) > std::tie(right.when, right.order);
}

void EventQueue::at(MonoTime when, Action action) {
    heap_.push_back({std::max(when, now_), order_++, std::move(action)});
    std::ranges::push_heap(heap_, later);
}

std::optional<MonoTime> EventQueue::next() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.front().when;
}

void EventQueue::run_next() {
    MM_CHECK(!heap_.empty(), "nothing is to happen");
    std::ranges::pop_heap(heap_, later);
    Entry entry = std::move(heap_.back());
    heap_.pop_back();
    now_ = entry.when;
    ++executed_;
    entry.action();
}

void EventQueue::advance_to(MonoTime when) {
    MM_CHECK(when >= now_, "virtual time never goes back");
    MM_CHECK(heap_.empty() || heap_.front().when >= when, "an event would be skipped");
    now_ = when;
}

}  // namespace meshmon::sim
