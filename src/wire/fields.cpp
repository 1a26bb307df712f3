#include "wire/fields.hpp"

namespace meshmon::wire {

namespace {

constexpr std::size_t kTagVarintMax = 5;     // bytes: a tag has 32 bits
constexpr std::size_t kLengthVarintMax = 5;  // likewise
constexpr std::size_t kNumberVarintMax = 10;

}  // namespace

bool FieldReader::next() {
    if (rest_.empty() || !ok_) return false;
    std::uint64_t tag = 0;
    if (!read_varint(tag, kTagVarintMax)) return spoil();
    number_ = static_cast<std::uint32_t>(tag) >> 3;
    if (number_ == 0) return spoil();
    switch (tag & 7) {
        case 0: type_ = WireType::varint; return read_varint(value_, kNumberVarintMax) || spoil();
        case 1: type_ = WireType::fixed64; return read_fixed(8) || spoil();
        case 2: {
            type_ = WireType::bytes;
            std::uint64_t length = 0;
            if (!read_varint(length, kLengthVarintMax) || length > rest_.size()) return spoil();
            content_ = rest_.substr(0, length);
            rest_.remove_prefix(length);
            return true;
        }
        case 5: type_ = WireType::fixed32; return read_fixed(4) || spoil();
        default: return spoil();
    }
}

bool FieldReader::spoil() {
    ok_ = false;
    return false;
}

bool FieldReader::read_varint(std::uint64_t& out, std::size_t bytes_max) {
    out = 0;
    for (std::size_t i = 0; i < rest_.size() && i < bytes_max; ++i) {
        const auto byte = static_cast<std::uint8_t>(rest_[i]);
        out |= std::uint64_t{byte & 0x7fU} << (7 * i);
        if ((byte & 0x80) != 0) continue;
        rest_.remove_prefix(i + 1);
        return true;
    }
    return false;
}

bool FieldReader::read_fixed(std::size_t bytes) {
    if (rest_.size() < bytes) return false;
    value_ = 0;
    for (std::size_t i = bytes; i > 0; --i) value_ = value_ << 8 | static_cast<std::uint8_t>(rest_[i - 1]);
    rest_.remove_prefix(bytes);
    return true;
}

}  // namespace meshmon::wire
