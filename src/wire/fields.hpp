#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace meshmon::wire {

/// How a field lies in the bytes. Groups (3 and 4) are older than the syntax of our messages: they are refused.
enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// Walks the fields of one message where they lie, and allocates nothing: building the object that the library makes of a message
/// costs more than all else that is done with most of them.
///
/// Source: "Encoding" of Protocol Buffers; checked against the library by fields_test.
class FieldReader {
public:
    explicit FieldReader(ByteView bytes) : rest_(bytes) {}

    /// Moves on to the next field; false at the end, or where no field can be read: ok() tells which.
    [[nodiscard]] bool next();
    [[nodiscard]] bool ok() const { return ok_; }

    [[nodiscard]] std::uint32_t number() const { return number_; }
    [[nodiscard]] WireType type() const { return type_; }
    [[nodiscard]] std::uint64_t value() const { return value_; }  ///< of a number
    [[nodiscard]] ByteView content() const { return content_; }   ///< of bytes and messages

    // Each puts this field into `out`, if it is of that type; otherwise it is one that this node does not know.
    void put(ByteView& out) const {
        if (type_ == WireType::bytes) out = content_;
    }
    template <typename Number>
    void put(Number& out, WireType type) const {
        if (type_ == type) out = static_cast<Number>(value_);
    }

private:
    bool spoil();
    bool read_varint(std::uint64_t& out, std::size_t bytes_max);
    bool read_fixed(std::size_t bytes);

    ByteView rest_;
    bool ok_ = true;
    std::uint32_t number_ = 0;
    WireType type_ = WireType::varint;
    std::uint64_t value_ = 0;
    ByteView content_;
};

}  // namespace meshmon::wire
