#include "cli/node_file.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/suggest.hpp"
#include "config/access.hpp"
#include "config/folder.hpp"
#include "config/write_whole.hpp"
#include "repo/on_disk.hpp"

namespace meshmon::cli {
namespace {

constexpr std::size_t kNodeFileMax = 2 * 1024 * 1024;

std::filesystem::path node_file(const Globals& globals) { return globals.config_dir / globals.config_file_name; }

std::vector<std::string> names_of(const std::vector<KnownNetwork>& networks) {
    std::vector<std::string> names;
    for (const KnownNetwork& each : networks) {
        names.push_back(each.ref.directory);
        if (each.network && each.network->str() != each.ref.directory) names.push_back(each.network->str());
    }
    return names;
}

}  // namespace

Result<config::NodeConfig> read_node_file(const Globals& globals) {
    const auto text = config::read_whole(node_file(globals), kNodeFileMax);
    if (!text) {
        Error error = text.error();
        if (error.code == "config.file_missing") error.hint = command_line(globals, "init");
        return error;
    }
    auto parsed = config::parse_node_config(*text, node_file(globals));
    if (parsed.ok()) return std::move(*parsed.value);
    const auto first = std::ranges::find(parsed.diagnostics, config::Severity::error, &config::Diagnostic::severity);
    const std::string why = first == parsed.diagnostics.end() ? "it cannot be read"
                                                              : fmt::format("{}:{}:{}: {}", first->place.file.string(),
                                                                            first->place.line, first->place.column, first->text);
    return fail("cli.config", why, command_line(globals, "check"));
}

std::filesystem::path data_folder(const Globals& globals) {
    if (globals.data_dir) return *globals.data_dir;
    const auto file = read_node_file(globals);
    if (file && file->data_dir) return *file->data_dir;
    return globals.config_dir / ".data";
}

Result<std::vector<KnownNetwork>> chosen_networks(const Globals& globals) {
    auto file = read_node_file(globals);
    if (!file) return file.error();
    std::vector<KnownNetwork> networks;
    const config::FilesByDirectory commits = repo::files_on_disk(globals.config_dir, file->networks);
    for (const config::NetworkRef& ref : file->networks) {
        const auto commit = commits.find(ref.directory);
        KnownNetwork& known = networks.emplace_back();
        known.ref = ref;
        if (commit != commits.end()) known.files = commit->second;
        if (ref.type == config::ConfigType::git && !known.files) continue;
        known.network = config::load_network_folder(globals.config_dir, ref, {}, known.files.get()).network;
    }
    if (networks.empty()) {
        return fail("cli.no_networks", fmt::format("{} lists no network", node_file(globals).string()),
                    command_line(globals, "check"));
    }
    if (!globals.network) return networks;
    const std::string& wanted = *globals.network;
    const auto is_wanted = [&](const KnownNetwork& each) {
        return each.ref.directory == wanted || (each.network && each.network->str() == wanted);
    };
    const auto found = std::ranges::find_if(networks, is_wanted);
    if (found != networks.end()) return std::vector<KnownNetwork>{*found};
    const auto names = names_of(networks);
    return fail("cli.unknown_network",
                fmt::format("{} lists no network '{}' (it lists: {}){}", node_file(globals).string(), wanted,
                            fmt::join(names, ", "), did_you_mean(wanted, names)),
                command_line(globals, "check"));
}

namespace {

/// None where the file cannot be read.
std::vector<config::NetworkRef> networks_of(const std::filesystem::path& config_dir, const std::string& node_file) {
    const auto text = config::read_whole(config_dir / node_file, kNodeFileMax);
    if (!text) return {};
    const auto parsed = config::parse_node_config(*text, config_dir / node_file);
    return parsed.ok() ? parsed.value->networks : std::vector<config::NetworkRef>();
}

}  // namespace

config::FilesByDirectory commits_on_disk(const std::filesystem::path& config_dir, const std::string& node_file) {
    return repo::files_on_disk(config_dir, networks_of(config_dir, node_file));
}

repo::NewestOnDisk newest_commits_on_disk(const std::filesystem::path& config_dir, const std::string& node_file) {
    return repo::newest_on_disk(config_dir, networks_of(config_dir, node_file));
}

std::string command_line(const Globals& globals, std::string_view words) {
    return config::command_line(globals.config_dir, words);
}

}  // namespace meshmon::cli
