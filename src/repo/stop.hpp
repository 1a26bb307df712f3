#pragma once

#include <memory>

namespace meshmon::repo {

/// Tells a thread that waits for a child process to give up. Copies are one and the same.
///
/// Threads: any. Memory: one file descriptor, shared by all copies.
class Stop {
public:
    Stop();  ///< without a descriptor to be had, request() is seen between steps only

    void request() const;
    [[nodiscard]] bool requested() const;

    /// Readable once requested; -1 if there is none.
    [[nodiscard]] int descriptor() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace meshmon::repo
