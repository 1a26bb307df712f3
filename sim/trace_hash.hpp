#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace meshmon::sim {

/// One number for all that happened in a run: two runs of one seed must end with the same.
///
/// Source: FNV-1a with 64 bits, Fowler, Noll and Vo; the finish is SplitMix64's.
class TraceHash {
public:
    void mix(std::uint64_t number) {
        for (int shift = 0; shift < 64; shift += 8) mix_byte(static_cast<std::uint8_t>(number >> shift));
    }
    void mix(std::string_view bytes) {
        mix(bytes.size());
        for (const char byte : bytes) mix_byte(static_cast<std::uint8_t>(byte));
    }

    [[nodiscard]] std::uint64_t value() const {
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31);
    }

    /// 16 lower-case hex digits.
    [[nodiscard]] std::string text() const {
        std::string digits;
        for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[(value() >> shift) & 15U];
        return digits;
    }

private:
    void mix_byte(std::uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001b3U; }

    std::uint64_t state_ = 0xcbf29ce484222325U;
};

}  // namespace meshmon::sim
