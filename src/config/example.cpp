#include "config/example.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "config/folder.hpp"
#include "config/write_whole.hpp"

namespace meshmon::config {

namespace {

namespace fs = std::filesystem;

/// `text` as YAML takes it for just that text.
std::string yaml_word(std::string_view text) {
    constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/:@-";
    const bool plain = !text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos && !text.ends_with(':') &&
                       !text.starts_with('-') && !text.starts_with('@') && !text.starts_with(':');
    const bool is_null = text == "null" || text == "Null" || text == "NULL";
    if (plain && !is_null) return std::string(text);
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') out += '\'';
        out += c;
    }
    return out + "'";
}

/// A network's name made from its folder's.
NetworkId network_named_like(std::string_view directory) {
    std::string name;
    for (const char c : directory) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || (!name.empty() && (c == '.' || c == '_' || c == '-'))) name += c;
        else if (!name.empty()) name += '-';
        if (name.size() == kNameMax) break;
    }
    return NetworkId::parse(name.empty() ? "network" : name).value();
}

}  // namespace

std::string example_network_config(const NetworkId& network, const NodeId& self, std::string_view url) {
    constexpr std::string_view kText = R"(# A meshmon network: the nodes that watch each other. The same file on every node.

# The network's name, equal on all nodes.
network_id: {network}

# All nodes. The public key of each lies beside this file, as pubkeys/<node_id>.pub.
node_config:
  - node_id: {self}
    # Where the other nodes reach this one: http://HOST:PORT or https://HOST. `null` if they cannot (behind NAT).
    url: {url}

  # The others, for example:
  # - node_id: server-02
  #   url: https://server-02.example.com:8000
  #   poll_rate: 10         # seconds between two looks at it; may be fractional
  #   retry: 3              # failures in a row until it is down
  #   block: [server-03]    # these do not dial it
)";
    return fmt::format(fmt::runtime(kText), fmt::arg("network", yaml_word(network.str())),
                       fmt::arg("self", yaml_word(self.str())), fmt::arg("url", url.empty() ? "replace_me" : yaml_word(url)));
}

std::string example_node_config(std::string_view directory, const NodeId& self, std::string_view git_repo) {
    std::string text = fmt::format(R"(# This node: the networks that it joins.
networks:
  - directory: {}    # the folder config/networks/<directory>/
    node_id: {}    # this node's name there
)",
                                   yaml_word(directory), yaml_word(self.str()));
    if (!git_repo.empty()) text += fmt::format("    config_type: git\n    git_repo: {}\n", yaml_word(git_repo));
    text += "\n# listen: 0.0.0.0:8000\n";
    return text;
}

std::string example_node_config() {
    return R"(# This node: the networks that it joins. An example of an entry:
# networks:
#   - directory: my-network    # the folder config/networks/<directory>/
#     node_id: server-01       # this node's name there
networks: []

# listen: 0.0.0.0:8000
)";
}

Result<fs::path> create_network_example(const fs::path& config_dir, const NetworkRef& ref, std::string_view url) {
    const fs::path folder = network_folder(config_dir, ref.directory);
    if (Result<void> made = make_folder(folder / "pubkeys"); !made) return made.error();
    const fs::path file = folder / "config.yml";
    const Result<void> written = create_whole(file, example_network_config(network_named_like(ref.directory), ref.node_id, url));
    if (!written) return written.error();
    return file;
}

Result<fs::path> create_node_file(const fs::path& config_dir, std::string_view name, std::string_view text) {
    if (Result<void> made = make_folder(config_dir); !made) return made.error();
    const fs::path file = config_dir / name;
    const Result<void> written = create_whole(file, text);
    if (!written) return written.error();
    return file;
}

}  // namespace meshmon::config
