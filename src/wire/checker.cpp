#include "wire/checker.hpp"

#include <algorithm>

namespace meshmon::wire {

void Checker::wall(WallTime& out, std::int64_t ms, std::string_view field) {
    require(ms >= 0 && ms <= kWallMsMax, field);
    if (ok()) out = WallTime(WallTime::duration(ms));
}

void Checker::text(std::string& out, ByteView bytes, std::size_t max, std::string_view field) {
    require(bytes.size() <= max && std::ranges::all_of(bytes, [](char c) { return c >= 0x20 && c <= 0x7e; }), field);
    if (ok()) out = bytes;
}

void Checker::epoch_and_seq(std::uint64_t epoch, std::uint64_t seq) {
    require(epoch >= 1 && epoch <= kEpochMax, "epoch is not 1..2^63-1");
    require(seq >= 1, "seq is 0");
}

}  // namespace meshmon::wire
