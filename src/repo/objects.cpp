#include "repo/objects.hpp"

#include <charconv>
#include <chrono>
#include <optional>

#include <fmt/format.h>

namespace meshmon::repo {
namespace {

constexpr std::size_t kCommitMax = std::size_t{256} * 1024;  // a message longer than that is no reason to look further
constexpr std::size_t kSubjectMax = 200;
constexpr std::int64_t kTimeMax = 253'402'300'799;  // the end of the year 9999

struct Object {
    std::string_view name;
    std::string_view kind;
    std::string_view bytes;
};

Error damaged(std::string_view what) { return fail("repo.damaged", fmt::format("the clone lacks a part of a commit: {}", what)); }

std::string_view take_until(std::string_view& text, char end) {
    const std::size_t at = std::min(text.find(end), text.size());
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return part;
}

/// "9f3c... blob 12\n" and 12 bytes and "\n".
Result<Object> take_object(std::string_view& answer, std::string_view kind) {
    std::string_view head = take_until(answer, '\n');
    Object object;
    object.name = take_until(head, ' ');
    object.kind = take_until(head, ' ');
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(head.data(), head.data() + head.size(), size);
    if (object.kind != kind || error != std::errc() || end != head.data() + head.size() || answer.size() < size + 1)
        return damaged(object.name);
    object.bytes = answer.substr(0, size);
    answer.remove_prefix(size + 1);
    return object;
}

/// The number in "Name <mail> 1700000000 +0100".
std::optional<std::int64_t> seconds_of(std::string_view line) {
    const std::size_t mail_end = line.rfind("> ");
    if (mail_end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = line.substr(mail_end + 2);
    std::int64_t seconds = 0;
    if (std::from_chars(rest.data(), rest.data() + rest.size(), seconds).ec != std::errc()) return std::nullopt;
    if (seconds < 0 || seconds > kTimeMax) return std::nullopt;
    return seconds;
}

config::Commit read_commit(const Object& object) {
    config::Commit commit;
    commit.id = object.name;
    std::string_view rest = object.bytes;
    while (!rest.empty()) {
        const std::string_view line = take_until(rest, '\n');
        if (line.empty()) break;  // the message follows
        if (!line.starts_with("committer ")) continue;
        if (const auto seconds = seconds_of(line)) commit.time = WallTime(std::chrono::seconds(*seconds));
    }
    commit.subject = take_until(rest, '\n').substr(0, kSubjectMax);
    return commit;
}

}  // namespace

std::string batch_request(const std::string& commit, const TreePlan& plan) {
    std::string out = commit + "\n";
    if (!plan.config.empty()) out += plan.config + "\n";
    for (const auto& [name, object] : plan.keys) out += object + "\n";
    return out;
}

std::size_t batch_bytes_max(std::string_view request, const TreePlan& plan) {
    constexpr std::size_t kHeadMax = 40;  // kind, size and the line ends of one object, beside its name
    return request.size() + (plan.keys.size() + 2) * kHeadMax + plan.read_bytes + kCommitMax;
}

Result<config::NetworkFiles> read_batch(std::string_view answer, const TreePlan& plan) {
    config::NetworkFiles files;
    const Result<Object> commit = take_object(answer, "commit");
    if (!commit) return commit.error();
    files.commit = read_commit(*commit);
    if (!plan.config.empty()) {
        const Result<Object> config = take_object(answer, "blob");
        if (!config) return config.error();
        files.config = config->bytes;
    }
    for (const auto& [name, object] : plan.keys) {
        const Result<Object> key = take_object(answer, "blob");
        if (!key) return key.error();
        files.keys.emplace(name, key->bytes);
    }
    return files;
}

}  // namespace meshmon::repo
