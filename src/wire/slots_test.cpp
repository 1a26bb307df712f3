#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/refusals_for_tests.hpp"

namespace meshmon::wire {
namespace {

TEST(Hello, ComesBackAsItWas) {
    const auto hello = decode_hello(encode(samples::hello()));
    ASSERT_TRUE(hello.has_value());
    EXPECT_EQ(hello->software_version, "1.0.0");
    EXPECT_EQ(hello->capabilities, (std::vector<std::string>{"relay", "rtt-pages"}));
    EXPECT_EQ(hello->started, samples::wall(1'789'999'000'000));
}

TEST(Hello, RefusesWhatCannotBeShownOrCounted) {
    const auto with = [](auto change) {
        Hello hello = samples::hello();
        change(hello);
        return decode_hello(encode(hello));
    };
    EXPECT_REFUSED(with([](Hello& hello) { hello.software_version = "1.0\x1b[31m"; }), "software_version");
    EXPECT_REFUSED(with([](Hello& hello) { hello.software_version = "1.0\x7f"; }), "software_version");
    EXPECT_REFUSED(with([](Hello& hello) { hello.software_version = std::string(65, '1'); }), "software_version");
    EXPECT_REFUSED(with([](Hello& hello) { hello.capabilities[0] = "Re lay"; }), "capability");
    EXPECT_REFUSED(with([](Hello& hello) { hello.capabilities.assign(33, "relay"); }), "32 capabilities");
    EXPECT_TRUE(with([](Hello& hello) { hello.capabilities.assign(32, "relay"); }).has_value());
    EXPECT_REFUSED(decode_hello(encode(samples::hello()) + number_field(3, 4'294'967'296'000)), "start time");
}

TEST(PeersPage, ComesBackAsItWas) {
    const auto page = decode_peers(encode(samples::peers()));
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->nodes, samples::peers().nodes);
    EXPECT_TRUE(decode_peers(encode(PeersPage())).value().nodes.empty());
}

TEST(PeersPage, RefusesWrongOrderRepeatsCutsAndTooMany) {
    EXPECT_REFUSED(decode_peers(encode(PeersPage{.nodes = {{2}, {1}}})), "ordered");
    EXPECT_REFUSED(decode_peers(encode(PeersPage{.nodes = {{2}, {2}}})), "ordered");
    EXPECT_REFUSED(decode_peers(field(1, std::string(7, 'x'))), "cut short");
    PeersPage page;
    for (std::uint64_t i = 0; i <= kPageNodesMax; ++i) page.nodes.push_back({i});
    EXPECT_REFUSED(decode_peers(encode(page)), "256 entries");
    EXPECT_REFUSED(decode_peers(field(9, std::string(kSlotBytesMax, 'x'))), "4096");
}

TEST(ReachPage, ComesBackAsItWas) {
    const auto page = decode_reach(encode(samples::reach()));
    ASSERT_TRUE(page.has_value());
    ASSERT_EQ(page->entries.size(), 2U);
    const ReachEntry& first = page->entries[0];
    EXPECT_EQ(first.node, NodeTag{0x0203040506});
    EXPECT_EQ(first.out, OutState::failed);
    EXPECT_EQ(first.in, InState::silent);
    EXPECT_EQ(first.flags, 0);
    EXPECT_EQ(first.reason, 3);
    EXPECT_EQ(first.since, samples::wall(1'789'999'990'000));
    const ReachEntry& second = page->entries[1];
    EXPECT_EQ(second.out, OutState::ok);
    EXPECT_EQ(second.in, InState::not_foreseen);
    EXPECT_EQ(second.flags, 3);
    EXPECT_EQ(second.reason, 200);
}

TEST(ReachPage, SinceIsCutToWholeSeconds) {
    ReachPage page = samples::reach();
    page.entries[0].since = samples::wall(1'500);
    EXPECT_EQ(decode_reach(encode(page)).value().entries[0].since, samples::wall(1'000));
}

TEST(ReachPage, EveryStateIsPacked) {
    for (std::uint8_t out = 0; out <= 3; ++out) {
        for (std::uint8_t in = 0; in <= 2; ++in) {
            for (std::uint8_t flags = 0; flags <= 15; ++flags) {
                ReachEntry entry;
                entry.out = OutState{out};
                entry.in = InState{in};
                entry.flags = flags;
                const ReachEntry read = decode_reach(encode(ReachPage{.entries = {entry}})).value().entries[0];
                EXPECT_TRUE(read.out == entry.out && read.in == entry.in && read.flags == flags);
            }
        }
    }
}

TEST(ReachPage, RefusesWhatNoNodeSays) {
    const Bytes tag(6, '\1');
    const Bytes since(5, '\0');
    EXPECT_REFUSED(decode_reach(field(1, tag + Bytes("\x0c\0", 2) + since)), "in state");
    EXPECT_REFUSED(decode_reach(field(1, tag + Bytes("\x01\0", 2) + Bytes(5, '\xff'))), "since");
    EXPECT_REFUSED(decode_reach(field(1, tag + Bytes("\x01\0", 2) + since + "x")), "cut short");
    ReachPage page = samples::reach();
    std::swap(page.entries[0], page.entries[1]);
    EXPECT_REFUSED(decode_reach(encode(page)), "ordered");
    page.entries[1] = page.entries[0];
    EXPECT_REFUSED(decode_reach(encode(page)), "ordered");
}

TEST(RttPage, ComesBackAsItWas) {
    const auto page = decode_rtt(encode(samples::rtt()));
    ASSERT_TRUE(page.has_value());
    ASSERT_EQ(page->entries.size(), 2U);
    EXPECT_EQ(page->entries[0].rtt_us, 420U);
    EXPECT_EQ(page->entries[0].loss_permille, 0U);
    EXPECT_EQ(page->entries[1].node, NodeTag{0xffffffffffff});
    EXPECT_EQ(page->entries[1].rtt_us, 1'500'000U);
    EXPECT_EQ(page->entries[1].loss_permille, 1000U);
}

TEST(RttPage, RefusesLossOverAThousandAndWrongOrder) {
    RttPage page = samples::rtt();
    page.entries[0].loss_permille = 1001;
    EXPECT_REFUSED(decode_rtt(encode(page)), "loss");
    page = samples::rtt();
    std::swap(page.entries[0], page.entries[1]);
    EXPECT_REFUSED(decode_rtt(encode(page)), "ordered");
    EXPECT_REFUSED(decode_rtt(field(1, std::string(13, 'x'))), "cut short");
}

TEST(Answers, ComeBackAsTheyWere) {
    const auto answers = decode_answers(encode(samples::answers()));
    ASSERT_TRUE(answers.has_value());
    EXPECT_EQ(answers->accusations, samples::answers().accusations);
}

TEST(Answers, RefuseTooManyAndVersionsThatNameNoHead) {
    Answers answers;
    for (std::uint64_t i = 0; i < kAnswersMax; ++i) answers.accusations.push_back(samples::version(i));
    EXPECT_TRUE(decode_answers(encode(answers)).has_value());
    answers.accusations.push_back(samples::version(99));
    EXPECT_REFUSED(decode_answers(encode(answers)), "32 versions");
    EXPECT_REFUSED(decode_answers(encode(Answers{.accusations = {Version()}})), "names no head");
    EXPECT_REFUSED(decode_answers(field(1, "short")), "32 versions");
}

}  // namespace
}  // namespace meshmon::wire
