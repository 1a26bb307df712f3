#include "repo/tree.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "config/text.hpp"

namespace meshmon::repo {
namespace {

constexpr std::string_view kConfig = "config.yml";
constexpr std::string_view kKeyFolder = "pubkeys";
constexpr std::string_view kKeyPrefix = "pubkeys/";
constexpr std::size_t kModeDigits = 6;

struct Entry {
    std::string_view mode;
    std::string_view object;
    std::uint64_t size = 0;  ///< 0 where it is no file
    std::string_view path;
};

std::string_view take_word(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

/// "100644 blob 9f3c... 1234\tpath"
std::optional<Entry> read_entry(std::string_view text) {
    const std::size_t tab = text.find('\t');
    if (tab == std::string_view::npos) return std::nullopt;
    Entry entry;
    entry.path = text.substr(tab + 1);
    std::string_view head = text.substr(0, tab);
    entry.mode = take_word(head);
    take_word(head);
    entry.object = take_word(head);
    const std::string_view size = take_word(head);
    const bool number = std::from_chars(size.data(), size.data() + size.size(), entry.size).ec == std::errc();
    if (entry.mode.size() != kModeDigits || entry.object.empty() || entry.path.empty() || (!number && size != "-"))
        return std::nullopt;
    return entry;
}

bool is_file(const Entry& entry) { return entry.mode.starts_with("100"); }

bool concerns_us(std::string_view path) { return path == kConfig || path == kKeyFolder || path.starts_with(kKeyPrefix); }

Error link_error(const Entry& entry) {
    const bool symlink = entry.mode == "120000";
    return fail("repo.link",
                fmt::format("{} is {}, which is never followed", config::in_quotes(entry.path),
                            symlink ? "a symbolic link" : "another repository (a submodule)"),
                "commit the file itself in its place");
}

void plan_entry(const Entry& entry, TreePlan& plan) {
    if (entry.path == kConfig) {
        plan.config = entry.object;
        plan.read_bytes += entry.size;
        return;
    }
    if (!entry.path.starts_with(kKeyPrefix)) return;
    const std::string_view name = entry.path.substr(kKeyPrefix.size());
    if (name.contains('/') || !name.ends_with(".pub")) return;
    plan.keys.emplace(name, entry.object);
    plan.read_bytes += entry.size;
}

std::string mib(std::uint64_t bytes) { return fmt::format("{} MiB", bytes >> 20U); }

}  // namespace

Result<TreePlan> plan_tree(std::string_view listing, const Limits& limits) {
    TreePlan plan;
    std::size_t files = 0;
    std::uint64_t bytes = 0;
    while (!listing.empty()) {
        const std::size_t end = std::min(listing.find('\0'), listing.size());
        const std::optional<Entry> entry = read_entry(listing.substr(0, end));
        if (!entry) return fail("repo.damaged", "git lists a commit in a form that is not known");
        listing.remove_prefix(std::min(end + 1, listing.size()));
        if (++files > limits.files) {
            return fail("repo.too_many_files", fmt::format("the commit has more than {} files", limits.files),
                        "keep the configuration in a repository of its own");
        }
        bytes += entry->size;
        if (bytes > limits.file_bytes) {
            return fail("repo.too_large", fmt::format("the files of the commit have more than {}", mib(limits.file_bytes)),
                        "keep the configuration in a repository of its own");
        }
        if (!concerns_us(entry->path)) continue;
        if (!is_file(*entry)) return link_error(*entry);
        plan_entry(*entry, plan);
    }
    if (plan.read_bytes <= limits.read_bytes) return plan;
    return fail("repo.too_large", fmt::format("config.yml and pubkeys/ have more than {}", mib(limits.read_bytes)),
                "is there anything else than keys in pubkeys/?");
}

}  // namespace meshmon::repo
