#include "sim/disk.hpp"

#include <utility>

#include "base/check.hpp"
#include "sim/trace_hash.hpp"
#include "wire/codec.hpp"

namespace meshmon::sim {

namespace {

constexpr std::size_t kSumBytes = 16;

std::string checksum(ByteView content) {
    TraceHash hash;
    hash.mix(content);
    return hash.text();
}

}  // namespace

bool Disk::begin() {
    if (in_hand_ || !waiting_) return false;
    in_hand_ = std::exchange(waiting_, std::nullopt);
    return true;
}

bool Disk::put_in_place() {
    MM_CHECK(in_hand_ && !in_place_, "no write is in progress");
    if (full) {
        if (!waiting_) waiting_ = std::move(in_hand_);
        in_hand_.reset();
        return false;
    }
    before_ = std::move(file_);
    file_ = checksum(in_hand_->bytes) + in_hand_->bytes;
    in_place_ = true;
    return true;
}

std::uint64_t Disk::finish() {
    MM_CHECK(in_place_, "nothing is in place");
    in_place_ = false;
    before_.reset();
    return std::exchange(in_hand_, std::nullopt)->ticket;
}

void Disk::crash(bool keeps_new) {
    if (in_place_ && !keeps_new) file_ = std::move(before_);
    in_place_ = false;
    before_.reset();
    in_hand_.reset();
    waiting_.reset();
}

void Disk::wipe() {
    crash(false);
    file_.reset();
}

void Disk::tear() {
    if (file_) file_->resize(file_->size() / 2);
}

std::optional<wire::SavedState> Disk::read() const {
    if (!file_ || file_->size() < kSumBytes) return std::nullopt;
    const ByteView content = ByteView(*file_).substr(kSumBytes);
    if (checksum(content) != file_->substr(0, kSumBytes)) return std::nullopt;
    auto saved = wire::decode_saved_state(content);
    if (!saved) return std::nullopt;
    return std::move(*saved);
}

void Disk::move_bad_file_aside() {
    if (!file_ || read()) return;
    file_.reset();
    ++moved_aside_;
}

}  // namespace meshmon::sim
