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
constexpr int kNoLog = 2;
constexpr int kEndedBySignal = 128;        // and the signal's number, as shells say it
constexpr std::uint64_t kTwiceOneIn = 16;  // seeds that are run twice: S8

std::string replay_command(std::uint64_t seed, const ProgramOptions& options) {
    std::string command = fmt::format("scripts/sim --seed {}", seed);
    if (options.fixed.nodes) command += fmt::format(" --nodes {}", *options.fixed.nodes);
    if (options.fixed.crypto) command += *options.fixed.crypto == CryptoKind::sodium ? " --crypto real" : " --crypto stand-in";
    if (!options.mistake.empty()) command += " --mistake " + options.mistake;
    return command;
}

/// A trial whose steps are written to a file.
struct Logged {
    Trial trial;
    bool is_whole = false;  ///< the file
};

/// Each line is written at once: the last ones are what a run leaves that ends before its time.
Logged logged_trial(std::uint64_t seed, const ProgramOptions& options, const std::string& path) {
    std::ofstream file(path, std::ios::trunc);
    Trial trial = try_seed(seed, options.fixed, [&file](std::string_view line) { file << line << std::endl; });
    if (!file) fmt::print(stderr, "error: {} could not be written whole\n", path);
    return {std::move(trial), file.good()};
}

Trial run(std::uint64_t seed, const ProgramOptions& options) {
    Trial trial = try_seed(seed, options.fixed);
    const bool once = seed % kTwiceOneIn != 0 || (options.seed && !options.minutes && !options.seeds);
    if (once || !trial.violations.empty()) return trial;
    const std::string again = try_seed(seed, options.fixed).trace;
    if (again != trial.trace) trial.violations.push_back(fmt::format("S8: traces {} and {} of one seed", trial.trace, again));
    return trial;
}

/// What broke, and how to see it again. `log_is_whole`: the file of --log, where one was asked for.
void report(const Trial& trial, const ProgramOptions& options, bool log_is_whole) {
    for (const std::string& violation : trial.violations) fmt::print("broken invariant: {}\n", violation);
    fmt::print("{}\n", trial.story);
    std::string path = options.log;
    if (path.empty()) {
        std::fflush(stdout);  // the run for the log takes as long as the first one
        path = fmt::format("meshmon_sim-{}.log", trial.seed);
        const Logged again = logged_trial(trial.seed, options, path);
        log_is_whole = again.is_whole;
        if (again.trial.trace != trial.trace)
            fmt::print("broken invariant: S8: traces {} and {} of one seed\n", trial.trace, again.trial.trace);
    }
    fmt::print("seed: {}\ncommit: {}\nreplay: {}\n", trial.seed, kCommit, replay_command(trial.seed, options));
    if (log_is_whole) fmt::print("log: {} (a line a step; compare two runs with diff)\n", path);
    else fmt::print("log: none, {} could not be written whole\n", path);
}

class Watch {
public:
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    }

private:
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

/// What a failed check of our own, or who interrupts, leaves to say: which seed it was and how to see it again.
struct LastWords {
    std::string text;
    std::uint64_t seed = 0;
    Watch one;
};
LastWords last_words;

/// Says it and ends the process. Allocates nothing.
extern "C" void when_ended(int signal) {
    const bool is_check = signal == SIGABRT;
    const std::string_view why = is_check ? "broken invariant: a check of our own failed\n" : "interrupted\n";
    std::array<char, 256> line{};
    const Progress at = progress().value_or(Progress{});
    const auto end =
        fmt::format_to_n(line.data(), line.size(), "seed {} nodes {} virtual_s {:.1f} wall_s {:.2f} events {} trace {:016x}\n",
                         last_words.seed, at.nodes, at.virtual_s, last_words.one.seconds(), at.events, at.trace);
    for (const std::string_view words :
         {why, std::string_view(last_words.text), {line.data(), std::min(end.size, line.size())}}) {
        if (::write(STDOUT_FILENO, words.data(), words.size()) < 0) break;  // nobody reads
    }
    std::_Exit(is_check ? kBroken : kEndedBySignal + signal);
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
        last_words = {fmt::format("seed: {}\ncommit: {}\nreplay: {}\n", seed, kCommit, replay_command(seed, options)), seed,
                      Watch()};
        const Watch one = last_words.one;
        const auto [trial, log_is_whole] =
            options.log.empty() ? Logged{run(seed, options), true} : logged_trial(seed, options, options.log);
        const bool is_last = !trial.violations.empty() || !goes_on(done + 1);
        if (!trial.violations.empty()) report(trial, options, log_is_whole);
        else if (is_last && done > 0) fmt::print("{}\n", probes_never_passed());
        fmt::print("seed {} nodes {} virtual_s {:.1f} wall_s {:.2f} events {} trace {}\n", seed, trial.nodes, trial.virtual_s,
                   one.seconds(), trial.events, trial.trace);
        std::fflush(stdout);
        if (is_last) return !trial.violations.empty() ? kBroken : log_is_whole ? 0 : kNoLog;
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
    if (!options->log.empty() && !std::ofstream(options->log)) {
        return complain(fail("sim.log", fmt::format("{} cannot be written", options->log), "Name a file in a folder of yours."));
    }
    for (const int signal : {SIGABRT, SIGINT, SIGTERM}) std::signal(signal, when_ended);
    return run_all(*options);
}

}  // namespace
}  // namespace meshmon::sim

int main(int count, char** arguments) { return meshmon::sim::run_program({arguments + 1, static_cast<std::size_t>(count - 1)}); }
