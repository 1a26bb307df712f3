#include <cstddef>
#include <cstdint>

#include "wire/kinds_for_tests.hpp"
#include "wire/library_for_tests.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meshmon::wire;
    require_stable(recode<decode_exchange>, data, size);
    if (const auto exchange = decode_exchange({reinterpret_cast<const char*>(data), size})) {
        MM_CHECK(encode(*exchange) == encoded_by_library(*exchange), "our bytes are the library's");
    }
    return 0;
}
