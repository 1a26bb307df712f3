#include "config/keys.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "config/access.hpp"
#include "config/codes.hpp"
#include "config/folder.hpp"
#include "config/public_keys.hpp"
#include "config/write_whole.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/keys.hpp"
#include "crypto/pem.hpp"

namespace meshmon::config {

namespace {

namespace fs = std::filesystem;

constexpr unsigned kPrivateFolderMode = 0700;
constexpr unsigned kPrivateFileMode = 0600;
constexpr unsigned kOthersMask = 077;
constexpr int kReadsMax = 5;  // a key changes once in months: two are enough

std::string key_file_name(const NodeId& id) { return id.str() + ".key"; }
fs::path private_root(const fs::path& config_dir) { return config_dir / ".private_keys"; }

bool is_there(const fs::path& file) {
    struct stat status{};
    return ::lstat(file.c_str(), &status) == 0;
}

Error key_error(const fs::path& file, std::string_view why, std::string hint) {
    return fail("config.own_key", fmt::format("the private key {} cannot be used: {}; it is left as it is", file.string(), why),
                std::move(hint));
}

constexpr std::string_view kBroken = "config.own_key_broken";

/// Where the pair lies already; absent if it does nowhere. Errors: config.own_key, where a folder cannot be looked into.
Result<std::optional<fs::path>> find_private_file(const OwnKeyPlace& place) {
    std::vector<fs::path> candidates{place.private_file()};
    // A folder that another network goes by holds that one's keys, not those of an older meshmon.
    if (place.network && !is_there(network_folder(place.config_dir, place.network->str()))) {
        candidates.push_back(private_root(place.config_dir) / place.network->str() / key_file_name(place.node_id));
    }
    for (const fs::path& file : candidates) {
        struct stat status{};
        if (::lstat(file.c_str(), &status) == 0) return std::optional(file);
        if (errno != ENOENT && errno != ENOTDIR) return key_error(file, error_words(errno), read_hint(errno, file));
    }
    return std::optional<fs::path>();
}

/// `open_because`: why others can still use it; empty: it is repaired.
Diagnostic permission_note(const fs::path& path, unsigned before, unsigned wanted, const std::string& open_because) {
    Diagnostic note;
    note.severity = Severity::warning;
    note.code = code::kKeyPermissions;
    note.place.file = path;
    if (open_because.empty()) {
        note.text = fmt::format("others could use it (mode {:04o}); repaired to {:04o}", before, wanted);
        note.hint = "if somebody else has access to this host, make a new key";
    } else {
        note.text = fmt::format("others can use it (mode {:04o}); {}", before, open_because);
        note.hint = fmt::format("chmod {:04o} {}", wanted, shell_word(path));
    }
    return note;
}

/// Takes others' permissions away from `path`, or only says that it should be done.
void repair(const fs::path& path, unsigned wanted, Permissions permissions, std::vector<Diagnostic>& notes) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0 || S_ISLNK(status.st_mode)) return;
    const unsigned mode = status.st_mode & 07777U;
    if ((mode & kOthersMask) == 0) return;
    if (permissions == Permissions::report) {
        notes.push_back(permission_note(path, mode, wanted, "the next start repairs it"));
    } else if (::chmod(path.c_str(), static_cast<mode_t>(wanted)) != 0) {
        notes.push_back(permission_note(path, mode, wanted, "it cannot be repaired: " + error_words(errno)));
    } else {
        notes.push_back(permission_note(path, mode, wanted, {}));
    }
}

Result<void> check_owner(const fs::path& file) {
    struct stat status{};
    if (::lstat(file.c_str(), &status) != 0) return key_error(file, error_words(errno), read_hint(errno, file));
    if (S_ISLNK(status.st_mode)) return key_error(file, "it is a symbolic link", "put the file itself there");
    if (!S_ISREG(status.st_mode)) return key_error(file, "it is no regular file", "put the key file there");
    if (status.st_uid == ::geteuid()) return {};
    // Whoever looks as root after a service that runs as another user must not take its key away.
    const std::string as_owner =
        ::geteuid() == 0
            ? fmt::format("run this as that user: sudo -u '#{}' meshmon ...; only if meshmon is to run as root: ", status.st_uid)
            : std::string();
    return key_error(file, fmt::format("it belongs to user {}, and meshmon runs as user {}", status.st_uid, ::geteuid()),
                     as_owner + chown_command(file));
}

enum class Role { in_use, next, previous };

std::string restore_hint(const fs::path& file, Role role) {
    switch (role) {
        case Role::in_use: break;
        case Role::next: return "meshmon key rotate --abort";
        case Role::previous: return "meshmon key rotate --finish";
    }
    fs::path aside = file;
    aside += ".broken";
    return fmt::format("restore it from a backup; if there is none: mv {} {}, start again, and hand out the new public key",
                       shell_word(file), shell_word(aside));
}

/// It was read whole, and is no key.
Error broken_error(const fs::path& file, std::string_view why, Role role) {
    Error error = key_error(file, why, restore_hint(file, role));
    if (role != Role::in_use) error.code = kBroken;
    return error;
}

Result<OwnKey> load_private(const fs::path& file, Role role, Permissions permissions) {
    if (Result<void> owner = check_owner(file); !owner) return owner.error();
    OwnKey key;
    key.file = file;
    repair(file.parent_path().parent_path(), kPrivateFolderMode, permissions, key.notes);
    repair(file.parent_path(), kPrivateFolderMode, permissions, key.notes);
    repair(file, kPrivateFileMode, permissions, key.notes);
    Result<std::string> text = read_whole(file, crypto::kPemBytesMax, false);
    if (!text) return key_error(file, text.error().message, text.error().hint);
    if (text->find_first_not_of(" \t\r\n") == std::string::npos) return broken_error(file, "it is empty", role);
    const Result<crypto::SecretKey> secret = crypto::secret_key_from_pem(*text);
    if (!secret) {
        crypto::wipe(*text);
        return broken_error(file, secret.error().message, role);
    }
    key.public_key = secret->public_key();
    key.private_pem = *std::move(text);
    return key;
}

/// What waits to be used, or was used before. One that cannot be read keeps nothing from running. Answers a copy of the key
/// itself, which a crash before the next one took its place has left.
std::optional<fs::path> find_second(OwnKey& key, Permissions permissions) {
    std::optional<fs::path> left_over;
    for (const bool is_next : {true, false}) {
        const fs::path file = is_next ? next_key_file(key) : previous_key_file(key);
        if (key.second || !is_there(file)) continue;
        Result<OwnKey> second = load_private(file, is_next ? Role::next : Role::previous, permissions);
        if (!second) {
            (is_next ? key.next_unusable : key.previous_unusable) = true;
            if (!is_next) key.previous_broken = second.error().code == kBroken;
            Diagnostic note;
            note.severity = Severity::warning;
            note.code = code::kSecondOwnKey;
            note.place.file = file;
            note.text = "the second key of a rotation cannot be read: " + second.error().message;
            note.hint = second.error().hint;
            key.notes.push_back(std::move(note));
            continue;
        }
        key.notes.insert(key.notes.end(), second->notes.begin(), second->notes.end());
        if (second->public_key == key.public_key) {
            crypto::wipe(second->private_pem);
            left_over = file;
            continue;
        }
        key.second = SecondOwnKey{std::move(second->private_pem), second->public_key, file, is_next};
    }
    return left_over;
}

void wipe(OwnKey& key) {
    crypto::wipe(key.private_pem);
    if (key.second) crypto::wipe(key.second->private_pem);
}

/// Tells one file of this name from another that took its place.
std::optional<std::pair<dev_t, ino_t>> number_of(const fs::path& file) {
    struct stat status{};
    if (::lstat(file.c_str(), &status) != 0) return std::nullopt;
    return std::pair(status.st_dev, status.st_ino);
}

/// Both keys as of one moment: a running node may put the next one in use between two looks.
Result<OwnKey> load_pair(const fs::path& file, Permissions permissions) {
    for (int reads = 1;; ++reads) {
        const auto before = number_of(file);
        Result<OwnKey> key = load_private(file, Role::in_use, permissions);
        if (!key) return key;
        const std::optional<fs::path> left_over = find_second(*key, permissions);
        if (number_of(file) != before && reads < kReadsMax) {
            wipe(*key);
            continue;
        }
        if (left_over && permissions == Permissions::repair) ::unlink(left_over->c_str());
        return key;
    }
}

/// A key that an older meshmon may have made for this network, while its id is not known.
std::optional<fs::path> find_undecided(const OwnKeyPlace& place) {
    if (place.network) return std::nullopt;
    std::error_code ignored;
    for (fs::directory_iterator it(private_root(place.config_dir), ignored), end; it != end && !ignored; it.increment(ignored)) {
        const std::string folder = it->path().filename().string();
        const fs::path file = it->path() / key_file_name(place.node_id);
        if (folder != place.directory && is_there(file) && !is_there(network_folder(place.config_dir, folder))) return file;
    }
    return std::nullopt;
}

Error folder_error(const Error& error) { return fail("config.own_key_folder", error.message, error.hint); }

Result<OwnKey> generate(const OwnKeyPlace& place) {
    const fs::path file = place.private_file();
    Result<void> made = make_folder(place.config_dir);
    if (made) made = make_folder(file.parent_path(), kPrivateFolderMode);
    if (!made) return folder_error(made.error());
    remove_temporaries(file.parent_path());
    const crypto::KeyPair pair = crypto::generate_key_pair();
    std::string pem = crypto::to_pem(pair.secret_key);
    const Result<void> written = create_whole(file, pem, kPrivateFileMode);
    crypto::wipe(pem);
    if (!written && written.error().code != "config.exists") return folder_error(written.error());
    Result<OwnKey> key =
        load_private(file, Role::in_use, Permissions::repair);  // what is on disk counts; another process may have been first
    if (key) key->generated = written.has_value();
    return key;
}

/// What the others are to have of it: both keys while the next one waits.
std::string public_text(const OwnKey& key) {
    const std::string in_use = crypto::to_pem(key.public_key);
    return key.has_next() ? crypto::to_pem(key.second->public_key) + in_use : in_use;
}

}  // namespace

fs::path OwnKeyPlace::private_file() const { return private_root(config_dir) / directory / key_file_name(node_id); }

fs::path OwnKeyPlace::public_file() const {
    const std::string name = node_id.str() + ".pub";
    if (type == ConfigType::git) return config_dir / ".public_keys" / directory / name;
    return network_folder(config_dir, directory) / "pubkeys" / name;
}

fs::path OwnKeyPlace::public_root() const {
    return type == ConfigType::git ? config_dir / ".public_keys" : network_folder(config_dir, directory);
}

fs::path next_key_file(const OwnKey& key) { return fs::path(key.file) += ".next"; }
fs::path previous_key_file(const OwnKey& key) { return fs::path(key.file) += ".previous"; }

OwnKeyPlace own_key_place(const fs::path& config_dir, const NetworkRef& ref, std::optional<NetworkId> network) {
    return {.config_dir = config_dir,
            .directory = ref.directory,
            .node_id = ref.node_id,
            .type = ref.type,
            .network = std::move(network)};
}

Result<OwnKey> read_own_key(const OwnKeyPlace& place, Permissions permissions) {
    const Result<std::optional<fs::path>> file = find_private_file(place);
    if (!file) return file.error();
    if (*file) return load_pair(**file, permissions);
    if (is_there(place.public_file())) {
        return fail("config.own_key_missing",
                    fmt::format("the private key {} is gone, and the network knows this node by its public half, {}",
                                place.private_file().string(), place.public_file().string()),
                    fmt::format("restore it from a backup; only to begin with a new key, which all others need then: rm {}, and "
                                "start meshmon",
                                shell_word(place.public_file())));
    }
    return fail("config.own_key_missing",
                fmt::format("there is no private key yet: {} does not exist", place.private_file().string()),
                fmt::format("meshmon key generate --network {}", shell_word(place.directory)));
}

Result<OwnKey> ensure_own_key(const OwnKeyPlace& place) {
    Result<OwnKey> key = read_own_key(place);
    if (key || key.error().code != "config.own_key_missing") return key;
    if (const std::optional<fs::path> undecided = find_undecided(place)) {
        return fail("config.own_key_undecided",
                    fmt::format("{} may be this network's key, but config.yml does not load, so its network_id is not known",
                                undecided->string()),
                    fmt::format("mend config.yml; or, for a new key: meshmon moves on once {} is renamed",
                                shell_word(undecided->parent_path())));
    }
    return generate(place);
}

namespace {

/// Whether what was found as `file` is this key; `replace`: what puts it there in place of another.
Result<bool> compare(const Result<PublicKeyFile>& found, const fs::path& file, const OwnKeyPlace& place,
                     const crypto::PublicKey& key, std::string_view replace) {
    if (!found) {
        if (found.error().code == "config.file_missing") return false;
        return fail("config.own_public_key",
                    fmt::format("{} should hold this node's public key: {}", file.string(), found.error().message),
                    found.error().hint);
    }
    if (found->holds(key)) return true;
    return fail("config.key_mismatch",
                fmt::format("{} holds another key for this node: {} there, {} here; nothing is overwritten", file.string(),
                            crypto::fingerprint(found->key).text(), crypto::fingerprint(key).text()),
                fmt::format("restore the private key that belongs to the public one as {}, or replace the public key {}",
                            shell_word(place.private_file()), replace));
}

}  // namespace

Result<bool> is_published(const OwnKeyPlace& place, const crypto::PublicKey& key) {
    const fs::path file = place.public_file();
    return compare(read_public_keys(file, place.public_root()), file, place, key,
                   fmt::format("on every node: rm {}, and start again", shell_word(file)));
}

Result<bool> is_published(const OwnKeyPlace& place, const crypto::PublicKey& key, const NetworkFiles& files) {
    OwnKeyPlace in_network = place;
    in_network.type = ConfigType::local;
    const fs::path file = in_network.public_file();
    return compare(find_public_keys(files, file), file, place, key,
                   fmt::format("in the repository: commit {} there as pubkeys/{}.pub", shell_word(place.public_file()),
                               place.node_id.str()));
}

Result<Published> publish_own_key(const OwnKeyPlace& place, const OwnKey& key) {
    const Result<bool> there = is_published(place, key.public_key);
    if (!there) return there.error();
    const fs::path file = place.public_file();
    const Result<PublicKeyFile> found = read_public_keys(file, place.public_root());
    const bool lacks_next = found && key.has_next() && !found->holds(key.second->public_key);
    if (*there && !lacks_next) return Published::already;
    Result<void> written = make_folder(file.parent_path());
    if (written) written = *there ? write_whole(file, public_text(key)) : create_whole(file, public_text(key));
    if (written) return Published::written;
    if (written.error().code == "config.exists") return publish_own_key(place, key);  // written meanwhile: whose is it?
    return fail("config.own_public_key", written.error().message, written.error().hint);
}

}  // namespace meshmon::config
