#include "config/folder.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/access.hpp"
#include "config/codes.hpp"
#include "config/findings.hpp"
#include "config/network_config.hpp"
#include "config/public_keys.hpp"
#include "config/write_whole.hpp"
#include "config/yaml_tree.hpp"

namespace meshmon::config {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNamesMax = 20'000;
constexpr std::size_t kNamesShown = 5;

Error missing_file(const fs::path& file) { return fail("config.file_missing", fmt::format("{} does not exist", file.string())); }

std::string_view code_of(const Error& error) {
    if (error.code == "config.outside") return code::kOutsideFolder;
    return error.code == "config.file_size" ? code::kTooLarge : code::kUnreadable;
}

Result<std::string> read_config_file(const fs::path& file, const fs::path& folder, const NetworkFiles* files) {
    if (files != nullptr) {
        if (!files->config) return missing_file(file);
        if (files->config->size() <= YamlTree::kTextMax) return *files->config;
        return fail("config.file_size", fmt::format("{} has more than {} bytes", file.string(), YamlTree::kTextMax),
                    "is this the right file?");
    }
    if (!stays_inside(file, folder)) {
        return fail("config.outside", fmt::format("{} is a symbolic link that leads out of {}", file.string(), folder.string()),
                    "put the file itself there");
    }
    return read_whole(file, YamlTree::kTextMax);
}

/// Reads the key files of one network.
class KeyReader {
public:
    KeyReader(fs::path folder, const NetworkRef& ref, bool own_file_told, const NetworkFiles* files)
        : folder_(std::move(folder)),
          self_(ref.node_id),
          own_file_told_(own_file_told),
          from_repository_(ref.type == ConfigType::git),
          files_(files),
          findings_(folder_ / "pubkeys", {}) {}

    PeerKeys read(const NetworkConfig& config) {
        show_command_ = fmt::format("meshmon key show --network {}", config.network_id.str());
        PeerKeys out;
        for (const Peer& peer : config.peers) out.keys.push_back(read_one(peer.node_id));
        for (PeerKey& key : out.keys) take_previous(key);  // a first key, wherever it is listed, wins over a second one
        note_unlisted(config);
        out.diagnostics = findings_.take();
        return out;
    }

private:
    [[nodiscard]] Result<PublicKeyFile> read_file(const fs::path& file) const;
    [[nodiscard]] std::vector<std::string> file_names() const;
    PeerKey read_one(const NodeId& id);
    void take_previous(PeerKey& key);
    void refuse(PeerKey& key, const Error& error);
    void note_unlisted(const NetworkConfig& config);

    fs::path folder_;
    NodeId self_;
    bool own_file_told_;
    bool from_repository_;
    const NetworkFiles* files_;
    Findings findings_;
    std::map<crypto::PublicKey, NodeId> owners_;
    std::string show_command_;  // on a peer's host
};

Result<PublicKeyFile> KeyReader::read_file(const fs::path& file) const {
    return files_ == nullptr ? read_public_keys(file, folder_) : find_public_keys(*files_, file);
}

/// What lies in pubkeys/, at most kNamesMax of it.
std::vector<std::string> KeyReader::file_names() const {
    std::vector<std::string> names;
    if (files_ != nullptr) {
        for (const auto& [name, bytes] : files_->keys) names.push_back(name);
        return names;
    }
    std::error_code ignored;
    for (fs::directory_iterator it(folder_ / "pubkeys", ignored), end; it != end && !ignored && names.size() < kNamesMax;
         it.increment(ignored)) {
        names.push_back(it->path().filename().string());
    }
    return names;
}

PeerKey KeyReader::read_one(const NodeId& id) {
    PeerKey key{.node_id = id,
                .file = folder_ / "pubkeys" / (id.str() + ".pub"),
                .key = std::nullopt,
                .error = {},
                .previous = std::nullopt};
    const Result<PublicKeyFile> file = read_file(key.file);
    if (!file) {
        refuse(key, file.error());
        return key;
    }
    const auto [owner, is_new] = owners_.emplace(file->key, id);
    if (!is_new) {
        key.error = fmt::format("it is the key of '{}' as well", owner->second.str());
        findings_.warning(code::kKeyShared, {},
                          fmt::format("nodes '{}' and '{}' have one and the same key; '{}' counts as without one",
                                      owner->second.str(), id.str(), id.str()),
                          "each node makes a key of its own: copy the right file here");
        return key;
    }
    key.key = file->key;
    key.previous = file->previous;
    return key;
}

/// A key means one node: the second one of a file counts where no other file has it, neither as its first nor, listed before, as
/// its second.
void KeyReader::take_previous(PeerKey& key) {
    if (!key.previous) return;
    const std::string& id = key.node_id.str();
    const auto [owner, is_new] = owners_.emplace(*key.previous, key.node_id);
    if (!is_new) {
        key.previous.reset();
        findings_.warning(code::kKeyShared, {},
                          fmt::format("the second key in {}.pub is in {}.pub as well: it counts for '{}' alone", id,
                                      owner->second.str(), owner->second.str()),
                          fmt::format("each node makes a key of its own: on the host of {} run: {}; put its output into {}.pub",
                                      id, show_command_, id));
        return;
    }
    findings_.note(code::kSecondKey, {},
                   fmt::format("{}.pub holds two keys, as during a rotation: both count until the first is used", id));
}

void KeyReader::refuse(PeerKey& key, const Error& error) {
    const std::string& id = key.node_id.str();
    const std::string path = key.file.string();
    if (error.code == "config.file_missing") {
        if (key.node_id == self_) return;
        findings_.warning(
            code::kKeyMissing, {},
            fmt::format("no public key for '{}' — it will be shown as \"key missing\"; the rest of the network works", id),
            from_repository_
                ? fmt::format("on the host of {} run: {}; put its output into pubkeys/{}.pub of the repository", id,
                              show_command_, id)
                : fmt::format("on the host of {} run: {}; put its output here into {}", id, show_command_, shell_word(key.file)));
        return;
    }
    key.error = error.message;
    if (error.code == "config.private_key_exposed") {
        findings_.error(code::kPrivateKeyExposed, {}, fmt::format("{} is no public key: {}", path, error.message),
                        from_repository_
                            ? fmt::format("remove it from the repository and its history, and make a new key pair on "
                                          "the host of {}: whoever can read the repository has this one",
                                          id)
                            : error.hint);
        return;
    }
    if (own_file_told_ && key.node_id == self_) return;
    findings_.warning(code::kKeyUnusable, {},
                      fmt::format("the public key of '{}' cannot be used: {}: {}", id, path, error.message),
                      error.hint.empty() || error.code.starts_with("crypto.")
                          ? fmt::format("replace it by the output of: {}, on the host of {}", show_command_, id)
                          : error.hint);
}

/// One note for all key files that belong to nobody listed.
void KeyReader::note_unlisted(const NetworkConfig& config) {
    std::set<std::string> listed{self_.str() + ".pub"};  // a node not yet listed has put its key there itself
    for (const Peer& peer : config.peers) listed.insert(peer.node_id.str() + ".pub");
    std::vector<std::string> unlisted;
    for (std::string& name : file_names()) {
        if (name.ends_with(".pub") && !listed.contains(name)) unlisted.push_back(std::move(name));
    }
    if (unlisted.empty()) return;
    std::ranges::sort(unlisted);
    const std::size_t count = unlisted.size();
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < std::min(count, kNamesShown); ++i) shown.push_back(in_quotes(unlisted[i]));
    findings_.note(code::kUnlistedKeys, {},
                   fmt::format("{} key file{} of nodes that node_config does not list: {}{}", count, count == 1 ? "" : "s",
                               fmt::join(shown, ", "), count > kNamesShown ? ", ..." : ""),
                   "they are ignored: list the nodes, or remove the files");
}

}  // namespace

fs::path network_folder(const fs::path& config_dir, const std::string& directory) { return config_dir / "networks" / directory; }

NetworkFileResult load_network_file(const fs::path& config_dir, const NetworkRef& ref, std::string_view version,
                                    const NetworkFiles* files) {
    const fs::path folder = network_folder(config_dir, ref.directory);
    const fs::path file = folder / "config.yml";
    NetworkFileResult result;
    const Result<std::string> text = read_config_file(file, folder, files);
    if (!text) {
        result.missing = text.error().code == "config.file_missing";
        if (result.missing) return result;
        Findings findings(file, {});
        findings.error(code_of(text.error()), {}, text.error().message, text.error().hint);
        result.diagnostics = findings.take();
        return result;
    }
    Findings findings(file, *text);
    NetworkFile read = read_network_file(*text, findings);
    result.network = read.network;
    const bool usable = !findings.has_errors();
    find_unmet_ranges(read, version, findings);
    if (usable) result.value = std::move(read.config);
    result.diagnostics = findings.take();
    result.text = *text;
    return result;
}

PeerKeys load_peer_keys(const fs::path& config_dir, const NetworkRef& ref, const NetworkConfig& config, bool own_file_told,
                        const NetworkFiles* files) {
    return KeyReader(network_folder(config_dir, ref.directory), ref, own_file_told, files).read(config);
}

FolderResult load_network_folder(const fs::path& config_dir, const NetworkRef& ref, std::string_view version,
                                 const NetworkFiles* files) {
    NetworkFileResult file = load_network_file(config_dir, ref, version, files);
    FolderResult result{
        .value = std::nullopt, .diagnostics = std::move(file.diagnostics), .network = file.network, .missing = file.missing};
    if (!file.value) return result;
    PeerKeys keys = load_peer_keys(config_dir, ref, *file.value, false, files);
    result.diagnostics.insert(result.diagnostics.end(), keys.diagnostics.begin(), keys.diagnostics.end());
    result.value = NetworkFolder{.config = *std::move(file.value), .keys = std::move(keys.keys), .notes = result.diagnostics};
    return result;
}

std::optional<Diagnostic> find_not_listed(const NetworkConfig& config, const NetworkRef& ref) {
    const NodeId& self = ref.node_id;
    if (std::ranges::find(config.peers, self, &Peer::node_id) != config.peers.end()) return std::nullopt;
    Diagnostic warning;
    warning.severity = Severity::warning;
    warning.code = code::kNotListed;
    warning.place = config.node_list_place;
    warning.text = fmt::format("this node, '{}', is not in node_config: it dials and accuses nobody", self.str());
    warning.hint =
        fmt::format("add the line {}: - {{node_id: {}, url: https://{}.example.com:8000}}",
                    ref.type == ConfigType::git ? "to config.yml in the repository" : "on every node", self.str(), self.str());
    return warning;
}

}  // namespace meshmon::config
