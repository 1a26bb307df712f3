#pragma once

#include <memory>
#include <optional>
#include <string>

#include "wire/messages.hpp"

namespace meshmon::mesh {

/// Finds out of a node that was down or unknown here whether it lived meanwhile: then it was parted from this node, and it was
/// no outage. That is so where the same process comes back, and a head of it that is new here says whom it did not reach.
///
/// Source: docs/verdicts.md, "Partitions".
/// Place: one per node of the roster, owned by its Peer. For what is told alone: no verdict rests on it.
class Absence {
public:
    /// It is no longer up here. `boot_id` is that of the newest head held of it.
    void begin(const wire::BootId& boot_id);

    /// A newer head of it came; `parted` is what it says of not reaching others, empty if nothing.
    void heard(const wire::BootId& boot_id, std::string parted);

    /// It is up again here.
    void returned();

    /// Its newest head is held. After its return nothing more can come of its absence.
    void caught_up();

    /// It left, or what is known of it ended.
    void forget() { open_.reset(); }

    /// Once it has returned, and if it was parted: what it said meanwhile, once.
    [[nodiscard]] std::optional<std::string> poll_parted();

private:
    struct Open {
        wire::BootId boot_id{};
        bool is_back = false;
        std::string parted;
    };
    std::unique_ptr<Open> open_;  ///< null: it is not absent
};

}  // namespace meshmon::mesh
