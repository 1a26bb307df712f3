#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "cli/node_file.hpp"
#include "cli/suggest.hpp"
#include "cli/version.hpp"
#include "config/codes.hpp"
#include "config/folder.hpp"
#include "config/load.hpp"
#include "config/write_whole.hpp"

namespace meshmon::cli {
namespace {

namespace fs = std::filesystem;
using config::Diagnostic;

constexpr std::size_t kConfigFileMax = 2 * 1024 * 1024;

/// What `meshmon check` was asked to look at.
struct Target {
    std::string node_file;
    std::optional<std::string> network;  ///< id or directory; only this one of a folder
};

Diagnostic about_folder(config::Severity severity, std::string_view code, const fs::path& folder, std::string text,
                        std::string hint) {
    Diagnostic out;
    out.severity = severity;
    out.code = code;
    out.place.file = folder;
    out.text = std::move(text);
    out.hint = std::move(hint);
    return out;
}

/// That there is no commit yet, which the loader found, is not so: there is one.
void add_failure(std::string_view code, std::string_view what, const Error& why, const fs::path& folder,
                 config::LoadedNetwork& network) {
    std::erase_if(network.diagnostics, [](const Diagnostic& each) { return each.code == config::code::kNoRepositoryYet; });
    network.diagnostics.push_back(
        about_folder(config::Severity::error, code, folder, fmt::format("{}{}", what, why.message), why.hint));
}

/// In git mode the newest commit that was fetched is what counts, be it that the network runs another: what is said about that.
void add_newest(const repo::NewestOnDisk& newest, const fs::path& config_dir, config::Loaded& loaded) {
    for (config::LoadedNetwork& network : loaded.networks) {
        const fs::path folder = config::network_folder(config_dir, network.ref.directory);
        if (const auto refused = newest.refused.find(network.ref.directory); refused != newest.refused.end()) {
            add_failure(config::code::kCommitRefused, "the newest commit is refused: ", refused->second, folder, network);
        }
        if (const auto unread = newest.unread.find(network.ref.directory); unread != newest.unread.end()) {
            Error why = unread->second;
            if (why.hint.empty()) why.hint = "a running meshmon makes a damaged clone anew by itself";
            add_failure(config::code::kCommitUnread, "the newest commit could not be read, so nothing is known of it: ", why,
                        folder, network);
        }
        if (const auto files = newest.files.find(network.ref.directory); files != newest.files.end()) {
            network.diagnostics.push_back(
                about_folder(config::Severity::note, config::code::kNewerCommit, folder,
                             fmt::format("this is about commit {}, the newest one that was fetched; it is not in use yet",
                                         files->second->commit->text()),
                             "a commit with errors is not taken over: mend it in the repository, commit and push"));
        }
    }
}

Result<std::vector<Diagnostic>> check_folder(const fs::path& folder, const Target& target) {
    config::FilesByDirectory files = commits_on_disk(folder, target.node_file);
    const repo::NewestOnDisk newest = newest_commits_on_disk(folder, target.node_file);
    for (const auto& [directory, newer] : newest.files) files[directory] = newer;
    config::Loaded loaded = config::load({.config_dir = folder,
                                          .node_file = target.node_file,
                                          .mode = config::LoadMode::check,
                                          .version = kVersion,
                                          .files = std::move(files)});
    add_newest(newest, folder, loaded);
    if (!target.network || loaded.state != config::NodeFileState::loaded) return loaded.all();
    std::vector<Diagnostic> found = loaded.diagnostics;
    std::vector<std::string> names;
    for (const config::LoadedNetwork& each : loaded.networks) {
        names.push_back(each.ref.directory);
        if (each.network) names.push_back(each.network->str());
        const bool meant = each.ref.directory == *target.network || (each.network && each.network->str() == *target.network);
        if (meant) found.insert(found.end(), each.diagnostics.begin(), each.diagnostics.end());
    }
    if (std::ranges::find(names, *target.network) != names.end()) return found;
    return fail("cli.unknown_network",
                fmt::format("{} lists no network '{}'{}", loaded.node_file.string(), *target.network,
                            did_you_mean(*target.network, names)),
                "meshmon check");
}

/// A network's config.yml: with its keys where it lies in networks/<directory>/, otherwise the file alone.
Result<std::vector<Diagnostic>> check_network_file(const fs::path& file) {
    const fs::path folder = fs::absolute(file).lexically_normal().parent_path();
    if (file.filename() == "config.yml" && folder.parent_path().filename() == "networks") {
        config::NetworkRef ref;
        ref.directory = folder.filename();
        fs::path config_dir = folder.parent_path().parent_path();
        if (file.is_relative()) config_dir = config_dir.lexically_relative(fs::current_path());
        return config::load_network_folder(config_dir, ref, kVersion).diagnostics;
    }
    auto text = config::read_whole(file, kConfigFileMax);
    if (!text) return text.error();
    return config::parse_network_config(*text, file, kVersion).diagnostics;
}

Result<std::vector<Diagnostic>> check_path(const fs::path& path, const Target& target) {
    std::error_code failed;
    const fs::file_status status = fs::status(path, failed);
    if (!fs::exists(status)) return fail("cli.no_path", fmt::format("{} does not exist", path.string()), "meshmon init");
    if (fs::is_directory(status)) {
        if (!fs::exists(path / target.node_file, failed) && fs::exists(path / "config.yml", failed))
            return check_network_file(path / "config.yml");
        return check_folder(path, target);
    }
    if (path.filename() == target.node_file || path.filename() == "nodeconf.yml") {
        const Target named{.node_file = path.filename(), .network = target.network};
        return check_folder(path.has_parent_path() ? path.parent_path() : fs::path("."), named);
    }
    return check_network_file(path);
}

std::string_view word(config::Severity severity) {
    switch (severity) {
        case config::Severity::note: return "note";
        case config::Severity::warning: return "warning";
        case config::Severity::error: return "error";
    }
    return "";
}

Colour colour_of(config::Severity severity) {
    switch (severity) {
        case config::Severity::note: return Colour::grey;
        case config::Severity::warning: return Colour::yellow;
        case config::Severity::error: return Colour::red;
    }
    return Colour::none;
}

/// config::format's lines, each made safe on its own, with the severity coloured.
std::string shown(const Diagnostic& diagnostic, const Terminal& terminal) {
    std::string rest = config::format(diagnostic);
    std::string out;
    const std::string mark = fmt::format("{}[{}]:", word(diagnostic.severity), diagnostic.code);
    bool first = true;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        std::string line = sanitise(rest.substr(0, end), terminal, 1000);
        rest.erase(0, end + 1);
        if (const std::size_t at = line.find(mark); first && at != std::string::npos) {
            line.replace(at, mark.size(), paint(mark, colour_of(diagnostic.severity), terminal));
        }
        first = false;
        out += line + '\n';
    }
    return out;
}

std::string plural(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

boost::json::value to_json(const Diagnostic& diagnostic) {
    boost::json::object out = {{"severity", word(diagnostic.severity)},
                               {"code", diagnostic.code},
                               {"text", diagnostic.text},
                               {"hint", diagnostic.hint},
                               {"file", diagnostic.place.file.string()}};
    if (diagnostic.place.line > 0) {
        out["line"] = diagnostic.place.line;
        out["column"] = diagnostic.place.column;
    } else {
        out["line"] = nullptr;
        out["column"] = nullptr;
    }
    return out;
}

void print(const std::vector<Diagnostic>& diagnostics, const config::Counts& counts, Context& context) {
    if (context.globals.json) {
        boost::json::array list;
        for (const Diagnostic& each : diagnostics) list.push_back(to_json(each));
        const boost::json::value body = {{"schema", 1},
                                         {"errors", counts.errors},
                                         {"warnings", counts.warnings},
                                         {"notes", counts.notes},
                                         {"diagnostics", std::move(list)}};
        context.out << json_line(body);
        return;
    }
    for (const Diagnostic& each : diagnostics) {
        if (context.globals.quiet && each.severity == config::Severity::note) continue;
        context.out << shown(each, context.out_terminal);
    }
    context.out << fmt::format("{}, {}\n", plural(counts.errors, "error"), plural(counts.warnings, "warning"));
}

}  // namespace

int check_command(const Invocation& invocation, Context& context) {
    const Target target{.node_file = context.globals.config_file_name, .network = context.globals.network};
    const auto diagnostics = invocation.positionals.empty() ? check_folder(context.globals.config_dir, target)
                                                            : check_path(invocation.positionals.front(), target);
    if (!diagnostics) return report(context, "nothing to check", diagnostics.error(), kFailed);
    const config::Counts counts = config::count(*diagnostics);
    print(*diagnostics, counts, context);
    if (counts.errors > 0) return kFailed;
    return counts.warnings > 0 && invocation.has("--strict") ? kStrictWarnings : kOk;
}

}  // namespace meshmon::cli
