#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "mesh/network.hpp"
#include "wire/messages.hpp"

namespace meshmon::sim {

/// One node's state file, kept as node::StateWriter and node::load_state_file keep it: written beside the old one, put in its
/// place, then synced; with a checksum, so that a torn one is noticed and moved aside.
///
/// One write at a time; a newer state supersedes the one that waits. Knows no time: Machine says when a step is done.
class Disk {
public:
    // ---- writing -------------------------------------------------------------------------------------------------

    /// `save` is to be written next.
    void submit(mesh::Network::Save save) { waiting_ = std::move(save); }

    /// Takes what waits in hand; false where nothing does, or a write is in progress.
    bool begin();

    /// What is in hand takes the place of the old file, and a crash may keep either. False if the disk is full: nothing is in
    /// hand then, and it waits again unless a newer one does.
    bool put_in_place();

    /// What is in place is durable. Answers its ticket.
    std::uint64_t finish();

    [[nodiscard]] bool writing() const { return in_hand_.has_value(); }
    [[nodiscard]] bool idle() const { return !in_hand_ && !waiting_; }

    // ---- harm ----------------------------------------------------------------------------------------------------

    /// The process is gone. Of a file in place that is not durable, `keeps_new` is left, else the one before.
    void crash(bool keeps_new);
    void wipe();
    void restore(std::optional<Bytes> older) { file_ = std::move(older); }
    /// Only the first half of the file is there.
    void tear();
    bool full = false;  ///< writes fail

    // ---- what is there -------------------------------------------------------------------------------------------

    /// The file, as a new process finds it.
    [[nodiscard]] const std::optional<Bytes>& file() const { return file_; }
    /// Reads it; one that is no good is nothing, as if there were none.
    [[nodiscard]] std::optional<wire::SavedState> read() const;
    /// Moves a file that is no good aside; as a process does before it starts.
    void move_bad_file_aside();
    [[nodiscard]] int moved_aside() const { return moved_aside_; }

private:
    std::optional<Bytes> file_;
    std::optional<Bytes> before_;  ///< the durable file, while another is in place
    bool in_place_ = false;
    std::optional<mesh::Network::Save> in_hand_;
    std::optional<mesh::Network::Save> waiting_;
    int moved_aside_ = 0;
};

}  // namespace meshmon::sim
