#include "net/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "base/check.hpp"

namespace meshmon::net {

void TaskGroup::spawn(asio::awaitable<void> task, std::function<void()> cancel) {
    if (state_->stopping) return;
    state_->cancels.push_front(std::move(cancel));
    asio::co_spawn(state_->io, std::move(task),
                   [state = state_, entry = state_->cancels.begin()](const std::exception_ptr& thrown) {
                       MM_CHECK(thrown == nullptr, "a task of the loop threw");
                       state->cancels.erase(entry);
                       if (state->stopping && state->cancels.empty()) post_joined(state);
                   });
}

void TaskGroup::stop(std::function<void()> joined) {
    state_->stopping = true;
    if (joined) state_->joined.push_back(std::move(joined));
    // A task may end, and take its entry away, inside its own cancel.
    for (auto entry = state_->cancels.begin(); entry != state_->cancels.end();) {
        const auto cancel = *entry++;
        cancel();
    }
    if (state_->cancels.empty()) post_joined(state_);
}

void TaskGroup::post_joined(const std::shared_ptr<State>& state) {
    for (auto& joined : state->joined) asio::post(state->io, std::move(joined));
    state->joined.clear();
}

}  // namespace meshmon::net
