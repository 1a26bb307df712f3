#include <cstddef>
#include <cstdint>

#include "record_operations.hpp"

/// What is held of a record after any offers in any order is what a model of the plainest form holds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)meshmon::fuzz::run_record_operations({reinterpret_cast<const char*>(data), size});
    return 0;
}
