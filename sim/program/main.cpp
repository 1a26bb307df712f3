// meshmon_sim: tries seeds, and says what a person needs who wants to see a failure again. Here alone is real time read.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

#include <fmt/format.h>

#include "sim/program/commit.hpp"
#include "sim/program/mistakes.hpp"
#include "sim/program/options.hpp"
#include "sim/trial.hpp"

namespace meshmon::sim {
namespace {

constexpr int kBroken = 1;
constexpr int kWrongArguments = 2;
constexpr std::uint64_t kTwiceOneIn = 16;  // seeds that are run twice: S8

std::string replay_command(std::uint64_t seed, const ProgramOptions& options) {
    std::string command = fmt::format("scripts/sim --seed {}", seed);
    if (options.fixed.nodes) command += fmt::format(" --nodes {}", *options.fixed.nodes);
    if (options.fixed.crypto) command += *options.fixed.crypto == CryptoKind::sodium ? " --crypto real" : " --crypto stand-in";
    if (!options.mistake.empty()) command += " --mistake " + options.mistake;
    return command;
}

Trial logged_trial(std::uint64_t seed, const ProgramOptions& options, const std::string& path) {
    std::ofstream file(path, std::ios::trunc);
    Trial trial = try_seed(seed, options.fixed, [&file](std::string_view line) { file << line << '\n'; });
    file.close();
    if (!file) fmt::print(stderr, "error: {} could not be written whole\n", path);
    return trial;
}

Trial run(std::uint64_t seed, const ProgramOptions& options) {
    if (!options.log.empty()) return logged_trial(seed, options, options.log);
    Trial trial = try_seed(seed, options.fixed);
    const bool once = seed % kTwiceOneIn != 0 || (options.seed && !options.minutes && !options.seeds);
    if (once || !trial.violations.empty()) return trial;
    const std::string again = try_seed(seed, options.fixed).trace;
    if (again != trial.trace) trial.violations.push_back(fmt::format("S8: traces {} and {} of one seed", trial.trace, again));
    return trial;
}

void report(const Trial& trial, const ProgramOptions& options) {
    for (const std::string& violation : trial.violations) fmt::print("broken invariant: {}\n", violation);
    fmt::print("{}\n", trial.story);
    std::string path = options.log;
    if (path.empty()) {
        path = fmt::format("meshmon_sim-{}.log", trial.seed);
        const std::string again = logged_trial(trial.seed, options, path).trace;
        if (again != trial.trace) fmt::print("broken invariant: S8: traces {} and {} of one seed\n", trial.trace, again);
    }
    fmt::print("seed: {}\ncommit: {}\nreplay: {}\nlog: {} (a line a step; compare two runs with diff)\n", trial.seed, kCommit,
               replay_command(trial.seed, options), path);
}

class Watch {
public:
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    }

private:
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// What a failed check of our own leaves to say: which seed it was and how to see it again.
struct LastWords {
    std::string text;
    std::uint64_t seed = 0;
    Watch one;
};
LastWords last_words;

/// Says it and ends the process. Allocates nothing.
extern "C" void when_aborted(int) {
    std::array<char, 256> line{};
    const Progress at = progress().value_or(Progress{});
    const auto end =
        fmt::format_to_n(line.data(), line.size(), "seed {} nodes {} virtual_s {:.1f} wall_s {:.2f} events {} trace {:016x}\n",
                         last_words.seed, at.nodes, at.virtual_s, last_words.one.seconds(), at.events, at.trace);
    for (const std::string_view words : {std::string_view(last_words.text), {line.data(), std::min(end.size, line.size())}}) {
        if (::write(STDOUT_FILENO, words.data(), words.size()) < 0) break;  // nobody reads
    }
    std::_Exit(kBroken);
}

std::uint64_t fresh_seed() {
    std::random_device source;
    return std::uint64_t{source()} << 32U | source();
}

int run_all(const ProgramOptions& options) {
    const Watch all;
    const std::uint64_t first = options.seed ? *options.seed : options.minutes ? fresh_seed() : 1;
    const auto goes_on = [&](std::uint64_t done) {
        if (options.minutes) return all.seconds() < 60 * *options.minutes;
        return done < options.seeds.value_or(1);
    };
    for (std::uint64_t done = 0;; ++done) {
        const std::uint64_t seed = first + done;
        last_words = {fmt::format("broken invariant: a check of our own failed\nseed: {}\ncommit: {}\nreplay: {}\n", seed,
                                  kCommit, replay_command(seed, options)),
                      seed, Watch()};
        const Watch one = last_words.one;
        const Trial trial = run(seed, options);
        const bool is_last = !trial.violations.empty() || !goes_on(done + 1);
        if (!trial.violations.empty()) report(trial, options);
        else if (is_last && done > 0) fmt::print("{}\n", probes_never_passed());
        fmt::print("seed {} nodes {} virtual_s {:.1f} wall_s {:.2f} events {} trace {}\n", seed, trial.nodes, trial.virtual_s,
                   one.seconds(), trial.events, trial.trace);
        std::fflush(stdout);
        if (is_last) return trial.violations.empty() ? 0 : kBroken;
    }
}

int complain(const Error& error) {
    fmt::print(stderr, "error: {}. {}\n", error.message, error.hint);
    return kWrongArguments;
}

int run_program(std::span<const char* const> arguments) {
    const Result<ProgramOptions> options = parse_options(arguments);
    if (!options) return complain(options.error());
    if (options->help) {
        fmt::print("{}", kUsage);
        return 0;
    }
    if (!options->mistake.empty()) {
        if (const auto made = make_mistake(options->mistake); !made) return complain(made.error());
    }
    std::signal(SIGABRT, when_aborted);
    return run_all(*options);
}

}  // namespace
}  // namespace meshmon::sim

int main(int count, char** arguments) { return meshmon::sim::run_program({arguments + 1, static_cast<std::size_t>(count - 1)}); }
