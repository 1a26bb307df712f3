#pragma once

#include <cstdint>

namespace meshmon {

/// A seeded source for jitter and choice, the same on every machine (std distributions are not). Not for secrets:
/// nonces, challenges and boot ids come from crypto::Crypto::random.
///
/// Source: SplitMix64, Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    [[nodiscard]] std::uint64_t next();

    /// Uniform in [0, bound); bound > 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);

    /// Uniform in [0, 1).
    [[nodiscard]] double uniform();

private:
    std::uint64_t state_;
};

}  // namespace meshmon
