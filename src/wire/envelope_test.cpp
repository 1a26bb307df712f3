#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/refusals_for_tests.hpp"

namespace meshmon::wire {
namespace {

TEST(Envelope, ComesBackAsItWas) {
    const Envelope sent = samples::envelope();
    const Bytes bytes = encode(sent);
    EXPECT_EQ(bytes.size(), kEnvelopeOverhead + sent.box.size());
    const auto got = decode_envelope(bytes);
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->sender, sent.sender);
    EXPECT_EQ(got->nonce, sent.nonce);
    EXPECT_EQ(got->box, sent.box);
}

TEST(Envelope, IsMadeAroundAnExchangeToTheSameBytes) {
    const Envelope as_sample = samples::envelope();
    Bytes body = encode_behind(kEnvelopeOverhead, samples::request());
    put_envelope(body, as_sample.sender, as_sample.nonce);
    const Bytes box = encode(samples::request());
    EXPECT_EQ(to_hex(body), to_hex(encode(Envelope{as_sample.sender, as_sample.nonce, box})));
}

TEST(Envelope, HoldsAtLeastAnEmptyBox) {
    Envelope envelope = samples::envelope();
    envelope.box = "sixteen bytes...";
    EXPECT_TRUE(decode_envelope(encode(envelope)).has_value());
    envelope.box.remove_suffix(1);
    EXPECT_REFUSED(decode_envelope(encode(envelope)), "48 bytes");
    EXPECT_REFUSED(decode_envelope(""), "0 bytes");
}

TEST(Envelope, AnotherVersionIsNamedBeforeAnythingElse) {
    for (const ByteView bytes : {ByteView("\x02", 1), ByteView("\0", 1), ByteView("{\"error\":{}}")}) {
        const auto got = decode_envelope(bytes);
        ASSERT_FALSE(got.has_value());
        EXPECT_EQ(got.error().code, "wire.version");
    }
}

TEST(Packing, VarintsHaveOneForm) {
    for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, kEpochMax, ~std::uint64_t{0}}) {
        Bytes bytes;
        put_varint(bytes, value);
        EXPECT_EQ(bytes.size(), varint_size(value));
        Unpacker unpacker(bytes);
        EXPECT_EQ(unpacker.varint(), value);
        EXPECT_TRUE(unpacker.ok() && unpacker.empty());
    }
    for (const ByteView bytes :
         {ByteView("\x80\x00", 2), ByteView("\x81\x80\x00", 3), ByteView("\x80", 1), ByteView(""),
          ByteView("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), ByteView("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")}) {
        Unpacker unpacker(bytes);
        EXPECT_EQ(unpacker.varint(), 0U);
        EXPECT_FALSE(unpacker.ok()) << to_hex(bytes);
    }
}

}  // namespace
}  // namespace meshmon::wire
