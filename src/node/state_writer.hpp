#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "net/loop.hpp"

namespace meshmon::node {

/// Makes one network's state durable, away from the loop and in order.
///
/// Owner: Membership. Threads: loop thread; the disk is touched by the loop's workers.
/// Memory: what is being written, and the newest that waits: a newer state supersedes an older one that waits.
/// Time: a failed write is tried again after 1 s, then twice as long, at most 30 s, with what is newest by then.
class StateWriter {
public:
    using Saved = std::function<void(std::uint64_t ticket)>;
    using Trouble = std::function<void(const std::optional<std::string>& why)>;  ///< nothing: it works again

    /// Both are called on the loop thread, and not after this is destroyed.
    StateWriter(net::Loop& loop, std::filesystem::path file, Saved saved, Trouble trouble);
    ~StateWriter();
    StateWriter(const StateWriter&) = delete;
    StateWriter& operator=(const StateWriter&) = delete;

    /// Writes `content` whole, then tells `ticket`. One that was superseded is never told.
    void save(std::uint64_t ticket, Bytes content);

    /// Nothing is being written, and nothing waits.
    [[nodiscard]] bool idle() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace meshmon::node
