#include "mesh/absence.hpp"

#include <utility>

namespace meshmon::mesh {

void Absence::begin(const wire::BootId& boot_id) {
    open_ = std::make_unique<Open>();
    open_->boot_id = boot_id;
}

void Absence::heard(const wire::BootId& boot_id, std::string parted) {
    if (!open_) return;
    if (boot_id != open_->boot_id) return open_.reset();
    if (open_->parted.empty()) open_->parted = std::move(parted);
}

void Absence::returned() {
    if (open_) open_->is_back = true;
}

void Absence::caught_up() {
    if (open_ && open_->is_back && open_->parted.empty()) open_.reset();
}

std::optional<std::string> Absence::poll_parted() {
    if (!open_ || !open_->is_back || open_->parted.empty()) return std::nullopt;
    std::string parted = std::move(open_->parted);
    open_.reset();
    return parted;
}

}  // namespace meshmon::mesh
