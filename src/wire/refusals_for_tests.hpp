#pragma once

#include <string>

#include "wire/codec.hpp"
#include "wire/packing.hpp"
#include "wire/samples.hpp"

namespace meshmon::wire {

inline void put_varint(Bytes& bytes, std::uint64_t value) {
    append_packed(bytes, [&](auto& out) { out.varint(value); });
}

inline Bytes packed(const Version& version) {
    Bytes bytes;
    append_packed(bytes, [&](auto& out) { put_version(out, version); });
    return bytes;
}

/// A length-delimited field. Appended to a message, it takes the place of an earlier one that does not repeat.
inline Bytes field(std::uint32_t number, ByteView content) {
    Bytes bytes;
    put_varint(bytes, (number << 3) | 2);
    put_varint(bytes, content.size());
    return bytes.append(content);
}

/// A number as a varint field.
inline Bytes number_field(std::uint32_t number, std::uint64_t value) {
    Bytes bytes;
    put_varint(bytes, number << 3);
    put_varint(bytes, value);
    return bytes;
}

/// Why something was refused as malformed; empty if it was accepted.
template <typename T>
std::string refusal(const Result<T>& result) {
    if (result) return "";
    return result.error().code == "wire.malformed" ? result.error().message : std::string(result.error().code);
}

}  // namespace meshmon::wire

#define EXPECT_REFUSED(result, part) EXPECT_THAT(refusal(result), testing::HasSubstr(part))
