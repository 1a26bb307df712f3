#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "wire/messages.hpp"

namespace meshmon::mesh {

/// The processes that spoke under one identity, by their boot ids. A restart replaces one for good; one that comes back after
/// another proved life runs beside it.
///
/// Source: docs/protocol.md, "Two processes under one key".
/// Memory: at most kKept boot ids.
class Lives {
public:
    /// The process `boot_id` lived at `alive_at` or later: so much is proven at `now`. Answers whether it came back, for the
    /// second time or more: one message may have been late on its way.
    [[nodiscard]] bool came_back(const wire::BootId& boot_id, MonoTime alive_at, MonoTime now);

    /// Whether a proof that the process `boot_id` lived at `alive_at` is older than the word of another: of the two, it says
    /// nothing.
    [[nodiscard]] bool is_overtaken(const wire::BootId& boot_id, MonoTime alive_at) const {
        return last_ && last_->boot_id != boot_id && alive_at < last_->since;
    }

    /// How long ago the last process heard took the place of another, or was first heard; for ever where none was.
    [[nodiscard]] Duration spoken_for(MonoTime now) const { return last_ ? now - last_->since : Duration::max(); }

    /// Whether the last process heard is another than `boot_id`.
    [[nodiscard]] bool another_spoke_last(const wire::BootId& boot_id) const { return last_ && last_->boot_id != boot_id; }

    /// The same, and whether it proved life after `at`.
    [[nodiscard]] bool went_on_after(const wire::BootId& boot_id, MonoTime at) const {
        return another_spoke_last(boot_id) && last_->alive_at > at;
    }

private:
    static constexpr std::size_t kKept = 4;
    static constexpr std::uint64_t kReturnsOfAClone = 2;

    struct Life {
        wire::BootId boot_id{};
        MonoTime since;     ///< when it was first heard, or heard again after another
        MonoTime alive_at;  ///< the latest that is proven
    };
    std::optional<Life> last_;  ///< the last one heard; here, for it is nearly always the one that speaks again
    std::vector<Life> before_;  ///< the oldest first
    std::uint64_t returns_ = 0;
};

}  // namespace meshmon::mesh
