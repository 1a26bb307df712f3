#include "repo/failure.hpp"

#include <csignal>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

#include "config/access.hpp"
#include "repo/printable.hpp"

namespace meshmon::repo {
namespace {

constexpr std::size_t kWordsMax = 300;

enum class Cause {
    unreachable,
    credentials,
    host_unknown,
    host_changed,
    not_found,
    no_branch,
    ownership,
    tls,
    disk,
    objects,
    user
};

struct Sign {
    std::string_view text;  ///< in lower case, as it stands in what git, curl or ssh say in English
    Cause cause;
};

/// The first that is found decides: the more exact ones first.
constexpr std::array<Sign, 35> kSigns{{
    {"remote host identification has changed", Cause::host_changed},
    {"host key verification failed", Cause::host_unknown},
    {"no user exists for uid", Cause::user},
    {"dubious ownership", Cause::ownership},
    {"no space left on device", Cause::disk},
    {"disk quota exceeded", Cause::disk},
    {"read-only file system", Cause::disk},
    {"certificate", Cause::tls},
    {"could not resolve", Cause::unreachable},
    {"couldn't resolve", Cause::unreachable},
    {"connection refused", Cause::unreachable},
    {"connection timed out", Cause::unreachable},
    {"operation timed out", Cause::unreachable},
    {"network is unreachable", Cause::unreachable},
    {"no route to host", Cause::unreachable},
    {"failed to connect", Cause::unreachable},
    {"couldn't connect", Cause::unreachable},
    {"connection reset", Cause::unreachable},
    {"empty reply from server", Cause::unreachable},
    {"authentication failed", Cause::credentials},
    {"could not read username", Cause::credentials},
    {"could not read password", Cause::credentials},
    {"permission denied (", Cause::credentials},
    {"error: 401", Cause::credentials},
    {"error: 403", Cause::credentials},
    {"unprotected private key file", Cause::credentials},
    {"couldn't find remote ref", Cause::no_branch},
    {"does not appear to be a git repository", Cause::not_found},
    {"repository not found", Cause::not_found},
    {"not found", Cause::not_found},
    {"does not exist", Cause::not_found},
    {"error: 404", Cause::not_found},
    {"fsck", Cause::objects},
    {"bad object", Cause::objects},
    {"index-pack failed", Cause::objects},
}};

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::string masked(std::string text, const std::string& token) {
    if (token.empty()) return text;
    for (std::size_t at = 0; (at = text.find(token, at)) != std::string::npos;) text.replace(at, token.size(), "***");
    return text;
}

std::string where(const Git& git) { return printable(git.remote().url); }

std::string token_hint(const Git& git) {
    const std::filesystem::path file = git.folder().parent_path().parent_path() / ".git_tokens" / git.folder().filename();
    return fmt::format("put a token that may read the repository into {} (mode 0600), or into the variable MESHMON_GIT_TOKEN",
                       config::shell_word(file));
}

Error credentials_error(const Git& git, const std::string& words) {
    const Remote& remote = git.remote();
    std::string hint = "let the user that meshmon runs as read the repository";
    if (remote.transport == Transport::ssh) {
        hint = git.credentials().ssh_key
                   ? fmt::format("give the key {} access to the repository (mode 0600, without a passphrase)",
                                 git.credentials().ssh_key->string())
                   : fmt::format(
                         "make a key: `ssh-keygen -t ed25519 -N '' -f {}`, and give the public one beside it access to the "
                         "repository",
                         config::shell_word(git.credentials().ssh_folder / "id_ed25519"));
    } else if (remote.transport == Transport::http && !remote.takes_token()) {
        hint = "write the URL with https: a token is not sent over http";
    } else if (remote.transport != Transport::file) {
        hint = git.credentials().token.empty() ? token_hint(git) : "look whether the token is still valid and may read it";
    }
    return fail("repo.credentials", fmt::format("{} does not let this node in: {}", where(git), words), std::move(hint));
}

Error error_of(Cause cause, const Git& git, const std::string& words) {
    const std::string url = where(git);
    switch (cause) {
        case Cause::unreachable:
            return fail("repo.unreachable", fmt::format("{} cannot be reached: {}", url, words),
                        "look at the address and at this host's network; it is tried again by itself");
        case Cause::credentials: return credentials_error(git, words);
        case Cause::host_unknown:
            return fail("repo.host_unknown",
                        fmt::format("the ssh host key of {} is not known here", printable(git.remote().host)),
                        fmt::format("add its line to {}", (git.credentials().ssh_folder / "known_hosts").string()));
        case Cause::host_changed:
            return fail(
                "repo.host_changed",
                fmt::format("{} answers with another ssh host key than known_hosts says: somebody may have taken its place",
                            printable(git.remote().host)),
                fmt::format("ask its owner; only if the key was changed there, replace its line in {}",
                            (git.credentials().ssh_folder / "known_hosts").string()));
        case Cause::not_found:
            return fail("repo.not_found",
                        fmt::format("there is no repository at {}, or this node may not see it: {}", url, words),
                        git.remote().transport == Transport::file
                            ? "mend git_repo in the node file, or make the repository there; git init --bare begins one"
                            : "mend git_repo in the node file; " + token_hint(git) + " if it is a private one");
        case Cause::no_branch:
            return fail("repo.no_branch", fmt::format("{}: {}", url, words),
                        "mend git_branch in the node file, or push the branch");
        case Cause::ownership:
            return fail("repo.ownership", fmt::format("{} belongs to another user, and git refuses to read it: {}", url, words),
                        "run meshmon as that user, or serve the repository by https or ssh");
        case Cause::tls:
            return fail("repo.tls", fmt::format("the certificate of {} is not trusted: {}", url, words),
                        "add its authority to this host: /usr/local/share/ca-certificates, then update-ca-certificates");
        case Cause::disk:
            return fail("repo.disk", fmt::format("{} cannot be written: {}", git.git_folder().string(), words),
                        fmt::format("df -h {}", config::shell_word(git.folder())));
        case Cause::objects:
            return fail("repo.objects", fmt::format("{} sent what is no sound repository: {}", url, words),
                        "run there: git fsck --full");
        case Cause::user:
            return fail("repo.failed", fmt::format("ssh does not run as a user without a name: {}", words),
                        "add the user to /etc/passwd of this host or container, or take https");
    }
    return fail("repo.failed", words);
}

Error killed(const ChildResult& result, const Git& git) {
    const Limits& limits = git.limits();
    switch (result.end) {
        case ChildResult::End::deadline:
            return fail("repo.timeout",
                        fmt::format("{} did not answer in full within {} s", where(git), limits.time.count() / 1000),
                        "look at the address and at this host's network; it is tried again by itself");
        case ChildResult::End::stopped: return fail("repo.stopped", "this node is stopping");
        case ChildResult::End::too_much: return fail("repo.too_large", fmt::format("{} answers with too much", where(git)));
        case ChildResult::End::exited:
        case ChildResult::End::signalled: break;
    }
    return fail("repo.failed", fmt::format("git ended by signal {}", result.code), "try again; is there enough memory?");
}

/// index-pack is a child of git: its end by the limit of a file's size is told in words alone.
bool hit_size_limit(const ChildResult& result, const std::string& words) {
    if (result.end == ChildResult::End::signalled && result.code == SIGXFSZ) return true;
    return words.contains("died of signal 25") || words.contains("file too large") || words.contains("file size limit");
}

/// The clone on disk, not the remote, refuses: somebody ran git or meshmon there as another user.
bool is_denied_here(const ChildResult& result, const Git& git, const std::string& all) {
    return all.contains("insufficient permission for adding an object") ||
           (all.contains("permission denied") && result.errors.contains(git.git_folder().string()));
}

}  // namespace

Error too_large_to_fetch(const Git& git) {
    return fail("repo.too_large", fmt::format("{} sends more than {} MiB", where(git), git.limits().fetch_bytes >> 20U),
                "keep the configuration in a repository of its own, without large files in its newest commit");
}

std::string last_words(const ChildResult& result, const Git& git) {
    std::string found;
    std::string_view rest = result.errors;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        const bool tells = line.contains("fatal:") || line.contains("error:") || line.contains("ssh:") ||
                           line.contains("denied") || line.contains("ERROR:");
        const bool advice = line.contains("Could not read from remote repository") || line.contains("the remote end hung up");
        if (line.empty() || line.contains("askpass") || (found.size() > 0 && (!tells || advice))) continue;
        if (found.size() > 0) found += "; ";
        found += printable(line);
        if (found.size() > kWordsMax) break;
    }
    if (found.empty()) found = fmt::format("git ended with code {} and no word", result.code);
    return masked(std::move(found), git.credentials().token);
}

Error explain(const ChildResult& result, const Git& git) {
    const std::string all = lower(result.errors);
    if (hit_size_limit(result, all)) return too_large_to_fetch(git);
    if (result.end != ChildResult::End::exited) return killed(result, git);
    const std::string words = last_words(result, git);
    if (is_denied_here(result, git, all)) {
        return fail("repo.folder", fmt::format("the clone {} cannot be written: {}", git.git_folder().string(), words),
                    config::chown_all_command(git.git_folder()));
    }
    const auto sign = std::ranges::find_if(kSigns, [&](const Sign& each) { return all.contains(each.text); });
    if (sign != kSigns.end()) return error_of(sign->cause, git, words);
    return fail("repo.failed", fmt::format("{}: {}", where(git), words), "it is tried again by itself");
}

Error ask_for_host_key(Error unknown, const Git& git, Deadline deadline, const Stop& stop) {
    const Remote& remote = git.remote();
    std::vector<std::string> arguments = {"-T", "5", "-t", "ed25519,ecdsa,rsa"};
    if (!remote.port.empty()) arguments.insert(arguments.end(), {"-p", remote.port});
    arguments.insert(arguments.end(), {"--", remote.host});
    const Result<ChildResult> scan = git.run_other("ssh-keyscan", std::move(arguments), {}, deadline, stop);
    if (!scan || !scan->ok()) return unknown;
    const std::size_t begin = scan->output.starts_with("#") ? scan->output.find('\n') + 1 : 0;
    const std::string line = scan->output.substr(begin, scan->output.find('\n', begin) - begin);
    if (line.empty() || line.size() > 2000 || line.starts_with("#")) return unknown;
    unknown.hint += fmt::format(": if its fingerprint is right, run  mkdir -p {} && echo {} >> {}",
                                config::shell_word(git.credentials().ssh_folder), config::shell_word(line),
                                config::shell_word(git.credentials().ssh_folder / "known_hosts"));
    const Result<ChildResult> print = git.run_other("ssh-keygen", {"-l", "-f", "-"}, line + "\n", deadline, stop);
    if (print && print->ok())
        unknown.message += fmt::format("; it shows {}", printable(print->output.substr(0, print->output.find('\n'))));
    return unknown;
}

}  // namespace meshmon::repo
