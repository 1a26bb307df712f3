#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace meshmon::sim {

/// One number for all that happened in a run: two runs of one seed must end with the same.
///
/// Source: FNV-1a of Fowler, Noll and Vo, of words of 8 bytes, whose high half is folded down each time; the finish is
/// SplitMix64's. Words are read as they lie in memory: little-endian machines give the same numbers.
class TraceHash {
public:
    void mix(std::uint64_t number) {
        state_ = (state_ ^ number) * 0x100000001b3U;
        state_ ^= state_ >> 32U;
    }
    void mix(std::string_view bytes) {
        mix(bytes.size());
        for (; bytes.size() >= sizeof(std::uint64_t); bytes.remove_prefix(sizeof(std::uint64_t))) mix(word_of(bytes));
        if (!bytes.empty()) mix(word_of(bytes));
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
    static std::uint64_t word_of(std::string_view bytes) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), std::min(bytes.size(), sizeof(word)));
        return word;
    }

    std::uint64_t state_ = 0xcbf29ce484222325U;
};

}  // namespace meshmon::sim
