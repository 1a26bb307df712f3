#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace meshmon::bench {

/// One kept connection over loopback with both its ends on one loop: a GET without content, an empty answer, by Beast's own
/// coroutines and nothing else. What HTTP costs at the least.
class BeastPair {
public:
    BeastPair();
    ~BeastPair();
    BeastPair(const BeastPair&) = delete;
    BeastPair& operator=(const BeastPair&) = delete;

    /// One request and its answer.
    void round();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Serves empty answers on a free port of 127.0.0.1, which is printed, until standard input ends. Returns an exit code.
int serve_floor();

/// Asks 127.0.0.1:`port` `per_second` times a second for `seconds`, over one connection.
int ask_floor(std::uint16_t port, double per_second, double seconds);

}  // namespace meshmon::bench
