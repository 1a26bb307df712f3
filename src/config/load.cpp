#include "config/load.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "config/access.hpp"
#include "config/codes.hpp"
#include "config/example.hpp"
#include "config/node_config.hpp"
#include "config/public_keys.hpp"
#include "config/rotation.hpp"
#include "config/write_whole.hpp"
#include "config/yaml_tree.hpp"
#include "crypto/pem.hpp"

namespace meshmon::config {

namespace {

namespace fs = std::filesystem;

Diagnostic finding(Severity severity, std::string_view code, const fs::path& file, std::string text, std::string hint = {}) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.code = code;
    diagnostic.text = std::move(text);
    diagnostic.hint = std::move(hint);
    diagnostic.place.file = file;
    return diagnostic;
}

/// One entry of networks[], step by step. A step that finds why the network cannot run says so; later steps still do what they
/// can.
class NetworkLoader {
public:
    /// `good`: the copy that may stand in; null: there is none. `files` null: they lie in the folder.
    NetworkLoader(const LoadOptions& options, const NetworkRef& ref, std::shared_ptr<const NetworkFiles> files,
                  std::shared_ptr<const NetworkFiles> good)
        : options_(options), files_(std::move(files)), good_(std::move(good)) {
        out_.ref = ref;
        if (files_) out_.commit = files_->commit;
    }

    LoadedNetwork load() {
        // In git mode nothing lies in the folder that would count: what is not given is not here yet.
        if (!files_ && out_.ref.type == ConfigType::git) file_.missing = true;
        else file_ = load_network_file(options_.config_dir, out_.ref, options_.version, files_.get());
        load_own_key();
        if (file_.missing) find_missing_file();
        out_.network = file_.network;
        append(file_.diagnostics);
        if (!file_.value && !file_.missing) wait(Waiting::config_invalid, first_error(), "meshmon check shows every finding");
        if (out_.own_key) publish();
        if (file_.value) load_folder();
        return std::move(out_);
    }

private:
    [[nodiscard]] bool writes() const { return options_.mode == LoadMode::run; }
    [[nodiscard]] bool runs() const {
        const auto running = options_.running.find(out_.ref.directory);
        return running != options_.running.end() && running->second == out_.ref.node_id;
    }
    [[nodiscard]] fs::path folder() const { return network_folder(options_.config_dir, out_.ref.directory); }
    [[nodiscard]] OwnKeyPlace place() const { return own_key_place(options_.config_dir, out_.ref, file_.network); }

    void add(Diagnostic diagnostic) { out_.diagnostics.push_back(std::move(diagnostic)); }
    void append(const std::vector<Diagnostic>& more) {
        out_.diagnostics.insert(out_.diagnostics.end(), more.begin(), more.end());
    }

    /// The first reason stays.
    void wait(Waiting why, std::string reason, std::string hint) {
        if (out_.waiting != Waiting::none) return;
        out_.waiting = why;
        out_.reason = std::move(reason);
        out_.hint = std::move(hint);
    }
    void refuse(Waiting why, std::string_view code, const fs::path& file, const Error& error) {
        add(finding(Severity::error, code, file, error.message, error.hint));
        wait(why, error.message, error.hint);
    }

    [[nodiscard]] std::string first_error() const;
    void load_own_key();
    void refuse_own_key(const Error& error);
    void find_missing_file();
    void create_example();
    void publish();
    bool check_published(const Result<bool>& published, const fs::path& file);
    void load_folder();
    void keep_good_keys(std::vector<PeerKey>& keys) const;
    [[nodiscard]] NetworkFiles files_of(const std::vector<PeerKey>& keys) const;
    void forget_previous(const std::vector<PeerKey>& keys);

    const LoadOptions& options_;
    std::shared_ptr<const NetworkFiles> files_;
    std::shared_ptr<const NetworkFiles> good_;
    LoadedNetwork out_;
    NetworkFileResult file_;
};

std::string NetworkLoader::first_error() const {
    const auto first = std::ranges::find(file_.diagnostics, Severity::error, &Diagnostic::severity);
    if (first == file_.diagnostics.end()) return "config.yml does not load";
    const Place& place = first->place;
    if (place.line == 0) return first->text;
    return fmt::format("{}:{}:{}: {}", place.file.string(), place.line, place.column, first->text);
}

void NetworkLoader::load_own_key() {
    std::error_code ignored;
    Result<OwnKey> key = !writes() ? read_own_key(place(), Permissions::report)
                         : runs()  ? read_own_key(place())
                                   : ensure_own_key(place());
    if (key) {
        append(key->notes);
        out_.own_key = *std::move(key);
    } else if (runs()) {
        const bool gone = key.error().code == "config.own_key_missing" || key.error().hint.empty();
        add(finding(Severity::error, code::kOwnKeyUnusable, place().private_file(),
                    key.error().message + "; this process still has the key, the next start needs the file",
                    gone ? "restore it from a backup before the next start" : key.error().hint));
    } else if (key.error().code == "config.own_key_missing" && !fs::exists(place().public_file(), ignored)) {
        add(finding(Severity::note, code::kKeyToCome, place().private_file(),
                    "there is no key pair yet; the next start makes one"));
    } else {
        refuse_own_key(key.error());
    }
}

void NetworkLoader::refuse_own_key(const Error& error) {
    const fs::path file = place().private_file();
    if (error.code == "config.own_key_undecided") return refuse(Waiting::config_invalid, code::kOwnKeyUndecided, file, error);
    const bool folder = error.code == "config.own_key_folder";
    refuse(Waiting::key_unusable, folder ? code::kOwnKeyFolder : code::kOwnKeyUnusable, file, error);
}

void NetworkLoader::find_missing_file() {
    const fs::path file = folder() / "config.yml";
    if (good_ && !files_ && out_.ref.type == ConfigType::local) {
        refuse(Waiting::config_invalid, code::kConfigGone, file,
               fail("config.file_missing", fmt::format("{} is gone", file.string()),
                    fmt::format("put it back; to leave the network, take {} out of networks: in the node file",
                                out_.ref.directory)));
        return;
    }
    if (files_) {
        const std::string where = out_.commit ? fmt::format("at {} ", out_.commit->text()) : std::string();
        refuse(Waiting::config_invalid, code::kNoConfigInFiles, file,
               fail("config.file_missing", fmt::format("there is no config.yml {}in the network's files", where),
                    "put config.yml into the repository's top folder, beside pubkeys/"));
        return;
    }
    if (out_.ref.type == ConfigType::git) {
        refuse(Waiting::awaiting_repository, code::kNoRepositoryYet, folder(),
               fail("config.no_repository", fmt::format("no commit of {} is in {} yet", out_.ref.git_repo, folder().string()),
                    "a running meshmon clones it by itself, and says what hinders it"));
        return;
    }
    if (writes()) return create_example();
    add(finding(Severity::note, code::kExampleToCome, file,
                "there is no config.yml yet; the next start makes an example to fill in"));
    wait(Waiting::config_invalid, fmt::format("{} does not exist", file.string()), "the next start makes an example to fill in");
}

void NetworkLoader::create_example() {
    const Result<fs::path> created = create_network_example(options_.config_dir, out_.ref);
    if (!created && created.error().code != "config.exists") {
        refuse(Waiting::config_invalid, code::kExampleFailed, folder() / "config.yml", created.error());
        return;
    }
    out_.example_created = created.has_value();
    file_ = load_network_file(options_.config_dir, out_.ref, options_.version);
}

/// Whether the file may be written: false if a mismatch or an unusable file stands in the way.
bool NetworkLoader::check_published(const Result<bool>& published, const fs::path& file) {
    if (published) return true;
    const Error& error = published.error();
    if (error.code == "config.key_mismatch") {
        refuse(Waiting::key_mismatch, code::kOwnKeyMismatch, file, error);
    } else {
        add(finding(Severity::warning, code::kOwnPublicKey, file, error.message, error.hint));
    }
    return false;
}

void NetworkLoader::publish() {
    const OwnKeyPlace own = place();
    const crypto::PublicKey& key = out_.own_key->public_key;
    OwnKeyPlace in_network = own;  // what the network says about this node; in git mode never written to
    in_network.type = ConfigType::local;
    const fs::path file = in_network.public_file();
    const bool known = own.type == ConfigType::local || files_;  // what it says
    if (known && !check_published(files_ ? is_published(own, key, *files_) : is_published(in_network, key), file)) return;
    if (own.type == ConfigType::git && !check_published(is_published(own, key), own.public_file())) return;
    if (!writes() || (files_ && own.type == ConfigType::local)) return;
    const Result<Published> published = publish_own_key(own, *out_.own_key);
    if (!published) {
        add(finding(Severity::warning, code::kOwnPublicKey, own.public_file(), published.error().message,
                    published.error().hint));
    }
}

void NetworkLoader::load_folder() {
    const bool own_file_told = std::ranges::any_of(out_.diagnostics, [this](const Diagnostic& told) {
        return told.code == code::kOwnPublicKey && told.place.file == folder() / "pubkeys" / (out_.ref.node_id.str() + ".pub");
    });
    PeerKeys keys = load_peer_keys(options_.config_dir, out_.ref, *file_.value, own_file_told, files_.get());
    append(keys.diagnostics);
    const std::optional<Diagnostic> not_listed = find_not_listed(*file_.value, out_.ref);
    if (not_listed) add(*not_listed);
    out_.self_listed = !not_listed;
    if (!out_.loaded()) return;
    keep_good_keys(keys.keys);
    forget_previous(keys.keys);
    out_.files = std::make_shared<const NetworkFiles>(files_of(keys.keys));
    std::vector<Diagnostic> notes = file_.diagnostics;
    notes.insert(notes.end(), keys.diagnostics.begin(), keys.diagnostics.end());
    out_.folder = NetworkFolder{.config = *std::move(file_.value), .keys = std::move(keys.keys), .notes = std::move(notes)};
}

/// A key file that is there and cannot be used costs no peer the key that it had.
void NetworkLoader::keep_good_keys(std::vector<PeerKey>& keys) const {
    if (!good_) return;
    for (PeerKey& key : keys) {
        if (key.key || key.error.empty()) continue;
        const Result<PublicKeyFile> before = find_public_keys(*good_, key.file);
        const auto is_taken = [&](const crypto::PublicKey& one) {
            return std::ranges::any_of(keys, [&](const PeerKey& other) { return other.key == one || other.previous == one; });
        };
        if (!before || is_taken(before->key)) continue;
        key.key = before->key;
        if (before->previous && !is_taken(*before->previous)) key.previous = before->previous;
    }
}

/// A rotation has ended once the network names the new key alone: then the private key before is nothing but a risk.
void NetworkLoader::forget_previous(const std::vector<PeerKey>& keys) {
    if (!out_.own_key || !out_.own_key->second || out_.own_key->second->is_next) return;
    const auto self = std::ranges::find(keys, out_.ref.node_id, &PeerKey::node_id);
    if (self == keys.end() || self->key != out_.own_key->public_key || self->previous) return;
    if (writes()) {
        if (const Result<void> gone = forget_previous_key(*out_.own_key); !gone)
            add(finding(Severity::warning, code::kSecondOwnKey, out_.own_key->second->file, gone.error().message,
                        gone.error().hint));
    }
    crypto::wipe(out_.own_key->second->private_pem);
    out_.own_key->second.reset();
}

/// What loads to the same again, whatever became of the files meanwhile.
NetworkFiles NetworkLoader::files_of(const std::vector<PeerKey>& keys) const {
    NetworkFiles files{.config = file_.text, .keys = {}, .commit = out_.commit};
    for (const PeerKey& key : keys) {
        if (!key.key) continue;
        std::string& text = files.keys[key.file.filename().string()];
        text = crypto::to_pem(*key.key);
        if (key.previous) text += crypto::to_pem(*key.previous);
    }
    return files;
}

std::shared_ptr<const NetworkFiles> find_files(const FilesByDirectory& files, const std::string& directory) {
    const auto found = files.find(directory);
    return found == files.end() ? nullptr : found->second;
}

/// The network by its files as they are; where they do not load, by its good copy.
LoadedNetwork load_network(const LoadOptions& options, const NetworkRef& ref) {
    const auto good = find_files(options.good.networks, ref.directory);
    const auto files = ref.type == ConfigType::git ? find_files(options.files, ref.directory) : nullptr;
    LoadedNetwork found = NetworkLoader(options, ref, files, good).load();
    if (found.loaded() || found.waiting == Waiting::key_unusable || !good) return found;
    LoadedNetwork kept = NetworkLoader(options, ref, good, nullptr).load();
    if (!kept.loaded()) return found;
    kept.rejected = Rejected{.waiting = found.waiting,
                             .reason = std::move(found.reason),
                             .hint = std::move(found.hint),
                             .commit = std::move(found.commit),
                             .diagnostics = std::move(found.diagnostics)};
    return kept;
}

/// A network may be joined by one directory; the first in the file has it.
void refuse_second_directories(Loaded& loaded) {
    std::map<NetworkId, std::string> owners;
    for (LoadedNetwork& network : loaded.networks) {
        if (!network.network) continue;
        const auto [owner, is_new] = owners.emplace(*network.network, network.ref.directory);
        if (is_new) continue;
        const fs::path file = network_folder(loaded.config_dir, network.ref.directory) / "config.yml";
        std::string text =
            fmt::format("network_id '{}' is that of directory '{}' already", network.network->str(), owner->second);
        std::string hint = "remove one of the two from networks:, or give this one an id of its own";
        network.diagnostics.push_back(finding(Severity::error, code::kDuplicateNetwork, file, text, hint));
        network.folder.reset();
        if (network.waiting == Waiting::key_mismatch) {
            // It compares with the keys of a network that is not this directory's: who followed it would break the other one.
            std::erase_if(network.diagnostics, [](const Diagnostic& each) { return each.code == code::kOwnKeyMismatch; });
        } else if (network.waiting != Waiting::none) {
            continue;
        }
        network.waiting = Waiting::config_invalid;
        network.reason = std::move(text);
        network.hint = std::move(hint);
    }
}

void find_node_file_error(const Error& error, Loaded& out) {
    if (error.code == "config.file_missing") {
        out.state = NodeFileState::missing;
        out.listen = NodeConfig().listen;
        out.diagnostics.push_back(finding(Severity::error, code::kNodeFileMissing, out.node_file, "there is no node file yet",
                                          "meshmon init --network NETWORK --node-id NAME makes one"));
        return;
    }
    out.state = NodeFileState::invalid;
    const std::string_view code = error.code == "config.file_size" ? code::kTooLarge : code::kUnreadable;
    out.diagnostics.push_back(finding(Severity::error, code, out.node_file, error.message, error.hint));
}

}  // namespace

std::vector<Diagnostic> Loaded::all() const {
    std::vector<Diagnostic> out = diagnostics;
    for (const LoadedNetwork& network : networks) {
        const std::vector<Diagnostic>& found = network.rejected ? network.rejected->diagnostics : network.diagnostics;
        out.insert(out.end(), found.begin(), found.end());
    }
    return out;
}

namespace {

void take_node(Loaded& out, std::string text, NodeConfig node) {
    if (node.data_dir) out.data_dir = *node.data_dir;
    out.node_text = std::move(text);
    out.node = std::move(node);
}

void read_current_node_file(Loaded& out, std::optional<Result<std::string>>& listen) {
    Result<std::string> text = read_whole(out.node_file, YamlTree::kTextMax);
    if (!text) return find_node_file_error(text.error(), out);
    NodeFile file = read_node_file(*text, out.node_file);
    Parsed<NodeConfig>& parsed = file.parsed;
    listen = std::move(file.listen);
    out.diagnostics = std::move(parsed.diagnostics);
    out.state = parsed.ok() ? NodeFileState::loaded : NodeFileState::invalid;
    if (parsed.ok()) take_node(out, *std::move(text), *std::move(parsed.value));
}

void read_node_copy(Loaded& out, const std::optional<std::string>& copy) {
    if (out.node || !copy) return;
    NodeFile file = read_node_file(*copy, out.node_file);
    if (!file.parsed.ok()) return;
    take_node(out, *copy, *std::move(file.parsed.value));
    out.node_from_copy = true;
}

}  // namespace

Loaded load_node_file(const LoadOptions& options) {
    Loaded out;
    out.config_dir = options.config_dir;
    out.node_file = options.config_dir / options.node_file;
    out.data_dir = options.config_dir / ".data";
    std::optional<Result<std::string>> listen;
    read_current_node_file(out, listen);
    read_node_copy(out, options.good.node_file);
    if (listen) out.listen = *std::move(listen);
    else if (out.node) out.listen = out.node->listen;
    return out;
}

Loaded load(const LoadOptions& options) {
    Loaded out = load_node_file(options);
    if (!out.node) return out;
    for (const NetworkRef& ref : out.node->networks) out.networks.push_back(load_network(options, ref));
    refuse_second_directories(out);
    return out;
}

Counts count(const std::vector<Diagnostic>& diagnostics) {
    Counts counts;
    for (const Diagnostic& diagnostic : diagnostics) {
        switch (diagnostic.severity) {
            case Severity::note: ++counts.notes; break;
            case Severity::warning: ++counts.warnings; break;
            case Severity::error: ++counts.errors; break;
        }
    }
    return counts;
}

}  // namespace meshmon::config
