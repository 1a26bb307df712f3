#include "mesh/lives.hpp"

#include <algorithm>

namespace meshmon::mesh {

bool Lives::came_back(const wire::BootId& boot_id, MonoTime alive_at, MonoTime now) {
    if (!lives_.empty() && lives_.back().boot_id == boot_id) {
        lives_.back().alive_at = std::max(lives_.back().alive_at, alive_at);
        return false;
    }
    const auto known = std::ranges::find(lives_, boot_id, &Life::boot_id);
    const bool comes_back = known != lives_.end();
    if (comes_back && alive_at < lives_.back().since) return false;
    if (comes_back) lives_.erase(known);
    else if (lives_.size() == kKept) lives_.erase(lives_.begin());
    lives_.push_back({.boot_id = boot_id, .since = now, .alive_at = alive_at});
    returns_ += comes_back ? 1 : 0;
    return comes_back && returns_ >= kReturnsOfAClone;
}

}  // namespace meshmon::mesh
