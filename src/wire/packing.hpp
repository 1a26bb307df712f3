#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "wire/messages.hpp"

/// The packed forms inside `bytes` fields: fixed-width numbers are big-endian, others are varints as in Protocol Buffers.
/// Source: docs/protocol.md, "Packed forms".
namespace meshmon::wire {

inline constexpr std::size_t kTagBytes = 6;
inline constexpr std::uint64_t kTagMax = (std::uint64_t{1} << 48) - 1;

/// How many bytes a varint takes: seven bits each.
[[nodiscard]] constexpr std::size_t varint_size(std::uint64_t value) {
    return value < 0x80 ? 1 : (static_cast<std::size_t>(std::bit_width(value)) + 6) / 7;
}

/// Counts the bytes that a Packer writes: the same calls.
class PackedSize {
public:
    void fixed(std::uint64_t /*value*/, std::size_t count) { size_ += count; }
    void fixed_little(std::uint64_t /*value*/, std::size_t count) { size_ += count; }
    [[gnu::always_inline]] void varint(std::uint64_t value) { size_ += varint_size(value); }
    void bytes(ByteView bytes) { size_ += bytes.size(); }
    void room(std::size_t count) { size_ += count; }
    /// What `put` puts, which was counted already.
    template <typename Put>
    void counted(PackedSize content, const Put& /*put*/) {
        size_ += content.size_;
    }

    [[nodiscard]] std::size_t size() const { return size_; }

private:
    std::size_t size_ = 0;
};

/// Puts numbers and bytes one after the other into room that was counted before. Writing past its end is a mistake of ours.
/// Always inline, so that it lives in registers: in memory it would be read again after each byte, which might have changed it.
class Packer {
public:
    explicit Packer(std::span<char> room) : rest_(room) {}

    /// The low `count` bytes of `value`, the most significant first.
    [[gnu::always_inline]] void fixed(std::uint64_t value, std::size_t count) {
        char* const at = take(count);
        for (std::size_t i = 0; i < count; ++i) at[i] = static_cast<char>(value >> (8 * (count - 1 - i)));
    }
    /// The same, the least significant first: as Protocol Buffers have it.
    [[gnu::always_inline]] void fixed_little(std::uint64_t value, std::size_t count) {
        char* const at = take(count);
        for (std::size_t i = 0; i < count; ++i) at[i] = static_cast<char>(value >> (8 * i));
    }
    /// 1 to 10 bytes, seven bits each, the least significant first.
    [[gnu::always_inline]] void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) *take(1) = static_cast<char>(value | 0x80);
        *take(1) = static_cast<char>(value);
    }
    [[gnu::always_inline]] void bytes(ByteView bytes) { bytes.copy(take(bytes.size()), bytes.size()); }
    /// `count` zeros, for others to fill.
    [[gnu::always_inline]] void room(std::size_t count) { std::fill_n(take(count), count, '\0'); }

    template <typename Put>
    [[gnu::always_inline]] void counted(PackedSize /*content*/, const Put& put) {
        put(*this);
    }

    [[nodiscard]] bool full() const { return rest_.empty(); }

private:
    [[gnu::always_inline]] char* take(std::size_t count) {
        MM_CHECK(count <= rest_.size(), "more is packed than was counted");
        char* const at = rest_.data();
        rest_ = rest_.subspan(count);
        return at;
    }

    std::span<char> rest_;
};

/// Appends what `put` puts into a Packer. It is called twice, to count and to write, so that nothing is allocated but the result.
template <typename Put>
void append_packed(Bytes& out, const Put& put) {
    PackedSize size;
    put(size);
    const std::size_t before = out.size();
    const std::size_t after = before + size.size();
    out.resize_and_overwrite(after, [&](char* data, std::size_t /*room*/) {  // libstdc++ 12 may say more room than was asked for
        Packer packer({data + before, data + after});
        put(packer);
        MM_CHECK(packer.full(), "less is packed than was counted");
        return after;
    });
}

inline constexpr std::size_t kVersionBytesMin = 16;

/// Tag (6), key tag (4), head hash (4), epoch and seq as varints: 16 to 34 bytes. `Out`: Packer or PackedSize.
template <typename Out>
[[gnu::always_inline]] inline void put_version(Out& out, const Version& version) {
    out.fixed(version.node.value, kTagBytes);
    out.fixed(version.key.value, 4);
    out.fixed(version.head_hash, 4);
    out.varint(version.epoch);
    out.varint(version.seq);
}

/// Takes numbers off the front of bytes. Reading past the end, or a varint longer than needed, spoils it for good: check ok() at
/// the end.
class Unpacker {
public:
    explicit Unpacker(ByteView bytes) : rest_(bytes) {}

    [[nodiscard]] std::uint64_t fixed(std::size_t count) {  // inline: pages are hundreds of them
        if (rest_.size() < count) {
            spoil();
            return 0;
        }
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < count; ++i) value = (value << 8) | static_cast<std::uint8_t>(rest_[i]);
        rest_.remove_prefix(count);
        return value;
    }
    [[nodiscard]] std::uint64_t varint() {
        if (rest_.empty() || static_cast<std::uint8_t>(rest_[0]) >= 0x80) return long_varint();
        const std::uint64_t value = static_cast<std::uint8_t>(rest_[0]);
        rest_.remove_prefix(1);
        return value;
    }
    [[nodiscard]] Version version();

    [[nodiscard]] bool empty() const { return rest_.empty(); }
    [[nodiscard]] bool ok() const { return ok_; }

private:
    std::uint64_t long_varint();
    void spoil();

    ByteView rest_;
    bool ok_ = true;
};

/// Whether a version can exist: (epoch 1..kEpochMax and seq >= 1), or nothing held (epoch, seq and hash all 0).
[[nodiscard]] bool is_possible(const Version& version);

/// One version. Empty if cut short, impossible, or followed by something.
[[nodiscard]] std::optional<Version> unpack_version(ByteView bytes);

/// Versions one after the other. Empty if cut short, impossible, or more than `max`.
[[nodiscard]] std::optional<std::vector<Version>> unpack_versions(ByteView bytes, std::size_t max);

}  // namespace meshmon::wire
