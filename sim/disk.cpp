#include "sim/disk.hpp"

#include <utility>

#include "base/check.hpp"

namespace meshmon::sim {

bool Disk::begin(mesh::Network::Save save) {
    if (current_) {
        waiting_ = std::move(save);
        return false;
    }
    current_ = std::move(save);
    return true;
}

std::uint64_t Disk::finish() {
    MM_CHECK(current_, "no write is in progress");
    const std::uint64_t ticket = current_->ticket;
    durable_ = std::move(current_->bytes);
    current_ = std::exchange(waiting_, std::nullopt);
    return ticket;
}

void Disk::lose_unwritten() {
    current_.reset();
    waiting_.reset();
}

void Disk::wipe() {
    lose_unwritten();
    durable_.reset();
}

}  // namespace meshmon::sim
