#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "mesh/network.hpp"

namespace meshmon::sim {

/// One node's state file. Written whole, one write at a time; a newer one supersedes what waits. What is not durable when
/// the process dies is lost.
class Disk {
public:
    /// True if the write begins now: call finish() when it is durable.
    bool begin(mesh::Network::Save save);

    /// The write in progress is durable. Answers its ticket; another write may begin: see writing().
    std::uint64_t finish();

    [[nodiscard]] bool writing() const { return current_.has_value(); }
    [[nodiscard]] const std::optional<Bytes>& durable() const { return durable_; }

    void lose_unwritten();
    void wipe();
    void restore(std::optional<Bytes> older) { durable_ = std::move(older); }

private:
    std::optional<Bytes> durable_;
    std::optional<mesh::Network::Save> current_;
    std::optional<mesh::Network::Save> waiting_;
};

}  // namespace meshmon::sim
