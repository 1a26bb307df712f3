#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace meshmon::wire {

/// Parsing a repeated field makes an object of dozens of bytes out of two: so occurrences are counted first, in place.

/// Whether `bytes` is a sequence of fields in which field `number` occurs at most `max` times.
[[nodiscard]] bool occurs_at_most(ByteView bytes, int number, std::size_t max);

/// Parses a message that was scanned. Errors: wire.malformed, naming `what`.
template <typename Message>
Result<Message> parse(ByteView bytes, std::string_view what) {
    Message message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return fail("wire.malformed", std::string(what) + ": not a message of this kind");
    }
    return message;
}

}  // namespace meshmon::wire
