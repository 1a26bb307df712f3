#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/codec.hpp"
#include "wire/packing.hpp"
#include "wire/samples.hpp"

namespace meshmon::wire {

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

template <typename T>
void expect_refused(const Result<T>& result, std::string_view part) {
    ASSERT_FALSE(result.has_value()) << "accepted; expected: " << part;
    EXPECT_EQ(result.error().code, "wire.malformed");
    EXPECT_THAT(result.error().message, testing::HasSubstr(std::string(part)));
}

}  // namespace meshmon::wire
