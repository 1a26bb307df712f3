#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/refusals_for_tests.hpp"

namespace meshmon::wire {
namespace {

auto decoded_with(auto change) {
    Exchange exchange = samples::request();
    change(exchange);
    return decode_exchange(encode(exchange));
}

TEST(Exchange, ARequestComesBackAsItWas) {
    const Exchange sent = samples::request();
    const auto got = decode_exchange(encode(sent));
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(got->kind, ExchangeKind::request);
    EXPECT_EQ(got->network, sent.network);
    EXPECT_EQ(got->from, sent.from);
    EXPECT_EQ(got->to, sent.to);
    EXPECT_EQ(got->boot_id, sent.boot_id);
    EXPECT_EQ(got->counter, sent.counter);
    EXPECT_EQ(got->nonce, sent.nonce);
    EXPECT_EQ(got->challenge, std::nullopt);
    EXPECT_EQ(got->challenge_echo, sent.challenge_echo);
    EXPECT_EQ(got->sent_wall, sent.sent_wall);
    EXPECT_EQ(got->my_version, sent.my_version);
    EXPECT_EQ(got->your_version_held, sent.your_version_held);
    EXPECT_EQ(got->want, sent.want);
    ASSERT_EQ(got->records.size(), 1U);
    EXPECT_EQ(got->records[0].head, sent.records[0].head);
    EXPECT_EQ(got->records[0].signature, sent.records[0].signature);
    EXPECT_EQ(got->records[0].slots, sent.records[0].slots);
    EXPECT_EQ(got->roster_hash, sent.roster_hash);
    EXPECT_EQ(got->config_revision, sent.config_revision);
    EXPECT_EQ(got->software_version, sent.software_version);
    EXPECT_FALSE(got->accepted);
}

TEST(Exchange, AnAnswerComesBackAsItWas) {
    const Exchange sent = samples::idle_answer();
    const auto got = decode_exchange(encode(sent));
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(got->kind, ExchangeKind::answer);
    EXPECT_EQ(got->challenge, sent.challenge);
    EXPECT_EQ(got->challenge_echo, std::nullopt);
    EXPECT_EQ(got->received_wall, sent.received_wall);
    EXPECT_TRUE(got->accepted);
}

TEST(Exchange, AChallengeOfZeroIsStillAChallenge) {
    const auto got = decoded_with([](Exchange& exchange) { exchange.challenge = 0; });
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->challenge, 0U);
}

TEST(Exchange, WithoutAnEpochThereIsNoVersion) {
    const auto got = decoded_with([](Exchange& exchange) { exchange.my_version.reset(); });
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->my_version, std::nullopt);
}

TEST(Exchange, AnotherVersionInsideTheBoxIsNamed) {
    const auto got = decode_exchange(encode(samples::request()) + number_field(1, 2));
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code, "wire.version");
}

TEST(Exchange, KindNamesAndLengthsAreChecked) {
    const Bytes request = encode(samples::request());
    EXPECT_REFUSED(decode_exchange(request + number_field(2, 0)), "kind");
    EXPECT_REFUSED(decode_exchange(request + number_field(2, 3)), "kind");
    EXPECT_REFUSED(decode_exchange(request + field(3, "Net")), "network");
    EXPECT_REFUSED(decode_exchange(request + field(4, "")), "from");
    EXPECT_REFUSED(decode_exchange(request + field(5, "-x")), "to");
    EXPECT_REFUSED(decode_exchange(request + field(6, std::string(15, 'x'))), "boot_id");
    EXPECT_REFUSED(decode_exchange(request + field(17, std::string(7, 'x'))), "roster_hash");
    EXPECT_REFUSED(decode_exchange(request + field(18, "tab\there")), "config_revision");
    EXPECT_REFUSED(decode_exchange(request + field(19, std::string(65, 'x'))), "software_version");
    EXPECT_REFUSED(decode_exchange(request + number_field(11, ~std::uint64_t{0})), "sent");
    EXPECT_REFUSED(decode_exchange(request + number_field(12, std::uint64_t{1} << 62)), "received");
}

TEST(Exchange, ImpossibleVersionsAreRefused) {
    EXPECT_REFUSED(decoded_with([](Exchange& exchange) { exchange.my_version->epoch = kEpochMax + 1; }), "my_version");
    EXPECT_REFUSED(decoded_with([](Exchange& exchange) { *exchange.my_version = Version(); }), "my_version names no head");
    EXPECT_REFUSED(decoded_with([](Exchange& exchange) { exchange.want[0].seq = 0; }), "want");
    EXPECT_REFUSED(decoded_with([](Exchange& exchange) { exchange.want[1].head_hash = 1; }), "want");
    const Bytes request = encode(samples::request());
    const Bytes one = packed(samples::version(1));
    EXPECT_REFUSED(decode_exchange(request + field(14, one.substr(0, one.size() - 1))), "your_version_held");
    EXPECT_REFUSED(decode_exchange(request + field(14, one + packed(samples::version(2)))), "your_version_held");
}

TEST(Exchange, NothingHeldCanBeSaid) {
    const auto got = decoded_with([](Exchange& exchange) { exchange.your_version_held = Version{.node = {5}, .key = {6}}; });
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->your_version_held->epoch, 0U);
}

TEST(Exchange, WantHasAMaximum) {
    EXPECT_TRUE(decode_exchange(encode(samples::idle_request(kWantMax))).has_value());
    EXPECT_REFUSED(decode_exchange(encode(samples::idle_request(kWantMax + 1))), "256 versions");
}

TEST(Exchange, RecordsHaveTheirLimits) {
    EXPECT_REFUSED(decoded_with([](Exchange& exchange) { exchange.records[0].head = ""; }), "head");
    EXPECT_REFUSED(decoded_with([](Exchange& exchange) { exchange.records[0].head = Bytes(kHeadBytesMax + 1, 'h'); }), "head");
    EXPECT_REFUSED(decoded_with([](Exchange& exchange) { exchange.records[0].slots[0] = Bytes(kSlotBytesMax + 1, 's'); }),
                   "slot");
    EXPECT_REFUSED(decoded_with([](Exchange& exchange) { exchange.records[0].slots.assign(kHeadSlotsMax + 1, "s"); }),
                   "168 slots");
    EXPECT_REFUSED(decoded_with([](Exchange& exchange) { exchange.records.assign(kRecordsMax + 1, exchange.records[0]); }),
                   "1024 records");
    EXPECT_TRUE(decoded_with([](Exchange& exchange) { exchange.records.assign(kRecordsMax, exchange.records[0]); }).has_value());
    EXPECT_REFUSED(decode_exchange(encode(samples::request()) + field(16, field(1, "head") + field(2, std::string(63, 's')))),
                   "signature");
}

TEST(Exchange, AMebibyteOfEmptyRecordsIsRefusedUnparsed) {
    Bytes bytes = encode(samples::idle_request(0));
    while (bytes.size() < (1U << 20)) bytes += field(16, "");
    EXPECT_REFUSED(decode_exchange(bytes), "1024 records");
}

}  // namespace
}  // namespace meshmon::wire
