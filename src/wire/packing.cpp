#include "wire/packing.hpp"

#include <array>

namespace meshmon::wire {

void put_fixed(Bytes& out, std::uint64_t value, std::size_t count) {
    std::array<char, sizeof value> bytes{};
    for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>((value >> (8 * (count - 1 - i))) & 0xff);
    out.append(bytes.data(), count);
}

void put_varint(Bytes& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>((value & 0x7f) | 0x80));
    out.push_back(static_cast<char>(value));
}

std::size_t varint_size(std::uint64_t value) {
    std::size_t size = 1;
    for (; value >= 0x80; value >>= 7) ++size;
    return size;
}

void put_version(Bytes& out, const Version& version) {
    put_fixed(out, version.node.value, kTagBytes);
    put_fixed(out, version.key.value, 4);
    put_fixed(out, version.head_hash, 4);
    put_varint(out, version.epoch);
    put_varint(out, version.seq);
}

std::uint64_t Unpacker::varint() {
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

std::optional<std::vector<Version>> unpack_versions(ByteView bytes, std::size_t max) {
    std::vector<Version> versions;
    Unpacker unpacker(bytes);
    while (!unpacker.empty()) {
        const Version version = unpacker.version();
        if (!unpacker.ok() || !is_possible(version) || versions.size() == max) return std::nullopt;
        versions.push_back(version);
    }
    return versions;
}

}  // namespace meshmon::wire
