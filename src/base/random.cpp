#include "base/random.hpp"

#include "base/check.hpp"

namespace meshmon {

std::uint64_t Random::next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

std::uint64_t Random::below(std::uint64_t bound) {
    MM_CHECK(bound > 0, "a random choice among nothing");
    const std::uint64_t unfair = -bound % bound;  // the first 2^64 mod bound values would be drawn too often
    std::uint64_t value = next();
    while (value < unfair) value = next();
    return value % bound;
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

}  // namespace meshmon
