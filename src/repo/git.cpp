#include "repo/git.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "base/bytes.hpp"

namespace meshmon::repo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPathDefault = "/usr/local/bin:/usr/bin:/bin";
constexpr std::string_view kNowhere = "/nonexistent";

/// What may come in from outside: where programs are, the ssh agent, proxies.
constexpr std::array<const char*, 8> kPassedOn = {"SSH_AUTH_SOCK", "http_proxy", "https_proxy", "HTTPS_PROXY",
                                                  "all_proxy",     "ALL_PROXY",  "no_proxy",    "NO_PROXY"};

/// Whatever a clone's own configuration says, these hold.
constexpr std::array<std::string_view, 24> kSettings = {
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.symlinks=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.askPass=",
    "core.pager=cat",
    "core.logAllRefUpdates=false",
    "core.bigFileThreshold=1m",  // larger ones are streamed, not held
    "core.alternateRefsCommand=true",
    "credential.helper=",
    "protocol.version=2",
    "transfer.fsckObjects=true",
    "fetch.fsckObjects=true",
    "transfer.unpackLimit=1",  // what comes stays one file: its size is the size of the fetch
    "fetch.unpackLimit=1",
    "fetch.recurseSubmodules=false",
    "submodule.recurse=false",
    "fetch.writeCommitGraph=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "gc.autoDetach=false",
    "pack.threads=1",
    "http.followRedirects=initial",
};

std::string outside(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : value;
}

std::string search_path() {
    const std::string path = outside("PATH");
    return path.empty() ? std::string(kPathDefault) : path;
}

std::optional<fs::path> find_in_path(std::string_view program) {
    const std::string path = search_path();
    std::string_view rest = path;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        const fs::path file = fs::path(rest.substr(0, end)) / program;
        if (file.is_absolute() && ::access(file.c_str(), X_OK) == 0) return file;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return std::nullopt;
}

/// Inside double quotes of an ssh option, where % begins a token.
std::string ssh_quoted(const fs::path& path) {
    std::string out = "\"";
    for (const char c : path.string()) {
        if (c == '%') out += '%';
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') out += "'\\''";
        else out += c;
    }
    return out + '\'';
}

}  // namespace

std::string ssh_command(const Credentials& credentials) {
    std::vector<std::string> options = {"BatchMode=yes",
                                        "StrictHostKeyChecking=yes",
                                        "UserKnownHostsFile=" + ssh_quoted(credentials.ssh_folder / "known_hosts"),
                                        "GlobalKnownHostsFile=/dev/null",
                                        "CheckHostIP=no",
                                        "UpdateHostKeys=no",
                                        "ConnectTimeout=20",
                                        "ServerAliveInterval=10",
                                        "ControlMaster=no",
                                        "ControlPath=none",
                                        "PermitLocalCommand=no",
                                        "ForwardAgent=no",
                                        "ForwardX11=no",
                                        "ClearAllForwardings=yes"};
    // ssh finds its user's home by itself, whatever HOME says: the keys there are not ours to show. An agent's are.
    options.push_back("IdentityFile=" + (credentials.ssh_key ? ssh_quoted(*credentials.ssh_key) : "none"));
    std::string command = "ssh -F /dev/null";
    for (const std::string& option : options) command += " -o " + shell_quoted(option);
    return command;
}

Git::Git(fs::path folder, Remote remote, Credentials credentials, Limits limits)
    : folder_(fs::absolute(folder).lexically_normal()),
      remote_(std::move(remote)),
      credentials_(std::move(credentials)),
      limits_(limits) {}

Result<fs::path> Git::find_program() {
    if (const auto found = find_in_path("git")) return *found;
    return fail("repo.no_git", "git mode needs the program git, and it is not installed on this host (or not in PATH)",
                "apt-get install git openssh-client ca-certificates; it is found by itself then");
}

std::vector<std::string> Git::environment() const {
    std::vector<std::string> out = {
        "PATH=" + search_path(),
        fmt::format("HOME={}", kNowhere),  // neither git nor what it starts finds a user's files
        "LC_ALL=C",
        "GIT_CONFIG_NOSYSTEM=1",
        "GIT_CONFIG_SYSTEM=/dev/null",
        "GIT_CONFIG_GLOBAL=/dev/null",
        "GIT_ATTR_NOSYSTEM=1",
        "GIT_TERMINAL_PROMPT=0",
        "GIT_ASKPASS=/bin/false",
        "SSH_ASKPASS=/bin/false",
        "GIT_NO_REPLACE_OBJECTS=1",
        "GIT_OPTIONAL_LOCKS=0",
        "GIT_PROTOCOL_FROM_USER=0",
        "GIT_FLUSH=1",
        "GIT_SSH_VARIANT=ssh",
        "GIT_CEILING_DIRECTORIES=" + folder_.string() + ":" + folder_.parent_path().string(),
        // A server may send its callers on from http to https, never elsewhere.
        fmt::format("GIT_ALLOW_PROTOCOL={}{}", to_string(remote_.transport),
                    remote_.transport == Transport::http ? ":https" : ""),
        "GIT_SSH_COMMAND=" + ssh_command(credentials_),
    };
    for (const char* name : kPassedOn) {
        if (const std::string value = outside(name); !value.empty()) out.push_back(fmt::format("{}={}", name, value));
    }
    // What OpenSSL, and so this node's own client, takes: authorities in place of the system's.
    if (const std::string authorities = outside("SSL_CERT_FILE"); !authorities.empty())
        out.push_back("GIT_SSL_CAINFO=" + authorities);
    if (!credentials_.token.empty() && remote_.takes_token()) {
        const bool whole = credentials_.token.contains(':');
        const std::string user = remote_.user.empty() ? "x-access-token" : remote_.user;
        const std::string login = whole ? credentials_.token : user + ":" + credentials_.token;
        out.emplace_back("GIT_CONFIG_COUNT=1");  // in the environment: arguments are for all users of a host to read
        out.push_back(fmt::format("GIT_CONFIG_KEY_0=http.{}.extraHeader", remote_.base));
        out.push_back("GIT_CONFIG_VALUE_0=Authorization: Basic " + to_base64(login));
    }
    return out;
}

Result<ChildResult> Git::run(Call call, Deadline deadline, const Stop& stop) const {
    Result<fs::path> program = find_program();
    if (!program) return program.error();
    ChildOptions child;
    child.program = *std::move(program);
    child.folder = folder_;
    std::vector<std::string> settings(kSettings.begin(), kSettings.end());
    settings.insert(settings.end(), call.settings.begin(), call.settings.end());
    for (std::string& setting : settings) {
        child.arguments.emplace_back("-c");
        child.arguments.push_back(std::move(setting));
    }
    if (!call.bare_of_repository) {
        child.arguments.push_back("--git-dir=" + git_folder().string());
        child.arguments.push_back("--work-tree=" + folder_.string());
    }
    child.arguments.insert(child.arguments.end(), call.arguments.begin(), call.arguments.end());
    child.environment = environment();
    child.input = std::move(call.input);
    child.deadline = deadline;
    child.output_max = call.output_max;
    child.file_max = limits_.fetch_bytes;
    return run_child(child, stop);
}

Result<ChildResult> Git::run_other(std::string_view program, std::vector<std::string> arguments, std::string input,
                                   Deadline deadline, const Stop& stop) const {
    const auto found = find_in_path(program);
    if (!found) return fail("repo.spawn", fmt::format("{} is not installed", program), "apt-get install openssh-client");
    ChildOptions child;
    child.program = *found;
    child.folder = "/";
    child.arguments = std::move(arguments);
    child.environment = environment();
    child.input = std::move(input);
    child.deadline = deadline;
    return run_child(child, stop);
}

}  // namespace meshmon::repo
