#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "wire/messages.hpp"

namespace meshmon::wire {

inline constexpr std::int64_t kWallMsMax = (std::int64_t{1} << 32) * 1000 - 1;  ///< 2106-02-07T06:28:15.999Z

/// Checks the fields of one message from a stranger; keeps the first thing that is wrong.
class Checker {
public:
    /// `message` names it in errors: "head". A string literal.
    explicit Checker(std::string_view message) : message_(message) {}

    /// Notes `what` as wrong unless `holds`. `what` names the field and the rule, in a string literal: "epoch 0".
    void require(bool holds, std::string_view what) {
        if (!holds && wrong_.empty()) wrong_ = what;
    }

    template <typename Tag>
    void name(Name<Tag>& out, ByteView bytes, std::string_view field) {
        require(out.assign(bytes), field);
    }

    template <std::size_t N>
    void array(ByteArray<N>& out, ByteView bytes, std::string_view field) {
        require(bytes.size() == N, field);
        if (bytes.size() == N) std::memcpy(out.data(), bytes.data(), N);
    }

    /// Milliseconds since 1970, below 2^32 seconds (in 2106): two differences of such times, added up in nanoseconds, do not
    /// overflow 63 bits.
    void wall(WallTime& out, std::int64_t ms, std::string_view field);

    /// Printable ASCII without control characters, at most `max` bytes.
    void text(std::string& out, ByteView bytes, std::size_t max, std::string_view field);

    /// epoch 1..kEpochMax and seq >= 1.
    void epoch_and_seq(std::uint64_t epoch, std::uint64_t seq);

    [[nodiscard]] bool ok() const { return wrong_.empty(); }

    /// wire.malformed with the first thing that was wrong.
    [[nodiscard]] Error error() const { return fail("wire.malformed", std::string(message_).append(": ").append(wrong_)); }

    /// `value`, or the error.
    template <typename T>
    Result<T> finish(T value) {
        if (!ok()) return error();
        return value;
    }

private:
    std::string_view message_;
    std::string_view wrong_;
};

/// What is put on the wire for a time: milliseconds since 1970, inside the range that Checker::wall accepts.
[[nodiscard]] inline std::int64_t wall_to_ms(WallTime time) {
    return std::clamp<std::int64_t>(time.time_since_epoch().count(), 0, kWallMsMax);
}

}  // namespace meshmon::wire
