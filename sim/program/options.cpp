#include "sim/program/options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace meshmon::sim {

const std::string_view kUsage =
    "meshmon_sim: a mesh in virtual time under trouble drawn from seeds, with every invariant watched.\n"
    "\n"
    "  --seed S       this seed alone, 0 .. 2^64-1; at most ten seconds (more where --nodes asks for over 40)\n"
    "  --seeds K      K seeds one after the other, from --seed or 1\n"
    "  --minutes M    seeds one after the other until M minutes of real time are over, from --seed or a fresh one\n"
    "  --nodes N      2 .. 1000 nodes, instead of what the seed draws\n"
    "  --crypto KIND  real or stand-in, instead of what the seed draws (one seed in 32 takes the real one)\n"
    "  --mistake NAME makes one of the mistakes of sim/mutations.txt in the protocol\n"
    "  --log FILE     writes a line for each step; compare two runs with diff. Only with a single seed.\n"
    "\n"
    "Prints a line for each seed. Where an invariant breaks it stops: what broke, how to run it again, where its log is.\n"
    "Exit codes: 0 all held, 1 an invariant broke, 2 wrong arguments or a log that could not be written whole,\n"
    "130 and 143 interrupted.\n";

namespace {

constexpr double kMinutesMost = 60.0 * 24 * 30;
constexpr std::size_t kNodesLeast = 2;
constexpr std::size_t kNodesMost = 1000;

Error wrong(const std::string& message) { return fail("sim.option", message, "See scripts/sim --help."); }

template <typename Number>
std::optional<Number> number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Takes one option with its value. Empty: done.
std::optional<std::string> take(ProgramOptions& options, std::string_view name, std::string_view value) {
    if (name == "--seed") {
        options.seed = number<std::uint64_t>(value);
        if (!options.seed) return "a whole number from 0 to 18446744073709551615";
    } else if (name == "--seeds") {
        options.seeds = number<std::uint64_t>(value);
        if (options.seeds.value_or(0) == 0) return "a whole number above 0";
    } else if (name == "--minutes") {
        options.minutes = number<double>(value);
        if (!options.minutes || !(*options.minutes > 0 && *options.minutes <= kMinutesMost))
            return "a number above 0, at most 43200";
    } else if (name == "--nodes") {
        options.fixed.nodes = number<std::size_t>(value);
        const std::size_t nodes = options.fixed.nodes.value_or(0);
        if (nodes < kNodesLeast || nodes > kNodesMost) return "a whole number from 2 to 1000";
    } else if (name == "--crypto") {
        if (value == "real") options.fixed.crypto = CryptoKind::sodium;
        else if (value == "stand-in") options.fixed.crypto = CryptoKind::stand_in;
        else return "real or stand-in";
    } else if (name == "--mistake") {
        options.mistake = value;
        if (value.empty()) return "a name of sim/mutations.txt";
    } else {
        options.log = value;
        if (value.empty()) return "the name of a file";
    }
    return std::nullopt;
}

bool is_option(std::string_view name) {
    constexpr std::array<std::string_view, 7> kNames = {"--seed",   "--seeds",   "--minutes", "--nodes",
                                                        "--crypto", "--mistake", "--log"};
    return std::ranges::find(kNames, name) != kNames.end();
}

}  // namespace

Result<ProgramOptions> parse_options(std::span<const char* const> arguments) {
    ProgramOptions options;
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const std::string_view name = arguments[i];
        if (name == "--help" || name == "-h") {
            options.help = true;
            return options;
        }
        if (!is_option(name)) return wrong(fmt::format("unknown option '{}'", name));
        if (i + 1 == arguments.size()) return wrong(fmt::format("{} needs a value", name));
        const auto expected = take(options, name, arguments[i + 1]);
        if (expected) return wrong(fmt::format("{} '{}': expected {}", name, arguments[i + 1], *expected));
    }
    if (options.minutes && options.seeds) return wrong("--minutes and --seeds exclude each other");
    if (!options.seed && !options.minutes && !options.seeds) return wrong("one of --seed, --seeds and --minutes is needed");
    if (!options.log.empty() && (options.minutes || options.seeds)) return wrong("--log goes with a single --seed");
    return options;
}

}  // namespace meshmon::sim
