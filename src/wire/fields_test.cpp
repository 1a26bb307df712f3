#include "wire/fields.hpp"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <meshmon.pb.h>

#include "base/random.hpp"
#include "wire/codec.hpp"
#include "wire/library_for_tests.hpp"
#include "wire/refusals_for_tests.hpp"

namespace meshmon::wire {
namespace {

constexpr int kMutations = 50'000;
constexpr int kExchanges = 5'000;

void mutate(Bytes& bytes, Random& random) {
    const auto at = [&] { return static_cast<std::size_t>(random.below(bytes.size())); };
    switch (random.below(3)) {
        case 0: bytes[at()] ^= static_cast<char>(1 << random.below(8)); break;
        case 1: bytes.insert(at(), bytes.substr(at(), random.below(40))); break;
        case 2: bytes.erase(at(), 1 + random.below(4)); break;
    }
}

Bytes packed(const std::optional<Version>& version) { return version ? packed(*version) : Bytes(); }

/// What the library reads, in the fields that our own code takes as they are.
void expect_same(const Exchange& ours, const pb::Exchange& theirs) {
    EXPECT_EQ(static_cast<std::uint32_t>(ours.kind), theirs.kind());
    EXPECT_EQ(ours.network.str(), theirs.network());
    EXPECT_EQ(ours.from.str(), theirs.from());
    EXPECT_EQ(ours.to.str(), theirs.to());
    EXPECT_EQ(view(ours.boot_id), theirs.boot_id());
    EXPECT_EQ(ours.counter, theirs.counter());
    EXPECT_EQ(ours.nonce, theirs.nonce());
    EXPECT_EQ(ours.challenge.has_value(), theirs.has_challenge());
    EXPECT_EQ(ours.challenge.value_or(0), theirs.challenge());
    EXPECT_EQ(ours.challenge_echo.has_value(), theirs.has_challenge_echo());
    EXPECT_EQ(ours.challenge_echo.value_or(0), theirs.challenge_echo());
    EXPECT_EQ(ours.sent_wall.time_since_epoch().count(), theirs.sent_ms());
    EXPECT_EQ(ours.received_wall.time_since_epoch().count(), theirs.received_ms());
    EXPECT_EQ(ours.accepted, theirs.accepted());
    EXPECT_EQ(view(ours.roster_hash), theirs.roster_hash());
    EXPECT_EQ(packed(ours.my_version), theirs.my_version());
    EXPECT_EQ(packed(ours.your_version_held), theirs.your_version_held());
    Bytes wants;
    for (const Version& want : ours.want) wants += packed(want);
    EXPECT_EQ(wants, theirs.want());
    EXPECT_EQ(ours.config_revision, theirs.config_revision());
    EXPECT_EQ(ours.software_version, theirs.software_version());
    ASSERT_EQ(ours.your_keys.size(), static_cast<std::size_t>(theirs.your_keys_size()));
    for (std::size_t i = 0; i < ours.your_keys.size(); ++i) {
        EXPECT_EQ(ours.your_keys[i].value, theirs.your_keys(static_cast<int>(i)));
    }
    ASSERT_EQ(ours.records.size(), static_cast<std::size_t>(theirs.records_size()));
    for (std::size_t i = 0; i < ours.records.size(); ++i) {
        const pb::SignedRecord& record = theirs.records(static_cast<int>(i));
        EXPECT_EQ(ours.records[i].head, record.head());
        EXPECT_EQ(view(ours.records[i].signature), record.signature());
        EXPECT_EQ(ours.records[i].key.value, record.key());
        EXPECT_EQ(ours.records[i].slots, std::vector<Bytes>(record.slots().begin(), record.slots().end()));
    }
}

TEST(FieldReader, ReadsAnExchangeAsTheLibraryDoes) {
    Random random(1);
    for (Exchange sample : {samples::request(), samples::idle_answer()}) {
        sample.your_keys = {{5}, {6}};
        const Bytes whole = encode(sample);
        int accepted = 0;
        for (int i = 0; i < kMutations; ++i) {
            Bytes bytes = whole;
            for (std::uint64_t count = random.below(3); count > 0; --count) mutate(bytes, random);
            const auto ours = decode_exchange(bytes);
            pb::Exchange theirs;
            const bool parses = theirs.ParseFromString(bytes);
            if (!ours) continue;
            ++accepted;
            ASSERT_TRUE(parses) << to_hex(bytes);
            expect_same(*ours, theirs);
            ASSERT_FALSE(HasFailure()) << to_hex(bytes);
        }
        EXPECT_GT(accepted, kMutations / 3);
    }
}

/// Fields of every number and type, written as nobody would who wrote them well: longer than need be, or with bits too many.
class OddFields {
public:
    explicit OddFields(std::uint64_t seed) : random_(seed) {}

    Bytes field() {
        const std::uint64_t number = one_in(20) ? random_.below(1U << 29) : random_.below(25);
        return one_in(8) ? Bytes(tag(16, 2)) + block(record()) : any(number);
    }
    bool one_in(std::uint64_t n) { return random_.below(n) == 0; }

private:
    static constexpr std::array<std::uint64_t, 4> kTypes{0, 1, 2, 5};

    Bytes any(std::uint64_t number) {
        const std::uint64_t type = kTypes[random_.below(kTypes.size())];
        switch (type) {
            case 0: return tag(number, type) + varint(one_in(2) ? random_.next() : random_.below(300), 10);
            case 1: return tag(number, type) + bytes(8);
            case 2: return tag(number, type) + block(bytes(random_.below(24)));
            default: return tag(number, type) + bytes(4);
        }
    }
    Bytes record() {
        Bytes made;
        for (std::uint64_t count = random_.below(6); count > 0; --count) made += any(random_.below(6));
        return tag(1, 2) + block("head") + tag(2, 2) + block(bytes(64)) + made;
    }
    Bytes block(const Bytes& content) { return varint(content.size(), 5) + content; }
    Bytes tag(std::uint64_t number, std::uint64_t type) { return varint(number << 3 | type, 5); }
    Bytes varint(std::uint64_t value, std::size_t longest) {
        Bytes made;
        put_varint(made, value);
        if (!one_in(6) || made.size() >= longest) return made;
        const std::size_t length = made.size() + random_.below(longest + 2 - made.size());  // one too many now and then
        made.back() |= static_cast<char>(0x80);
        made.resize(length, static_cast<char>(0x80));
        made.back() = static_cast<char>(length == longest ? random_.below(128) : 0);
        return made;
    }
    Bytes bytes(std::uint64_t count) {
        Bytes made;
        for (; count > 0; --count) made.push_back(static_cast<char>(random_.below(256)));
        return made;
    }

    Random random_;
};

TEST(FieldReader, RefusesNoSequenceOfFieldsThatTheLibraryReads) {
    OddFields odd(2);
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < kMutations; ++i) {
        Bytes bytes = encode(samples::request());
        do bytes += odd.field();
        while (!odd.one_in(3));
        const auto ours = decode_exchange(bytes);
        pb::Exchange theirs;
        const bool parses = theirs.ParseFromString(bytes);
        ASSERT_TRUE(parses || !ours) << to_hex(bytes);
        ASSERT_FALSE(parses && refusal(ours).contains("sequence of fields")) << to_hex(bytes);
        ++(ours ? accepted : refused);
        if (ours) expect_same(*ours, theirs);
        ASSERT_FALSE(HasFailure()) << to_hex(bytes);
    }
    EXPECT_GT(accepted, kMutations / 20);
    EXPECT_GT(refused, kMutations / 20);
}

TEST(FieldReader, NumbersThatRepeatMayComeInOnePieceOrOneByOne) {
    Exchange sample = samples::request();
    sample.your_keys = {};
    const Bytes one_by_one = encode(sample) + Bytes("\xad\x01\x05\0\0\0\xad\x01\x06\0\0\0", 12);  // field 21, four bytes each
    const auto got = decode_exchange(one_by_one);
    ASSERT_TRUE(got.has_value()) << got.error().message;
    ASSERT_EQ(got->your_keys.size(), 2U);
    EXPECT_EQ(got->your_keys[1].value, 6U);
    EXPECT_REFUSED(decode_exchange(encode(sample) + field(21, "12345")), "sequence of fields");
}

TEST(FieldReader, AFieldOfAnotherTypeIsOneThatItDoesNotKnow) {
    const Bytes request = encode(samples::request());
    const auto got = decode_exchange(request + number_field(3, 7) + field(7, "x"));
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(got->network, samples::request().network);
    EXPECT_EQ(got->counter, samples::request().counter);
}

TEST(FieldReader, RefusesGroupsFieldZeroAndWhatIsCutShort) {
    const Bytes request = encode(samples::request());
    for (const Bytes& end : {Bytes("\xf3\x07", 2), Bytes("\0\0", 2), Bytes("\x0a", 1), Bytes("\x0a\x05x", 3), Bytes("\x0d\0", 2),
                             Bytes("\x80\x80\x80\x80\x80\x01", 6)}) {
        EXPECT_REFUSED(decode_exchange(request + end), "sequence of fields");
    }
}

/// Exchanges in which each field is at times absent, small, or as large as it can be.
class AnyExchange {
public:
    explicit AnyExchange(std::uint64_t seed) : random_(seed) {}

    Exchange draw() {
        Exchange made;
        made.kind = static_cast<ExchangeKind>(random_.below(4));
        if (!one_in(8)) made.network = NetworkId::parse(name()).value();
        if (!one_in(8)) made.from = NodeId::parse(name()).value();
        if (!one_in(8)) made.to = NodeId::parse(name()).value();
        made.boot_id.fill(static_cast<std::uint8_t>(random_.below(256)));
        made.counter = number();
        made.nonce = number();
        if (one_in(2)) made.challenge = number();
        if (one_in(2)) made.challenge_echo = number();
        made.sent_wall = time();
        made.received_wall = time();
        if (!one_in(4)) made.my_version = version();
        if (!one_in(4)) made.your_version_held = version();
        for (std::uint64_t count = one_in(20) ? 300 : random_.below(4); count > 0; --count) made.want.push_back(version());
        for (std::uint64_t count = one_in(3) ? random_.below(3) : 0; count > 0; --count) made.records.push_back(record());
        made.roster_hash.fill(static_cast<std::uint8_t>(random_.below(256)));
        made.config_revision = text(65);
        made.software_version = text(65);
        made.accepted = one_in(2);
        for (std::uint64_t count = random_.below(4); count > 0; --count) made.your_keys.push_back(key());
        return made;
    }

private:
    bool one_in(std::uint64_t n) { return random_.below(n) == 0; }
    std::uint64_t number() { return random_.next() >> random_.below(64) >> random_.below(2); }  // of any length, and 0
    WallTime time() { return WallTime(WallTime::duration(static_cast<std::int64_t>(random_.next()) >> random_.below(64))); }
    Bytes text(std::uint64_t below) { return Bytes(random_.below(below), 'x'); }
    Bytes name() { return "n" + text(kNameMax); }
    KeyTag key() { return {static_cast<std::uint32_t>(number())}; }
    Version version() {
        return {.node = {number() & kTagMax},
                .key = key(),
                .epoch = number(),
                .seq = number(),
                .head_hash = static_cast<std::uint32_t>(number())};
    }
    SignedRecord record() {
        SignedRecord made{.head = text(one_in(4) ? 20'000 : 300), .signature = {}, .slots = {}, .key = key()};
        for (std::uint64_t count = random_.below(4); count > 0; --count) made.slots.push_back(text(300));
        return made;
    }

    Random random_;
};

TEST(FieldWriter, WritesAnExchangeAsTheLibraryDoes) {
    AnyExchange any(3);
    for (int i = 0; i < kExchanges; ++i) {
        const Exchange exchange = any.draw();
        const Bytes ours = encode(exchange);
        ASSERT_TRUE(ours == encoded_by_library(exchange)) << to_hex(ours);
    }
}

}  // namespace
}  // namespace meshmon::wire
