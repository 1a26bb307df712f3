#include "wire/fields.hpp"

namespace meshmon::wire {

FieldReader::Varint FieldReader::long_varint(ByteView bytes, std::size_t bytes_max) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size() && i < bytes_max; ++i) {
        const auto byte = static_cast<std::uint8_t>(bytes[i]);
        value |= std::uint64_t{byte & 0x7fU} << (7 * i);
        if ((byte & 0x80) == 0) return {value, i + 1};
    }
    return {};
}

}  // namespace meshmon::wire
