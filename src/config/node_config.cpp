#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "config/codes.hpp"
#include "config/config.hpp"
#include "config/findings.hpp"
#include "config/node_config.hpp"
#include "config/reader.hpp"
#include "config/url.hpp"
#include "config/yaml_tree.hpp"

namespace meshmon::config {

namespace {

constexpr std::size_t kDirectoryMax = 128;
constexpr std::size_t kPathMax = 1024;
constexpr std::size_t kBranchMax = 255;
constexpr Limits kGitInterval{.smallest = 5, .largest = 86'400};
constexpr std::array<std::string_view, 3> kConfigTypes{"local", "git", "github"};

std::optional<std::string> read_directory(YamlNode node, Findings& findings) {
    std::optional<std::string> text = read_text(node, "directory", kPathMax, findings);
    if (!text || is_valid_directory(*text)) return text;
    findings.error(code::kBadName, node.spot(), fmt::format("directory {} cannot be a folder under networks/", in_quotes(*text)),
                   "one path component of at most 128 bytes: no '/', not only dots, no '-' in front");
    return std::nullopt;
}

std::string read_branch(YamlNode node, Findings& findings) {
    const std::optional<std::string> text = read_text(node, "git_branch", kBranchMax, findings);
    if (!text) return {};
    if (!text->starts_with('-') && !text->contains(' ') && !text->contains("..")) return *text;
    findings.error(code::kBadText, node.spot(), fmt::format("git_branch {} is no branch name", in_quotes(*text)),
                   "no '-' in front, no space, no '..'");
    return {};
}

void read_git_keys(MapReader& map, NetworkRef& ref, Findings& findings) {
    const std::optional<YamlNode> repo = map.find_value("git_repo");
    const std::optional<YamlNode> branch = map.find_value("git_branch");
    const std::optional<YamlNode> interval = map.find_value("git_interval");
    if (branch) ref.git_branch = read_branch(*branch, findings);
    if (interval) ref.git_interval = read_seconds(*interval, "git_interval", kGitInterval, findings).value_or(ref.git_interval);
    if (repo) {
        if (const auto text = read_text(*repo, "git_repo", kPathMax * 2, findings)) {
            Result<std::string> url = parse_git_url(*text);
            if (url) ref.git_repo = *std::move(url);
            else findings.error(code::kBadRepository, repo->spot(), url.error().message, url.error().hint);
        }
    }
    if (ref.type == ConfigType::git && !repo) {
        findings.error(code::kKeyRequired, map.key_spot("config_type"),
                       "networks[] with config_type git lacks the key 'git_repo'", "add git_repo: and the repository's URL");
    }
    if (ref.type == ConfigType::local && repo) {
        findings.warning(code::kNoEffect, map.key_spot("git_repo"), "git_repo has no effect: config_type is local",
                         "add config_type: git, or remove git_repo");
    }
}

std::optional<NetworkRef> read_network(YamlNode node, Findings& findings) {
    MapReader map(node, "networks[]", findings);
    NetworkRef ref;
    const auto directory = map.require("directory", "add directory: and the name of the folder under networks/");
    const auto node_id = map.require("node_id", "add node_id: and this node's name in the network");
    const auto type = map.find_value("config_type");
    if (type && read_choice(*type, "config_type", kConfigTypes, findings).value_or("local") != "local")
        ref.type = ConfigType::git;
    read_git_keys(map, ref, findings);
    map.warn_unknown();
    if (!directory || !node_id) return std::nullopt;
    std::optional<std::string> folder = read_directory(*directory, findings);
    std::optional<NodeId> id = read_node_id(*node_id, "node_id", findings);
    if (!folder || !id) return std::nullopt;
    ref.directory = *std::move(folder);
    ref.node_id = *std::move(id);
    ref.place = findings.place(directory->spot());
    return ref;
}

std::vector<NetworkRef> read_networks(MapReader& root, Findings& findings) {
    std::vector<NetworkRef> networks;
    const auto list = root.require("networks", "add networks: with an entry for each network, or networks: []");
    if (!list) return networks;
    std::unordered_map<std::string, int> lines;
    for (const YamlNode item : read_list(*list, "networks", findings)) {
        std::optional<NetworkRef> ref = read_network(item, findings);
        if (!ref) continue;
        const auto [first, is_new] = lines.emplace(ref->directory, ref->place.line);
        if (is_new) {
            networks.push_back(*std::move(ref));
            continue;
        }
        findings.error(code::kDuplicateDirectory, {.line = ref->place.line, .column = ref->place.column},
                       fmt::format("directory {} stands here a second time", in_quotes(ref->directory)),
                       fmt::format("the first is in line {}: each network has a folder of its own", first->second));
    }
    if (networks.empty() && !findings.has_errors()) {
        findings.note(code::kNoNetworks, root.key_spot("networks"), "no networks: this node watches nothing yet",
                      "add an entry with directory and node_id");
    }
    return networks;
}

}  // namespace

bool is_valid_directory(std::string_view text) {
    if (text.empty() || text.size() > kDirectoryMax || text.starts_with('-') || text.contains('/')) return false;
    if (text.find_first_not_of('.') == std::string_view::npos) return false;
    if (find_invalid_utf8(text) != std::string_view::npos) return false;
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

namespace {

Result<std::string> read_listen(YamlNode node, Findings& findings) {
    const auto text = read_text(node, "listen", kPathMax, findings);
    if (!text) return fail("config.listen", "listen is no text", "write ADDRESS:PORT, like 0.0.0.0:8000");
    const Result<ListenAddress> address = parse_listen(*text);
    if (address) return address->text();
    findings.error(code::kBadListen, node.spot(), address.error().message, address.error().hint);
    return address.error();
}

/// Lines of this file go to logs and to the API.
std::vector<Diagnostic> take_covered(Findings& findings) {
    std::vector<Diagnostic> out = findings.take();
    for (Diagnostic& diagnostic : out) diagnostic.source_line = cover_passwords(diagnostic.source_line);
    return out;
}

Error at_place(const Error& error, const Place& place) {
    return fail(error.code, fmt::format("{}:{}:{}: {}", place.file.string(), place.line, place.column, error.message),
                error.hint);
}

}  // namespace

NodeFile read_node_file(std::string_view text, const std::filesystem::path& file) {
    NodeFile out;
    Findings findings(file, text);
    const std::optional<YamlTree> tree = YamlTree::parse(text, findings);
    if (!tree) {
        out.parsed.diagnostics = take_covered(findings);
        return out;
    }
    MapReader root(tree->root(), "the node file", findings);
    NodeConfig config;
    config.networks = read_networks(root, findings);
    if (const auto data_dir = root.find_value("data_dir")) {
        const auto path = read_text(*data_dir, "data_dir", kPathMax, findings);
        if (path) config.data_dir = (file.parent_path() / *path).lexically_normal();
    }
    if (const auto listen = root.find_value("listen")) {
        out.listen = read_listen(*listen, findings);
        if (*out.listen) config.listen = **out.listen;
        else out.listen = at_place(out.listen->error(), findings.place(listen->spot()));
    }
    root.warn_unknown();
    if (!findings.has_errors()) out.parsed.value = std::move(config);
    out.parsed.diagnostics = take_covered(findings);
    return out;
}

Parsed<NodeConfig> parse_node_config(std::string_view text, const std::filesystem::path& file) {
    return read_node_file(text, file).parsed;
}

}  // namespace meshmon::config
