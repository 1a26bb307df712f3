#include "wire/packing.hpp"

#include <algorithm>
#include <utility>

namespace meshmon::wire {

std::uint64_t Unpacker::long_varint() {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < rest_.size() && i < 10; ++i) {
        const std::uint64_t seven = static_cast<std::uint8_t>(rest_[i]) & 0x7f;
        if (i == 9 && seven > 1) break;  // beyond 64 bits
        value |= seven << (7 * i);
        if ((static_cast<std::uint8_t>(rest_[i]) & 0x80) != 0) continue;
        if (i > 0 && seven == 0) break;  // one value, one form
        rest_.remove_prefix(i + 1);
        return value;
    }
    spoil();
    return 0;
}

Version Unpacker::version() {
    Version version;
    version.node.value = fixed(kTagBytes);
    version.key.value = static_cast<std::uint32_t>(fixed(4));
    version.head_hash = static_cast<std::uint32_t>(fixed(4));
    version.epoch = varint();
    version.seq = varint();
    return version;
}

void Unpacker::spoil() {
    ok_ = false;
    rest_ = {};
}

bool is_possible(const Version& version) {
    if (version.epoch == 0) return version.seq == 0 && version.head_hash == 0;
    return version.epoch <= kEpochMax && version.seq >= 1;
}

std::optional<Version> unpack_version(ByteView bytes) {
    Unpacker unpacker(bytes);
    const Version version = unpacker.version();
    if (!unpacker.ok() || !unpacker.empty() || !is_possible(version)) return std::nullopt;
    return version;
}

std::optional<std::vector<Version>> unpack_versions(ByteView bytes, std::size_t max) {
    std::optional<std::vector<Version>> versions(std::in_place);
    versions->reserve(std::min(max, bytes.size() / kVersionBytesMin));
    Unpacker unpacker(bytes);
    while (!unpacker.empty()) {
        const Version version = unpacker.version();
        if (!unpacker.ok() || !is_possible(version) || versions->size() == max) return std::nullopt;
        versions->push_back(version);
    }
    return versions;
}

}  // namespace meshmon::wire
