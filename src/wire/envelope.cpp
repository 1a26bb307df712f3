#include <algorithm>
#include <string>

#include "wire/codec.hpp"
#include "wire/packing.hpp"

namespace meshmon::wire {
namespace {

constexpr std::size_t kNonceBytes = 24;
constexpr std::size_t kEmptyBox = 16;  // an authenticator and nothing in it

template <typename Out>
void put_header(Out& out, std::uint64_t sender, const ByteArray<kNonceBytes>& nonce) {
    out.fixed(kProtocolVersion, 1);
    out.fixed(sender, 8);
    out.bytes(view(nonce));
}

}  // namespace

Bytes encode(const Envelope& envelope) {
    Bytes bytes;
    append_packed(bytes, [&](auto& out) {
        put_header(out, envelope.sender, envelope.nonce);
        out.bytes(envelope.box);
    });
    return bytes;
}

void put_envelope(std::span<char> body, std::uint64_t sender, const ByteArray<kNonceBytes>& nonce) {
    Packer out(body.first(kEnvelopeOverhead));
    put_header(out, sender, nonce);
}

Result<Envelope> decode_envelope(ByteView bytes) {
    // The version comes first: what follows it is another version's own affair.
    if (!bytes.empty() && static_cast<std::uint8_t>(bytes[0]) != kProtocolVersion) {
        return fail("wire.version", "envelope: protocol version " + std::to_string(static_cast<std::uint8_t>(bytes[0])) +
                                        ", this node speaks " + std::to_string(kProtocolVersion));
    }
    if (bytes.size() < kEnvelopeOverhead + kEmptyBox) {
        return fail("wire.malformed",
                    "envelope: " + std::to_string(bytes.size()) + " bytes are less than its header and an empty box");
    }
    Unpacker unpacker(bytes.substr(1));
    Result<Envelope> decoded{std::in_place};
    Envelope& envelope = *decoded;
    envelope.sender = unpacker.fixed(8);
    std::ranges::copy(bytes.substr(1 + 8, kNonceBytes), envelope.nonce.begin());
    static_assert(sizeof(envelope.nonce) == kNonceBytes && kEnvelopeOverhead == 1 + 8 + kNonceBytes);
    envelope.box = bytes.substr(kEnvelopeOverhead);
    return decoded;
}

}  // namespace meshmon::wire
