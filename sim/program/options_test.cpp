#include "sim/program/options.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace meshmon::sim {
namespace {

Result<ProgramOptions> parsed(std::vector<const char*> arguments) { return parse_options(arguments); }

std::string complaint(std::vector<const char*> arguments) {
    const auto options = parse_options(arguments);
    return options ? "none" : options.error().message;
}

TEST(ProgramOptions, TakesEverySeedOf64Bits) {
    EXPECT_EQ(parsed({"--seed", "0"})->seed, 0U);
    EXPECT_EQ(parsed({"--seed", "18446744073709551615"})->seed, 18446744073709551615U);
    EXPECT_EQ(complaint({"--seed", "18446744073709551616"}),
              "--seed '18446744073709551616': expected a whole number from 0 to 18446744073709551615");
    EXPECT_NE(complaint({"--seed", "-1"}), "none");
    EXPECT_NE(complaint({"--seed", "7x"}), "none");
}

TEST(ProgramOptions, TakesMinutesNodesAndCrypto) {
    const auto options = parsed({"--minutes", "0.5", "--nodes", "7", "--crypto", "real", "--seed", "4"});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->minutes, 0.5);
    EXPECT_EQ(options->seed, 4U);
    EXPECT_EQ(options->fixed.nodes, 7U);
    EXPECT_EQ(options->fixed.crypto, CryptoKind::sodium);
    EXPECT_EQ(parsed({"--seed", "1", "--crypto", "stand-in"})->fixed.crypto, CryptoKind::stand_in);
}

TEST(ProgramOptions, SaysWhatIsWrongWithWhich) {
    EXPECT_EQ(complaint({"--seed"}), "--seed needs a value");
    EXPECT_EQ(complaint({"--sed", "1"}), "unknown option '--sed'");
    EXPECT_EQ(complaint({"--seed", "1", "--nodes", "1"}), "--nodes '1': expected a whole number from 2 to 1000");
    EXPECT_EQ(complaint({"--seed", "1", "--nodes", "1001"}), "--nodes '1001': expected a whole number from 2 to 1000");
    EXPECT_EQ(complaint({"--minutes", "0"}), "--minutes '0': expected a number above 0, at most 43200");
    EXPECT_EQ(complaint({"--minutes", "nan"}), "--minutes 'nan': expected a number above 0, at most 43200");
    EXPECT_EQ(complaint({"--seeds", "0"}), "--seeds '0': expected a whole number above 0");
    EXPECT_EQ(complaint({"--seed", "1", "--crypto", "rot13"}), "--crypto 'rot13': expected real or stand-in");
    EXPECT_EQ(complaint({}), "one of --seed, --seeds and --minutes is needed");
    EXPECT_EQ(complaint({"--minutes", "1", "--seeds", "1"}), "--minutes and --seeds exclude each other");
    EXPECT_EQ(complaint({"--minutes", "1", "--log", "x"}), "--log goes with a single --seed");
}

}  // namespace
}  // namespace meshmon::sim
