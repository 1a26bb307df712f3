#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "crypto/crypto.hpp"

/// Both YAML files as validated values. Every key: docs/reference/configuration.md.
namespace meshmon::config {

/// A place in a file; line and column count from 1. 0: the file as a whole.
struct Place {
    std::filesystem::path file;
    int line = 0;
    int column = 0;
};

enum class Severity { note, warning, error };

/// One finding about a configuration file. Errors keep the file from being loaded; the rest does not.
struct Diagnostic {
    Severity severity = Severity::error;
    std::string code;  ///< stable: E..., W..., N...; listed in docs/reference/configuration.md
    std::string text;  ///< what is wrong, with the value
    std::string hint;  ///< how to mend it; shown behind the caret
    Place place;
    std::string source_line;  ///< the line itself, without its end; of a long one what stands around the place
    int line_offset = 0;      ///< how many characters of the line are cut off in front of source_line
    int caret_length = 1;
};

/// `file:line:column: error[E012]: text`, the line and a caret with the hint; ends in a newline.
[[nodiscard]] std::string format(const Diagnostic& diagnostic);

/// The line and the caret with the hint alone, as format() shows them; empty where the finding is not about one line.
[[nodiscard]] std::string format_excerpt(const Diagnostic& diagnostic);

enum class ConfigType { local, git };

struct NetworkRef {
    std::string directory;
    NodeId node_id;
    ConfigType type = ConfigType::local;
    std::string git_repo;
    std::string git_branch;  ///< empty: the remote's default
    Duration git_interval = std::chrono::seconds(60);
    Place place;
};

struct NodeConfig {
    std::vector<NetworkRef> networks;
    std::optional<std::filesystem::path> data_dir;  ///< absent: <config>/.data
    std::string listen = "0.0.0.0:8000";
};

enum class UrlState { usable, none, placeholder };

struct Peer {
    NodeId node_id;
    std::string url;  ///< without a trailing slash; empty unless usable
    UrlState url_state = UrlState::none;
    Duration poll_rate{};  ///< defaults applied
    int retry = 3;
    std::vector<NodeId> allow;
    std::vector<NodeId> block;
    Place place;  ///< of its entry
    Place url_place;
};

struct Monitor {
    std::string name;
    std::string type;
    std::string host;
    std::string group;
    Duration interval = std::chrono::seconds(30);
    int retry = 3;
    std::vector<NodeId> allow;
    std::vector<NodeId> block;
};

struct NetworkConfig {
    NetworkId network_id;
    std::vector<Peer> peers;                  ///< in file order
    std::vector<std::string> version_ranges;  ///< node_version[], each valid
    std::vector<Monitor> monitors;
    std::string revision;   ///< first 12 hex digits of the content's hash
    Place node_list_place;  ///< of `node_config:`; where an entry is to be added
};

/// A parsed file with what was found in it. `value` is absent if there is an error among the diagnostics.
template <typename T>
struct Parsed {
    std::optional<T> value;
    std::vector<Diagnostic> diagnostics;
    [[nodiscard]] bool ok() const { return value.has_value(); }
};

/// Parse `text` as the named file. Pure: `file` is only for messages. Bounded: 2 MiB, depth 32, 400,000 YAML values of
/// which 10,000 by aliases, 10,000 nodes, 200 findings of each kind.
[[nodiscard]] Parsed<NodeConfig> parse_node_config(std::string_view text, const std::filesystem::path& file);
[[nodiscard]] Parsed<NetworkConfig> parse_network_config(std::string_view text, const std::filesystem::path& file);

/// As above; node_version[] that `version` does not fit is an error besides (E037), and the value is there all the same.
[[nodiscard]] Parsed<NetworkConfig> parse_network_config(std::string_view text, const std::filesystem::path& file,
                                                         std::string_view version);

/// An address to listen on. Port 0: any free one.
struct ListenAddress {
    std::string host;  ///< numeric, without brackets: "0.0.0.0", "::"
    std::uint16_t port = 0;
    [[nodiscard]] std::string text() const;  ///< "0.0.0.0:8000", "[::]:8000"
};

/// "0.0.0.0:8000", "[::1]:0". Errors: config.listen.
Result<ListenAddress> parse_listen(std::string_view text);

/// A peer's URL as the mesh uses it: http or https, a host, no user, query or fragment; without a trailing slash.
/// Errors: config.url, with what is wrong and an example.
Result<std::string> parse_peer_url(std::string_view text);

/// A repository's URL (https, http, ssh, file, or user@host:path, which is ssh). Errors: config.git_url: another transport, a
/// password in it, or one that begins with '-'. git:// is another: nothing proves there who answers; the hint has the same in
/// https and ssh.
Result<std::string> parse_git_url(std::string_view text);

/// Whether `text` can name a folder under networks/: one path component of at most 128 bytes, not only dots, no slash, no
/// control character, no '-' in front.
[[nodiscard]] bool is_valid_directory(std::string_view text);

/// Whether `version` ("1.0.0") fits `range`: ">=0.2.0", "<2.0.0", ">", "<=", "==", "!=", a bare version (as "=="), or several of
/// them joined by commas or spaces, all of which must fit. Order: Semantic Versioning 2.0.0, section 11, pre-releases included;
/// missing parts are 0, build data does not count. Errors: config.version_range; config.version.
Result<bool> version_fits(std::string_view version, std::string_view range);

/// One file in pubkeys/, or its absence.
struct PeerKey {
    NodeId node_id;
    std::filesystem::path file;
    std::optional<crypto::PublicKey> key;
    std::string error;                          ///< why there is none although the file exists; empty otherwise
    std::optional<crypto::PublicKey> previous;  ///< the second key in the file, during a rotation
};

/// One network's folder, loaded whole.
struct NetworkFolder {
    NetworkConfig config;
    std::vector<PeerKey> keys;      ///< one per entry of config.peers, in their order
    std::vector<Diagnostic> notes;  ///< warnings and notes of config.yml and pubkeys/
};

}  // namespace meshmon::config
