#pragma once

#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "wire/kinds_for_tests.hpp"

/// A target of libFuzzer for one decoder: no input crashes it, and what it accepts means one thing.
#define MESHMON_FUZZ_MESSAGE(decode)                                                                    \
    extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {                 \
        const meshmon::ByteView bytes(reinterpret_cast<const char*>(data), size);                       \
        MM_CHECK(meshmon::wire::is_stable(meshmon::wire::recode<meshmon::wire::decode>, bytes),         \
                 "an accepted message, encoded again, is accepted and stays the same");                 \
        return 0;                                                                                       \
    }
