#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/check.hpp"
#include "wire/codec.hpp"
#include "wire/samples.hpp"

/// What tests and fuzz targets do with every kind of message alike.
namespace meshmon::wire {

/// Decodes `bytes` as one kind of message and encodes the value again; empty if they are refused.
using Recode = std::optional<Bytes> (*)(ByteView bytes);

struct MessageKind {
    std::string_view name;  ///< also of its golden file and its corpus
    Bytes sample;           ///< samples.hpp, encoded
    Recode recode;
};

template <auto Decode>
std::optional<Bytes> recode(ByteView bytes) {
    const auto value = Decode(bytes);
    if (!value) return std::nullopt;
    return encode(*value);
}

inline std::vector<MessageKind> message_kinds() {
    return {
        {"envelope", encode(samples::envelope()), recode<decode_envelope>},
        {"request", encode(samples::request()), recode<decode_exchange>},
        {"answer", encode(samples::idle_answer()), recode<decode_exchange>},
        {"head", encode(samples::head()), recode<decode_head>},
        {"hello", encode(samples::hello()), recode<decode_hello>},
        {"peers", encode(samples::peers()), recode<decode_peers>},
        {"reach", encode(samples::reach()), recode<decode_reach>},
        {"rtt", encode(samples::rtt()), recode<decode_rtt>},
        {"answers", encode(samples::answers()), recode<decode_answers>},
        {"saved_state", encode(samples::saved_state()), recode<decode_saved_state>},
    };
}

/// Whether what was accepted means one thing: its encoding is accepted too, and is its own.
inline bool is_stable(Recode recode, ByteView bytes) {
    const std::optional<Bytes> first = recode(bytes);
    return !first || recode(*first) == first;
}

/// What every fuzz target of a message asks.
inline void require_stable(Recode recode, const std::uint8_t* data, std::size_t size) {
    MM_CHECK(is_stable(recode, ByteView(reinterpret_cast<const char*>(data), size)),
             "an accepted message, encoded again, is accepted and stays the same");
}

}  // namespace meshmon::wire
