// The worked example of docs/protocol.md, made by the code and compared with the page.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include "base/hex_for_tests.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/hash.hpp"
#include "crypto/sodium.hpp"
#include "wire/codec.hpp"

namespace meshmon {
namespace {

/// The bytes of one block of the page: it follows the line <!-- example: name -->; what stands behind a '#' is a remark.
Bytes on_the_page(const std::string& name) {
    std::ifstream file(MESHMON_SOURCE_DIR "/docs/protocol.md");
    const std::string page(std::istreambuf_iterator<char>(file), {});
    const std::size_t mark = page.find("<!-- example: " + name + " -->");
    const std::size_t begin = page.find("```\n", mark);
    const std::size_t end = page.find("```", begin + 4);
    if (mark == std::string::npos || end == std::string::npos) return "no such block";
    std::string hex;
    bool remark = false;
    for (const char c : page.substr(begin + 4, end - begin - 4)) {
        remark = c == '\n' ? false : remark || c == '#';
        if (!remark) hex.push_back(c);
    }
    return from_hex(hex);
}

WallTime wall(std::int64_t ms) { return WallTime(WallTime::duration(ms)); }

/// A node of the example: the key pairs are those of RFC 8032, section 7.1, tests 1 and 2.
struct Node {
    NodeId id;
    crypto::SodiumCrypto crypto;
    crypto::Fingerprint key = crypto::fingerprint(crypto.public_key());

    Node(std::string_view name, std::string_view seed) : id(NodeId::parse(name).value()), crypto(pair(seed)) {}

    static crypto::KeyPair pair(std::string_view seed_hex) {
        auto seed = array_from_hex<32>(seed_hex);
        return key_pair_of(crypto::SecretKey(seed));
    }

    [[nodiscard]] wire::NodeTag tag() const {
        const crypto::Hash hash = crypto::blake2b_256(id.str());
        wire::NodeTag tag;
        for (std::size_t i = 0; i < 6; ++i) tag.value = tag.value << 8 | hash[i];
        return tag;
    }
};

struct Example {
    Node a{"server-01", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"};
    Node b{"server-02", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"};
    NetworkId network = NetworkId::parse("home-net").value();
    wire::BootId boot_id = array_from_hex<16>("b0b1b2b3b4b5b6b7b8b9babbbcbdbebf");
    wire::RosterHash roster_hash = array_from_hex<8>("5a5b5c5d5e5f6061");
    std::string revision = "0123456789ab";
    Bytes hello = wire::encode(wire::Hello{.software_version = "1.0.0", .capabilities = {}, .started = wall(1'790'000'000'000)});
    Bytes head = wire::encode(make_head());
    crypto::Signature signature = a.crypto.sign(wire::signing_input(head));
    Bytes exchange = wire::encode(make_exchange());
    Bytes body = make_body();

    [[nodiscard]] wire::Head make_head() const {
        wire::Head made;
        made.network = network;
        made.owner = a.id;
        made.epoch = 1;
        made.seq = 1;
        made.boot_id = boot_id;
        made.wall = wall(1'790'000'000'123);
        made.roster_hash = roster_hash;
        made.config_revision = revision;
        made.health = wire::SelfHealth::healthy;
        made.slots = {{.kind = wire::SlotKind::hello,
                       .page = 0,
                       .length = static_cast<std::uint32_t>(hello.size()),
                       .hash = crypto::blake2b_256(hello),
                       .changed_seq = 1}};
        return made;
    }

    [[nodiscard]] wire::Version version() const {
        const crypto::Hash hash = crypto::blake2b_256(head);
        return {.node = a.tag(),
                .key = {a.key.key_tag()},
                .epoch = 1,
                .seq = 1,
                .head_hash = std::uint32_t{hash[0]} << 24 | std::uint32_t{hash[1]} << 16 | std::uint32_t{hash[2]} << 8 | hash[3]};
    }

    [[nodiscard]] wire::Exchange make_exchange() const {
        wire::Exchange made;
        made.kind = wire::ExchangeKind::request;
        made.network = network;
        made.from = a.id;
        made.to = b.id;
        made.boot_id = boot_id;
        made.counter = 2;
        made.nonce = 0x0102030405060708;
        made.challenge_echo = 0x1112131415161718;
        made.sent_wall = wall(1'790'000'000'200);
        made.my_version = version();
        made.want = {{.node = b.tag(), .key = {b.key.key_tag()}, .epoch = 0, .seq = 0, .head_hash = 0}};
        made.records = {{.head = head, .signature = signature, .slots = {hello}}};
        made.roster_hash = roster_hash;
        made.config_revision = revision;
        made.software_version = "1.0.0";
        return made;
    }

    [[nodiscard]] Bytes make_body() const {
        wire::Envelope envelope{.sender = a.key.short_id(), .nonce = {}, .box = {}};
        std::generate(envelope.nonce.begin(), envelope.nonce.end(), [next = std::uint8_t{0}]() mutable { return next++; });
        const Bytes box = a.crypto.seal(a.crypto.box_key(b.crypto.public_key()).value(), envelope.nonce, exchange);
        envelope.box = box;
        return wire::encode(envelope);
    }
};

void expect_on_the_page(const std::string& name, ByteView bytes) { EXPECT_EQ(to_hex(on_the_page(name)), to_hex(bytes)) << name; }

TEST(ProtocolExample, IsWhatTheCodeMakes) {
    const Example example;
    expect_on_the_page("public key a", view(example.a.crypto.public_key().bytes));
    expect_on_the_page("public key b", view(example.b.crypto.public_key().bytes));
    expect_on_the_page("fingerprint a", view(example.a.key.bytes));
    expect_on_the_page("fingerprint b", view(example.b.key.bytes));
    expect_on_the_page("hello", example.hello);
    expect_on_the_page("head", example.head);
    expect_on_the_page("signature", view(example.signature));
    expect_on_the_page("exchange", example.exchange);
    expect_on_the_page("box key", view(example.a.crypto.box_key(example.b.crypto.public_key())->bytes));
    expect_on_the_page("body", example.body);
}

TEST(ProtocolExample, TheBodyOnThePageOpensForItsRecipient) {
    const Example example;
    const Bytes body = on_the_page("body");
    const auto envelope = wire::decode_envelope(body);
    ASSERT_TRUE(envelope.has_value());
    EXPECT_EQ(envelope->sender, example.a.key.short_id());
    const auto box_key = example.b.crypto.box_key(example.a.crypto.public_key());
    const auto plain = example.b.crypto.open(*box_key, envelope->nonce, envelope->box);
    ASSERT_TRUE(plain.has_value());
    const auto exchange = wire::decode_exchange(*plain);
    ASSERT_TRUE(exchange.has_value());
    ASSERT_EQ(exchange->records.size(), 1U);
    const wire::SignedRecord& record = exchange->records[0];
    EXPECT_TRUE(example.b.crypto.verify(example.a.crypto.public_key(), wire::signing_input(record.head), record.signature));
}

}  // namespace
}  // namespace meshmon
