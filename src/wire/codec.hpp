#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "wire/messages.hpp"

/// Messages to bytes and back.
///
/// Every decode_* takes bytes from a stranger: it checks every size, count and enumeration against the limits in
/// messages.hpp and every order that messages.hpp names, and answers `wire.malformed` with what is wrong; it never
/// throws and never allocates more than a small multiple of the input. Unknown fields are ignored, so that older and
/// newer nodes understand each other.
///
/// Every encode() has as its precondition what its decoder checks; times outside 1970..2106 are moved to the nearest one
/// inside. One value has one encoding.
namespace meshmon::wire {

[[nodiscard]] Bytes encode(const Head& head);
Result<Head> decode_head(ByteView bytes);

/// What a head's signature covers: "meshmon head v1" and a zero byte, then the head's bytes.
[[nodiscard]] Bytes signing_input(ByteView head_bytes);

[[nodiscard]] Bytes encode(const Hello& hello);
Result<Hello> decode_hello(ByteView bytes);

[[nodiscard]] Bytes encode(const PeersPage& page);
Result<PeersPage> decode_peers(ByteView bytes);

[[nodiscard]] Bytes encode(const ReachPage& page);
Result<ReachPage> decode_reach(ByteView bytes);

[[nodiscard]] Bytes encode(const RttPage& page);
Result<RttPage> decode_rtt(ByteView bytes);

[[nodiscard]] Bytes encode(const Answers& answers);
Result<Answers> decode_answers(ByteView bytes);

[[nodiscard]] Bytes encode(const Exchange& exchange);

/// The same behind `room` bytes that the caller fills: an envelope and its box are made around it where it lies.
[[nodiscard]] Bytes encode_behind(std::size_t room, const Exchange& exchange);
Result<Exchange> decode_exchange(ByteView bytes);

/// The body of an HTTP request or answer: version byte, fingerprint, nonce, box.
[[nodiscard]] Bytes encode(const Envelope& envelope);

/// Fills the first kEnvelopeOverhead bytes of `body` with what comes before the box. Precondition: there are so many.
void put_envelope(std::span<char> body, std::uint64_t sender, const ByteArray<24>& nonce);

/// The box stays where it lies: in `bytes`. Errors: wire.malformed (shorter than an envelope and an empty box), wire.version
/// (another version byte).
Result<Envelope> decode_envelope(ByteView bytes);

[[nodiscard]] Bytes encode(const SavedState& state);
Result<SavedState> decode_saved_state(ByteView bytes);

/// How many bytes `record` adds to an exchange that carries it.
[[nodiscard]] std::size_t encoded_size(const SignedRecord& record);

}  // namespace meshmon::wire
