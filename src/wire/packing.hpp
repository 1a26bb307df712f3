#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "wire/messages.hpp"

/// The packed forms inside `bytes` fields: fixed-width numbers are big-endian, others are varints as in Protocol Buffers.
/// Source: docs/protocol.md, "Packed forms".
namespace meshmon::wire {

inline constexpr std::size_t kTagBytes = 6;
inline constexpr std::uint64_t kTagMax = (std::uint64_t{1} << 48) - 1;

/// Appends the low `count` bytes of `value`, the most significant first.
void put_fixed(Bytes& out, std::uint64_t value, std::size_t count);

/// Appends 1 to 10 bytes, seven bits each, the least significant first.
void put_varint(Bytes& out, std::uint64_t value);

[[nodiscard]] std::size_t varint_size(std::uint64_t value);

/// Tag (6), key tag (4), head hash (4), epoch and seq as varints: 16 to 34 bytes.
void put_version(Bytes& out, const Version& version);

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
    [[nodiscard]] std::uint64_t varint();
    [[nodiscard]] Version version();

    [[nodiscard]] bool empty() const { return rest_.empty(); }
    [[nodiscard]] bool ok() const { return ok_; }

private:
    void spoil();

    ByteView rest_;
    bool ok_ = true;
};

/// Whether a version can exist: (epoch 1..kEpochMax and seq >= 1), or nothing held (epoch, seq and hash all 0).
[[nodiscard]] bool is_possible(const Version& version);

/// Versions one after the other. Empty if cut short, impossible, or more than `max`.
[[nodiscard]] std::optional<std::vector<Version>> unpack_versions(ByteView bytes, std::size_t max);

}  // namespace meshmon::wire
