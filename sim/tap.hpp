#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace meshmon::sim {

/// One message as it went over the wire.
struct Message {
    MonoTime at;
    std::size_t from = 0;
    std::size_t to = 0;
    bool answer = false;  ///< otherwise a request
    std::string address;  ///< the sender's
    Bytes bytes;
};

/// All that went over the wire since recording began.
class Tap {
public:
    void record() { recording_ = true; }
    void stop() { recording_ = false; }
    [[nodiscard]] bool recording() const { return recording_; }
    void add(Message message) { messages_.push_back(std::move(message)); }
    [[nodiscard]] const std::vector<Message>& messages() const { return messages_; }

private:
    bool recording_ = false;
    std::vector<Message> messages_;
};

}  // namespace meshmon::sim
