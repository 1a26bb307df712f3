#include "wire/scan.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <limits>

namespace meshmon::wire {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

/// Calls `each` with the content of every length-delimited field `number`, until it answers false.
template <typename Each>
bool scan(ByteView bytes, int number, Each each) {
    if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return false;
    CodedInputStream input(reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<int>(bytes.size()));
    while (const std::uint32_t tag = input.ReadTag()) {
        if (tag != WireFormatLite::MakeTag(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED)) {
            if (!WireFormatLite::SkipField(&input, tag)) return false;
            continue;
        }
        std::uint32_t length = 0;
        if (!input.ReadVarint32(&length)) return false;
        const auto start = static_cast<std::size_t>(input.CurrentPosition());
        if (length > bytes.size() - start || !input.Skip(static_cast<int>(length))) return false;
        if (!each(bytes.substr(start, length))) return false;
    }
    return input.ConsumedEntireMessage();
}

}  // namespace

bool occurs_at_most(ByteView bytes, int number, std::size_t max) {
    std::size_t count = 0;
    return scan(bytes, number, [&](ByteView) { return ++count <= max; });
}

}  // namespace meshmon::wire
