#include "repo/clone.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "config/access.hpp"
#include "config/write_whole.hpp"
#include "crypto/hash.hpp"
#include "repo/failure.hpp"
#include "repo/objects.hpp"
#include "repo/printable.hpp"
#include "repo/tree.hpp"

namespace meshmon::repo {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kListingPerFile = 400;  // bytes of `ls-tree` for one entry, on average, at the most
constexpr std::size_t kRefsAnswerMax = std::size_t{64} * 1024;

bool is_object_name(std::string_view text) {
    return (text.size() == 40 || text.size() == 64) && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// What git itself would take, and nothing that means more than a name in a refspec.
bool is_branch_name(std::string_view text) {
    if (text.empty() || text.size() > 255 || text.starts_with('-') || text.contains("..")) return false;
    return std::ranges::none_of(text, [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || std::string_view("~^:?*[\\").contains(c);
    });
}

/// Lines of `git ls-remote --symref`.
struct RefLine {
    std::string_view value;
    std::string_view name;
};

std::vector<RefLine> ref_lines(std::string_view text) {
    std::vector<RefLine> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t tab = line.find('\t');
        if (tab != std::string_view::npos) out.push_back({line.substr(0, tab), line.substr(tab + 1)});
    }
    return out;
}

std::string refs_of(const std::string& url, const std::string& branch) {
    constexpr std::size_t kDigits = 16;
    return fmt::format("refs/meshmon/{}/", to_hex(view(crypto::blake2b_256(url + "\n" + branch))).substr(0, kDigits));
}

}  // namespace

bool is_about_commit(const Error& error) {
    return error.code == "repo.too_large" || error.code == "repo.too_many_files" || error.code == "repo.link";
}

Clone::Clone(Git git, std::string branch)
    : git_(std::move(git)), branch_(std::move(branch)), refs_(refs_of(git_.remote().url, branch_)) {}

Deadline Clone::deadline() const { return std::chrono::steady_clock::now() + git_.limits().time; }

Result<ChildResult> Clone::run(Git::Call call, Deadline deadline, const Stop& stop) const {
    return git_.run(std::move(call), deadline, stop);
}

// ---- the remote ------------------------------------------------------------------------------------------------------

Result<Clone::Head> Clone::ask(Deadline deadline, const Stop& stop) const {
    const std::string wanted = branch_.empty() ? "HEAD" : "refs/heads/" + branch_;
    const Result<ChildResult> asked =
        run({.arguments = {"ls-remote", "--quiet", "--symref", "--", git_.remote().url, wanted}, .output_max = kRefsAnswerMax},
            deadline, stop);
    if (!asked) return asked.error();
    if (!asked->ok()) {
        Error error = explain(*asked, git_);
        if (error.code == "repo.host_unknown") return ask_for_host_key(std::move(error), git_, deadline, stop);
        return error;
    }
    Head head{.branch = branch_, .commit = {}};
    for (const RefLine& line : ref_lines(asked->output)) {
        constexpr std::string_view kPointer = "ref: refs/heads/";
        if (line.name != wanted) continue;
        if (line.value.starts_with(kPointer)) head.branch = line.value.substr(kPointer.size());
        else head.commit = line.value;
    }
    const std::string url = printable(git_.remote().url);
    if (head.commit.empty() && branch_.empty()) {
        return fail("repo.empty", fmt::format("the repository {} has no commit on its default branch", url),
                    "push config.yml and pubkeys/ to it, or name a branch: git_branch in the node file");
    }
    if (head.commit.empty()) {
        return fail("repo.no_branch", fmt::format("the repository {} has no branch {}", url, config::shell_word(branch_)),
                    "push the branch, or mend git_branch in the node file");
    }
    if (is_object_name(head.commit) && (head.branch.empty() || is_branch_name(head.branch))) return head;
    return fail("repo.failed", fmt::format("{} answers what is no commit or no branch name", url));
}

bool Clone::has(const std::string& commit, Deadline deadline, const Stop& stop) const {
    const Result<ChildResult> found = run({.arguments = {"cat-file", "-e", commit + "^{tree}"}}, deadline, stop);
    return found && found->ok();
}

/// Old commits and packs go first, in a clone of ours.
Result<> Clone::make_room(Deadline deadline, const Stop& stop) {
    if (disk_bytes() < git_.limits().disk_bytes) return {};
    if (is_ours()) {
        const Result<ChildResult> cleaned =
            run({.arguments = {"gc", "--quiet", "--prune=now"}, .settings = {"gc.reflogExpire=now"}}, deadline, stop);
        if (cleaned && cleaned->ok() && disk_bytes() < git_.limits().disk_bytes) return {};
    }
    return fail("repo.too_large",
                fmt::format("the clone {} takes more than {} MiB", git_.git_folder().string(), git_.limits().disk_bytes >> 20U),
                fmt::format("git -C {} gc --prune=now; or mv {} away: it is cloned anew", config::shell_word(git_.folder()),
                            config::shell_word(git_.git_folder())));
}

Result<std::string> Clone::fetch(const Head& head, Deadline deadline, const Stop& stop) {
    if (const Result<> room = make_room(deadline, stop); !room) return room.error();
    const std::string source = head.branch.empty() ? "HEAD" : "refs/heads/" + head.branch;
    const std::string target = refs_ + "fetched";
    Git::Call call{.arguments = {"fetch", "--quiet", "--force", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
                                 "--no-auto-maintenance"}};
    // Somebody else's whole clone stays whole.
    if (is_ours() || is_shallow()) call.arguments.emplace_back("--depth=1");
    call.arguments.insert(call.arguments.end(), {"--", git_.remote().url, "+" + source + ":" + target});
    const auto begin = fs::file_time_type::clock::now();
    const Result<ChildResult> fetched = run(std::move(call), deadline, stop);
    if (!fetched) return fetched.error();
    if (fetched->ok()) return resolve(target, deadline, stop);
    if (remove_half_fetched(begin) >= git_.limits().fetch_bytes) return too_large_to_fetch(git_);
    Error error = explain(*fetched, git_);
    const bool may_be_ours = error.code == "repo.objects" || error.code == "repo.failed";
    if (may_be_ours && !is_sound(deadline, stop)) error.code = "repo.damaged";
    return error;
}

/// Whether what was fetched before can still be found: otherwise the fault lies on this side.
bool Clone::is_sound(Deadline deadline, const Stop& stop) const {
    const Result<ChildResult> refs = run({.arguments = {"for-each-ref", "--format=%(objectname)", refs_}}, deadline, stop);
    if (!refs || refs->end != ChildResult::End::exited) return true;  // nothing is known
    if (refs->code != 0) return false;
    std::string_view rest = refs->output;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        if (!has(std::string(rest.substr(0, end)), deadline, stop)) return false;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return true;
}

/// What a fetch that failed has left; the size of the largest such file.
std::uint64_t Clone::remove_half_fetched(std::filesystem::file_time_type begin) const {
    std::uint64_t largest = 0;
    std::error_code failed;
    std::vector<fs::path> found;
    for (fs::directory_iterator it(git_.git_folder() / "objects" / "pack", failed), end; it != end && !failed;
         it.increment(failed)) {
        std::error_code gone;
        if (!it->path().filename().string().starts_with("tmp_") || it->last_write_time(gone) < begin || gone) continue;
        largest = std::max<std::uint64_t>(largest, it->file_size(gone));
        found.push_back(it->path());
    }
    for (const fs::path& file : found) {
        if (is_ours()) fs::remove(file, failed);
    }
    return largest;
}

Look Clone::look(const std::string& known, const Stop& stop) {
    Look out;
    const Deadline until = deadline();
    const auto failed = [&out](const Error& error, const std::string& commit = {}) {
        out.error = error;
        if (is_about_commit(error)) out.commit = commit;
        return std::move(out);
    };
    const Result<bool> made = open(until, stop, out.notes);
    if (!made) return failed(made.error());
    const Result<Head> head = ask(until, stop);
    if (!head) return failed(head.error());
    if (head->commit == known && !*made) {
        out.commit = known;
        return out;
    }
    // The second round is for a clone that lost what it should have.
    for (const bool last : {false, true}) {
        std::string commit = head->commit;
        if (!has(commit, until, stop)) {
            Result<std::string> fetched = fetch(*head, until, stop);
            if (!fetched && fetched.error().code != "repo.damaged") return failed(fetched.error(), head->commit);
            if (fetched) commit = *std::move(fetched);
        }
        Result<config::NetworkFiles> files = read(commit, head->branch, until, stop);  // not there after all: damaged
        if (files) {
            out.commit = commit;
            out.files = *std::move(files);
            return out;
        }
        if (last || files.error().code != "repo.damaged") return failed(files.error(), commit);
        if (const Result<> aside = set_aside(out.notes); !aside) return failed(aside.error());
        if (const Result<bool> opened = open(until, stop, out.notes); !opened) return failed(opened.error());
    }
    return out;
}

// ---- commits ---------------------------------------------------------------------------------------------------------

Result<std::string> Clone::resolve(const std::string& name, Deadline deadline, const Stop& stop) const {
    const Result<ChildResult> found =
        run({.arguments = {"rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"}}, deadline, stop);
    if (!found) return found.error();
    const std::string id = found->output.substr(0, found->output.find('\n'));
    if (found->ok() && is_object_name(id)) return id;
    if (found->end != ChildResult::End::exited) return explain(*found, git_);
    return fail("repo.damaged", fmt::format("{} names no commit in {}", name, git_.git_folder().string()));
}

/// What a ref of ours names, be it that its object is lost; absent: there is no such ref.
Result<std::optional<std::string>> Clone::find(const std::string& ref, Deadline deadline, const Stop& stop) const {
    const Result<ChildResult> found = run({.arguments = {"for-each-ref", "--format=%(objectname)", ref}}, deadline, stop);
    if (!found) return found.error();
    if (found->end != ChildResult::End::exited) return explain(*found, git_);
    if (found->code != 0)
        return fail("repo.damaged", fmt::format("{}: {}", git_.git_folder().string(), last_words(*found, git_)));
    const std::string id = found->output.substr(0, found->output.find('\n'));
    return is_object_name(id) ? std::optional(id) : std::nullopt;
}

Result<config::NetworkFiles> Clone::read(const std::string& commit, const std::string& branch, Deadline deadline,
                                         const Stop& stop) const {
    const Limits& limits = git_.limits();
    const Result<ChildResult> listed =
        run({.arguments = {"ls-tree", "-r", "-l", "-z", "--full-tree", commit}, .output_max = limits.files * kListingPerFile},
            deadline, stop);
    if (!listed) return listed.error();
    if (listed->end == ChildResult::End::too_much) {
        return fail("repo.too_many_files", fmt::format("the commit has more than {} files", limits.files),
                    "keep the configuration in a repository of its own");
    }
    if (listed->end == ChildResult::End::exited && listed->code != 0)
        return fail("repo.damaged", fmt::format("{}: {}", git_.git_folder().string(), last_words(*listed, git_)));
    if (!listed->ok()) return explain(*listed, git_);
    const Result<TreePlan> plan = plan_tree(listed->output, limits);
    if (!plan) return plan.error();
    const std::string request = batch_request(commit, *plan);
    const Result<ChildResult> contents = run(
        {.arguments = {"cat-file", "--batch"}, .input = request, .output_max = batch_bytes_max(request, *plan)}, deadline, stop);
    if (!contents) return contents.error();
    if (contents->end == ChildResult::End::exited && contents->code != 0)
        return fail("repo.damaged", fmt::format("{}: {}", git_.git_folder().string(), last_words(*contents, git_)));
    if (!contents->ok()) return explain(*contents, git_);
    Result<config::NetworkFiles> files = read_batch(contents->output, *plan);
    if (files) files->commit->branch = branch;
    return files;
}

/// The branch that the clone stands on, for people.
std::string Clone::head_branch() const {
    constexpr std::size_t kHeadMax = 1024;
    constexpr std::string_view kPointer = "ref: refs/heads/";
    const Result<std::string> head = config::read_whole(git_.git_folder() / "HEAD", kHeadMax);
    if (!head || !head->starts_with(kPointer)) return {};
    return head->substr(kPointer.size(), head->find('\n') - kPointer.size());
}

Result<config::NetworkFiles> Clone::read_on_disk(const Stop& stop) const {
    const Result<bool> there = exists();
    if (!there) return there.error();
    if (!*there) return fail("repo.no_clone", fmt::format("{} holds no clone yet", git_.folder().string()));
    const Deadline until = deadline();
    std::vector<std::string> names = {refs_ + "good"};
    if (!is_ours()) {
        names.push_back(branch_.empty() ? "refs/remotes/origin/HEAD" : "refs/remotes/origin/" + branch_);
        names.push_back(branch_.empty() ? "HEAD" : "refs/heads/" + branch_);
    }
    for (const std::string& name : names) {
        const Result<std::string> commit = resolve(name, until, stop);
        if (commit) return read(*commit, branch_.empty() ? head_branch() : branch_, until, stop);
        if (commit.error().code != "repo.damaged") return commit.error();
    }
    return fail("repo.no_clone", fmt::format("the clone in {} holds no commit that was found good yet", git_.folder().string()));
}

Result<std::optional<config::NetworkFiles>> Clone::read_newest(const Stop& stop) const {
    const Result<bool> there = exists();
    if (!there) return there.error();
    if (!*there) return std::optional<config::NetworkFiles>();
    const Deadline until = deadline();
    const Result<std::optional<std::string>> newest = find(refs_ + "fetched", until, stop);
    if (!newest) return newest.error();
    const Result<std::optional<std::string>> good = find(refs_ + "good", until, stop);
    if (!good) return good.error();
    if (!*newest || *good == *newest) return std::optional<config::NetworkFiles>();
    Result<config::NetworkFiles> files = read(**newest, branch_.empty() ? head_branch() : branch_, until, stop);
    if (!files) return files.error();
    return std::optional(*std::move(files));
}

Result<> Clone::keep(const config::Commit& commit, const Stop& stop) {
    const Deadline until = deadline();
    std::vector<Git::Call> calls = {{.arguments = {"update-ref", refs_ + "good", commit.id}}};
    if (is_ours()) {
        const std::string branch = commit.branch.empty() ? "main" : commit.branch;
        calls.push_back({.arguments = {"symbolic-ref", "HEAD", "refs/heads/" + branch}});
        calls.push_back({.arguments = {"reset", "--hard", "--quiet", commit.id}});
        calls.push_back({.arguments = {"gc", "--auto", "--quiet", "--prune=now"},
                         .settings = {"gc.auto=1000", "gc.autoPackLimit=20", "gc.autoDetach=false"}});
    }
    for (Git::Call& call : calls) {
        const std::string step = call.arguments.front();
        const Result<ChildResult> done = run(std::move(call), until, stop);
        if (!done) return done.error();
        if (done->ok()) continue;
        const bool denied = done->errors.contains("Permission denied");
        return fail("repo.failed", fmt::format("git {} in {}: {}", step, git_.folder().string(), last_words(*done, git_)),
                    fmt::format("{}the commit runs all the same; after a restart without the repository's host the one before it "
                                "may be read",
                                denied ? config::chown_all_command(git_.folder()) + "; meanwhile " : ""));
    }
    return {};
}

}  // namespace meshmon::repo
