#include "mesh/lives.hpp"

#include <algorithm>

namespace meshmon::mesh {

bool Lives::came_back(const wire::BootId& boot_id, MonoTime alive_at, MonoTime now) {
    if (last_ && last_->boot_id == boot_id) {
        last_->alive_at = std::max(last_->alive_at, alive_at);
        return false;
    }
    const auto known = std::ranges::find(before_, boot_id, &Life::boot_id);
    const bool comes_back = known != before_.end();
    if (comes_back && is_overtaken(boot_id, alive_at)) return false;
    if (comes_back) before_.erase(known);
    else if (before_.size() + 1 == kKept) before_.erase(before_.begin());
    if (last_) before_.push_back(*last_);
    last_ = Life{.boot_id = boot_id, .since = now, .alive_at = alive_at};
    returns_ += comes_back ? 1 : 0;
    return comes_back && returns_ >= kReturnsOfAClone;
}

}  // namespace meshmon::mesh
