#include <cstddef>
#include <cstdint>

#include "wire/kinds_for_tests.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meshmon::wire;
    require_stable(recode<decode_hello>, data, size);
    return 0;
}
