#include "config/revision.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace meshmon::config {

namespace {

constexpr std::string_view kCommitMark = "git:";
constexpr std::size_t kCommitDigits = 12;
constexpr std::size_t kTextMax = 64;                 // wire::kRevisionMax
constexpr std::int64_t kSecondsMax = 4'102'444'800;  // in 2100

std::string_view take_word(std::string_view& rest) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
}

void read_commit(std::string_view word, Revision& out) {
    const std::size_t at = word.find('@');
    out.commit = word.substr(0, at);
    if (at == std::string_view::npos) return;
    const std::string_view digits = word.substr(at + 1);
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    if (error != std::errc() || end != digits.data() + digits.size() || seconds < 0 || seconds > kSecondsMax) return;
    out.committed = WallTime(std::chrono::seconds(seconds));
}

/// By the last part of the codes that src/repo gives.
std::string_view pull_words(std::string_view cause) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kWords = {{
        {"credentials", "it is not let in"},
        {"token", "its token cannot be used"},
        {"not_found", "there is no such repository"},
        {"no_branch", "there is no such branch"},
        {"empty", "there is no commit yet"},
        {"unreachable", "the host is not reached"},
        {"timeout", "no answer in time"},
        {"tls", "the host's certificate is not good"},
        {"host_unknown", "the ssh host is not in known_hosts"},
        {"host_changed", "the ssh host has another key than known_hosts says"},
        {"no_git", "git is not installed there"},
        {"spawn", "git cannot be started there"},
        {"disk", "its disk is full or broken"},
        {"folder", "its folder cannot be written"},
        {"ownership", "its clone belongs to another user"},
        {"damaged", "its clone is damaged"},
        {"foreign", "another repository lies in the clone's place"},
    }};
    const auto found = std::ranges::find(kWords, cause, &std::pair<std::string_view, std::string_view>::first);
    return found == kWords.end() ? std::string_view() : found->second;
}

}  // namespace

std::string trouble_words(std::string_view trouble) {
    if (trouble.empty()) return {};
    if (trouble == kTroubleRejected) return "rejects a newer config that does not load";
    if (!trouble.starts_with(kTroublePull)) return fmt::format("cannot get a newer config: {}", trouble);
    const std::string_view words = pull_words(trouble.substr(kTroublePull.size()));
    if (words.empty()) return fmt::format("cannot fetch its repository: {}", trouble);
    return fmt::format("cannot fetch its repository: {} ({})", words, trouble);
}

std::string_view difference_words(bool same_content, bool same_roster) {
    if (same_roster) return "other settings";
    return same_content ? "other keys" : "other nodes or keys";
}

std::string Revision::text() const {
    std::string out = content;
    if (!commit.empty()) {
        out += fmt::format(" {}{}", kCommitMark, commit.substr(0, kCommitDigits));
        if (committed)
            out += fmt::format("@{}", std::chrono::duration_cast<std::chrono::seconds>(committed->time_since_epoch()).count());
    }
    if (!trouble.empty()) out += " !" + trouble;
    return out.substr(0, kTextMax);
}

Revision Revision::parse(std::string_view text) {
    Revision out;
    out.content = take_word(text);
    while (!text.empty()) {
        std::string_view word = take_word(text);
        if (word.starts_with(kCommitMark)) read_commit(word.substr(kCommitMark.size()), out);
        else if (word.starts_with('!')) out.trouble = word.substr(1);
    }
    return out;
}

}  // namespace meshmon::config
