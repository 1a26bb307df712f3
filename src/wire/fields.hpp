#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "wire/packing.hpp"

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
    [[nodiscard]] [[gnu::always_inline]] bool next() {
        if (rest_.empty() || !ok_) return false;
        std::uint64_t tag = 0;
        ok_ = read_varint(tag, kTagVarintMax) && read_field(static_cast<std::uint32_t>(tag));
        return ok_;
    }
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
    static constexpr std::size_t kTagVarintMax = 5;     // bytes: a tag has 32 bits
    static constexpr std::size_t kLengthVarintMax = 5;  // likewise
    static constexpr std::size_t kNumberVarintMax = 10;

    struct Varint {
        std::uint64_t value = 0;
        std::size_t size = 0;  ///< in bytes; 0: there is none
    };

    [[gnu::always_inline]] bool read_field(std::uint32_t tag) {
        number_ = tag >> 3;
        if (number_ == 0) return false;
        type_ = static_cast<WireType>(tag & 7);
        switch (type_) {
            case WireType::varint: return read_varint(value_, kNumberVarintMax);
            case WireType::fixed64: return read_fixed(8);
            case WireType::bytes: return read_content();
            case WireType::fixed32: return read_fixed(4);
        }
        return false;
    }
    bool read_varint(std::uint64_t& out, std::size_t bytes_max) {
        const bool is_short = !rest_.empty() && static_cast<std::uint8_t>(rest_[0]) < 0x80;
        const Varint read = is_short ? Varint{static_cast<std::uint8_t>(rest_[0]), 1} : long_varint(rest_, bytes_max);
        out = read.value;
        rest_.remove_prefix(read.size);
        return read.size > 0;
    }
    bool read_content() {
        std::uint64_t length = 0;
        if (!read_varint(length, kLengthVarintMax) || length > rest_.size()) return false;
        content_ = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return true;
    }
    bool read_fixed(std::size_t bytes) {
        if (rest_.size() < bytes) return false;
        value_ = 0;
        for (std::size_t i = bytes; i > 0; --i) value_ = value_ << 8 | static_cast<std::uint8_t>(rest_[i - 1]);
        rest_.remove_prefix(bytes);
        return true;
    }
    static Varint long_varint(ByteView bytes, std::size_t bytes_max);

    ByteView rest_;
    bool ok_ = true;
    std::uint32_t number_ = 0;
    WireType type_ = WireType::varint;
    std::uint64_t value_ = 0;
    ByteView content_;
};

/// Writes the fields of one message, in the order of their numbers, as the library does: what has its default is left out.
/// `Out`: Packer, or PackedSize to count them.
///
/// Source: "Encoding" of Protocol Buffers; checked against the library by fields_test and the fuzz target of exchanges.
template <typename Out>
class FieldWriter {
public:
    explicit FieldWriter(Out& out) : out_(out) {}

    [[gnu::always_inline]] void number(std::uint32_t field, std::uint64_t value) {
        if (value == 0) return;
        tag(field, WireType::varint);
        out_.varint(value);
    }
    [[gnu::always_inline]] void fixed32(std::uint32_t field, std::uint32_t value) {
        if (value == 0) return;
        tag(field, WireType::fixed32);
        out_.fixed_little(value, sizeof value);
    }
    [[gnu::always_inline]] void fixed64(std::uint32_t field, std::uint64_t value) {
        if (value != 0) optional_fixed64(field, value);
    }
    /// Of a field that tells absent from 0.
    [[gnu::always_inline]] void optional_fixed64(std::uint32_t field, std::optional<std::uint64_t> value) {
        if (!value) return;
        tag(field, WireType::fixed64);
        out_.fixed_little(*value, sizeof *value);
    }
    [[gnu::always_inline]] void bytes(std::uint32_t field, ByteView content) {
        if (!content.empty()) element(field, content);
    }
    /// One of a field that repeats: it is there even if it is empty.
    [[gnu::always_inline]] void element(std::uint32_t field, ByteView content) {
        tag(field, WireType::bytes);
        out_.varint(content.size());
        out_.bytes(content);
    }
    /// Bytes or a message, made by `put` from a Packer or PackedSize; there even if it is empty.
    template <typename Put>
    [[gnu::always_inline]] void nested(std::uint32_t field, const Put& put) {
        PackedSize content;
        put(content);
        tag(field, WireType::bytes);
        out_.varint(content.size());
        out_.counted(content, put);
    }

private:
    [[gnu::always_inline]] void tag(std::uint32_t field, WireType type) {
        out_.varint(field << 3 | static_cast<std::uint32_t>(type));
    }

    Out& out_;
};

}  // namespace meshmon::wire
