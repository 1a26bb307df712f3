#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "config/network_files.hpp"
#include "crypto/crypto.hpp"

/// This node's own key pair in one network, on disk.
namespace meshmon::config {

/// What a key pair is kept and found by.
struct OwnKeyPlace {
    std::filesystem::path config_dir;
    std::string directory;  ///< folder under networks/
    NodeId node_id;
    ConfigType type = ConfigType::local;
    std::optional<NetworkId> network;  ///< if config.yml named it: an older meshmon's key lies under .private_keys/<network>/

    [[nodiscard]] std::filesystem::path private_file() const;  ///< .private_keys/<directory>/<node_id>.key
    [[nodiscard]] std::filesystem::path public_file() const;   ///< local: networks/<directory>/pubkeys/..., git: .public_keys/...
    [[nodiscard]] std::filesystem::path public_root() const;   ///< no symbolic link may lead public_file() out of this folder
};

[[nodiscard]] OwnKeyPlace own_key_place(const std::filesystem::path& config_dir, const NetworkRef& ref,
                                        std::optional<NetworkId> network = std::nullopt);

/// The other one of two pairs, during a rotation. Holds the private key: never to be logged or shown.
struct SecondOwnKey {
    std::string private_pem;
    crypto::PublicKey public_key;
    std::filesystem::path file;  ///< <node_id>.key.next or <node_id>.key.previous
    bool is_next = false;        ///< it is to follow the key in use; otherwise that has followed it
};

/// The pair itself. Holds the private key: never to be logged or shown.
struct OwnKey {
    std::string private_pem;  ///< PKCS#8, as in the file; for crypto's PEM reader
    crypto::PublicKey public_key;
    std::filesystem::path file;     ///< where the private key lies
    bool generated = false;         ///< by this call
    std::vector<Diagnostic> notes;  ///< W110: permissions were too open; repaired, or how to; W112: the second key cannot be used
    std::optional<SecondOwnKey> second;  ///< during a rotation
    bool next_unusable = false;          ///< a file of the next key is there, but cannot be used now (W112)
    bool previous_unusable = false;      ///< likewise of the key before
    bool previous_broken = false;        ///< that file could be read, and holds no key: nothing is lost with it

    [[nodiscard]] bool has_next() const { return second && second->is_next; }
};

[[nodiscard]] std::filesystem::path next_key_file(const OwnKey& key);      ///< where one that is to follow it waits
[[nodiscard]] std::filesystem::path previous_key_file(const OwnKey& key);  ///< where the one before it is kept

/// What happens to a private key that others can use: its permissions are repaired (0600, folders 0700) and that is noted, or
/// they are noted alone.
enum class Permissions { repair, report };

/// Reads the pair; where there is none, nothing is made.
///
/// Threads: any; blocks on the disk.
/// Errors: config.own_key_missing (no file; where the public half lies in place.public_file() it was there once, and the message
/// says so); config.own_key (unreadable, empty, half-written, no Ed25519 key, a symbolic link,
/// owned by another user: says what, with the command that mends it; the file is left as it is).
Result<OwnKey> read_own_key(const OwnKeyPlace& place, Permissions permissions = Permissions::repair);

/// read_own_key with repair; where there is none, a new pair is made and stored. An existing file is never replaced.
/// Errors: as read_own_key but own_key_missing; config.own_key_folder (cannot be made or written, with the exact chown/chmod);
/// config.own_key_undecided (config.yml does not load, and a key of an older meshmon may be this network's: mend config.yml).
Result<OwnKey> ensure_own_key(const OwnKeyPlace& place);

/// What publish_own_key found or did.
enum class Published { written, already };

/// Whether place.public_file() holds this key; false if there is no such file. Reads alone. Two keys in the file: either.
/// Errors: config.key_mismatch, config.own_public_key, as publish_own_key.
Result<bool> is_published(const OwnKeyPlace& place, const crypto::PublicKey& key);

/// The same, asked of the network's own pubkeys/ in `files`.
Result<bool> is_published(const OwnKeyPlace& place, const crypto::PublicKey& key, const NetworkFiles& files);

/// Writes the own public key to place.public_file() if there is none; while a next key waits, both. A file that holds this key
/// is left as it is, save that a next key that it lacks is added: after a crash, or from an older copy of the folder.
/// Errors: config.key_mismatch: another key lies there; both fingerprints are named and nothing is overwritten.
/// config.own_public_key: the file there is no public key, or cannot be read or written (with the chown).
Result<Published> publish_own_key(const OwnKeyPlace& place, const OwnKey& key);

}  // namespace meshmon::config
