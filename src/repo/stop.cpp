#include "repo/stop.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace meshmon::repo {

struct Stop::State {
    State() : descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    ~State() {
        if (descriptor >= 0) ::close(descriptor);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    int descriptor;
    std::atomic<bool> requested = false;
};

Stop::Stop() : state_(std::make_shared<State>()) {}

void Stop::request() const {
    state_->requested = true;
    const std::uint64_t one = 1;
    if (state_->descriptor >= 0) (void)!::write(state_->descriptor, &one, sizeof one);
}

bool Stop::requested() const { return state_->requested; }

int Stop::descriptor() const { return state_->descriptor; }

}  // namespace meshmon::repo
