// key fetch, key trust: another node's public key comes into pubkeys/, once a person has compared it.
#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <iterator>

#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "cli/node_file.hpp"
#include "cli/suggest.hpp"
#include "config/access.hpp"
#include "config/folder.hpp"
#include "config/public_keys.hpp"
#include "config/trust.hpp"
#include "config/write_whole.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/pem.hpp"
#include "net/sync_client.hpp"

namespace meshmon::cli {
namespace {

constexpr Duration kDeadline = std::chrono::seconds(5);
constexpr int kOkStatus = 200;

/// A node of a network's list, as this configuration knows it.
struct ListedPeer {
    config::NetworkRef ref;
    NetworkId network;
    config::Peer peer;
};

/// Where the only network stands whose list has `peer`. Errors: cli.unknown_node; cli.usage, several networks have it, or it is
/// this node itself; cli.config, a list that cannot be read.
Result<ListedPeer> find_peer(const NodeId& id, const Globals& globals) {
    const auto networks = chosen_networks(globals);
    if (!networks) return networks.error();
    std::vector<ListedPeer> found;
    std::vector<std::string> names;
    for (const KnownNetwork& network : *networks) {
        const auto file = config::load_network_file(globals.config_dir, network.ref, {}, network.files.get());
        if (!file.value) {
            if (networks->size() > 1) continue;
            return fail("cli.config", fmt::format("the node list of {} does not load", network.ref.directory),
                        command_line(globals, "check"));
        }
        for (const config::Peer& peer : file.value->peers) {
            names.push_back(peer.node_id.str());
            if (peer.node_id == id) found.push_back({network.ref, file.value->network_id, peer});
        }
    }
    if (found.empty()) {
        return fail("cli.unknown_node", fmt::format("no node list names '{}'{}", id.str(), did_you_mean(id.str(), names)),
                    "add it to node_config in config.yml first");
    }
    if (found.size() > 1) {
        return fail("cli.usage", fmt::format("{} networks list '{}'", found.size(), id.str()),
                    fmt::format("meshmon key fetch {} --network {}", id.str(), found.front().network.str()));
    }
    if (found.front().ref.node_id == id) {
        return fail("cli.usage", fmt::format("{} is this node itself", id.str()), command_line(globals, "key show"));
    }
    return std::move(found.front());
}

Result<config::PublicKeyFile> fetch_key(const ListedPeer& target, const std::optional<std::string>& from) {
    std::string base = from.value_or(target.peer.url);
    if (base.empty()) {
        return fail("cli.no_url", fmt::format("the node list gives no URL for {}", target.peer.node_id.str()),
                    fmt::format("meshmon key fetch {} --from http://ADDRESS:8000", target.peer.node_id.str()));
    }
    const Result<std::string> checked = config::parse_peer_url(base);
    if (!checked) return fail("cli.usage", "--from: " + checked.error().message, checked.error().hint);
    const std::string url = fmt::format("{}/mesh/v1/{}/key", *checked, target.network.str());
    const net::ClientResult result = net::fetch(url, kDeadline);
    if (result.outcome != net::Outcome::answered) {
        return fail(
            "cli.unreachable",
            fmt::format("{}: {}", url, result.detail.empty() ? std::string(net::to_string(result.failure)) : result.detail),
            fmt::format("is meshmon running there, and does this host reach it?"));
    }
    if (result.response.status != kOkStatus) {
        return fail(
            "cli.answer", fmt::format("{} answered {}", url, result.response.status),
            fmt::format("is network {} in nodeconf.yml on the host of {}?", target.network.str(), target.peer.node_id.str()));
    }
    auto keys = config::parse_public_keys(result.response.body);
    if (!keys) return fail("cli.answer", fmt::format("{} did not answer with a public key: {}", url, keys.error().message));
    return keys;
}

Result<config::PublicKeyFile> read_key(const std::string& name, Context& context) {
    std::string text;
    if (name == "-") {
        text.assign(std::istreambuf_iterator<char>(context.in), {});
        text.resize(std::min(text.size(), crypto::kPemBytesMax));
    } else {
        auto read = config::read_whole(name, crypto::kPemBytesMax);
        if (!read) return read.error();
        text = std::move(*read);
    }
    auto keys = config::parse_public_keys(text);
    if (!keys)
        return Error{keys.error().code, fmt::format("{}: {}", name == "-" ? "standard input" : name, keys.error().message),
                     keys.error().hint};
    return keys;
}

/// As people type words: any case, any separator.
std::string plain_words(std::string_view words) {
    std::string out;
    for (const char c : words) {
        if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
        else if (c >= 'a' && c <= 'z') out += c;
        else if (!out.empty() && out.back() != '-') out += '-';
    }
    while (out.ends_with('-')) out.pop_back();
    return out;
}

/// Whether a person has compared the key, by --confirm or at the terminal. Errors: cli.not_confirmed; cli.usage.
Result<void> confirm(const ListedPeer& target, const crypto::Fingerprint& print, const Invocation& invocation, Context& context) {
    const std::string& id = target.peer.node_id.str();
    if (const auto given = invocation.value("--confirm")) {
        if (plain_words(*given) == print.words()) return {};
        return fail("cli.not_confirmed",
                    fmt::format("the words are {}, not {}: another key answers there than the one you mean", print.words(),
                                plain_words(*given)),
                    fmt::format("on the host of {}: meshmon key words --network {}", id, target.network.str()));
    }
    if (!context.in_is_tty) {
        return fail("cli.usage", "key fetch needs somebody to compare the words, or --confirm WORDS",
                    fmt::format("meshmon key fetch {} --confirm {}", id, print.words()));
    }
    context.err << fmt::format("On the host of {} run `meshmon key words --network {}`. Are they the same words? [y/N] ", id,
                               target.network.str())
                << std::flush;
    std::string answer;
    std::getline(context.in, answer);
    if (answer == "y" || answer == "Y" || answer == "yes") return {};
    return fail("cli.not_confirmed", "nothing is stored", fmt::format("meshmon key fetch {}", id));
}

int store(const ListedPeer& target, const config::PublicKeyFile& keys, Context& context) {
    const std::string& id = target.peer.node_id.str();
    const auto pubkeys = config::network_folder(context.globals.config_dir, target.ref.directory) / "pubkeys";
    const auto stored = config::trust_key(pubkeys, target.peer.node_id, keys);
    if (!stored) return report(context, fmt::format("key of {} not stored", id), stored.error(), kFailed);
    const std::filesystem::path file = pubkeys / (id + ".pub");
    const crypto::Fingerprint print = crypto::fingerprint(keys.key);
    if (context.globals.json) {
        context.out << json_line({{"schema", 1},
                                  {"network_id", target.network.str()},
                                  {"node_id", id},
                                  {"fingerprint", print.text()},
                                  {"words", print.words()},
                                  {"public_key_file", file.string()},
                                  {"stored", *stored == config::Trusted::stored}});
    } else {
        context.out << fmt::format("{} {}: {}\n", *stored == config::Trusted::stored ? "stored" : "already there", file.string(),
                                   print.text());
    }
    return kOk;
}

/// A network whose files come from a repository gets its keys there.
std::optional<Error> not_local(const ListedPeer& target) {
    if (target.ref.type == config::ConfigType::local) return std::nullopt;
    return Error{"cli.git_network", fmt::format("the keys of {} come from {}", target.network.str(), target.ref.git_repo),
                 fmt::format("put the key there as pubkeys/{}.pub, commit and push", target.peer.node_id.str())};
}

}  // namespace

int key_fetch_command(const Invocation& invocation, Context& context) {
    const auto id = NodeId::parse(invocation.positionals.front());
    if (!id) return report(context, "usage", fail("cli.usage", id.error().message, id.error().hint), kUsage);
    const auto target = find_peer(*id, context.globals);
    if (!target) return report(context, "no key fetched", target.error(), target.error().code == "cli.usage" ? kUsage : kFailed);
    if (const auto error = not_local(*target)) return report(context, "no key fetched", *error, kFailed);
    const auto key = fetch_key(*target, invocation.value("--from"));
    if (!key) return report(context, "no key fetched", key.error(), key.error().code == "cli.usage" ? kUsage : kFailed);
    const crypto::Fingerprint print = crypto::fingerprint(key->key);
    say(context, fmt::format("{} answers with the key {}\nwords: {}", id->str(), print.text(), print.words()));
    if (const auto confirmed = confirm(*target, print, invocation, context); !confirmed) {
        return report(context, "no key stored", confirmed.error(), confirmed.error().code == "cli.usage" ? kUsage : kFailed);
    }
    return store(*target, *key, context);
}

int key_trust_command(const Invocation& invocation, Context& context) {
    const auto id = NodeId::parse(invocation.positionals.front());
    if (!id) return report(context, "usage", fail("cli.usage", id.error().message, id.error().hint), kUsage);
    const auto target = find_peer(*id, context.globals);
    if (!target) return report(context, "no key stored", target.error(), target.error().code == "cli.usage" ? kUsage : kFailed);
    if (const auto error = not_local(*target)) return report(context, "no key stored", *error, kFailed);
    const auto key = read_key(invocation.positionals.back(), context);
    if (!key) return report(context, "no key stored", key.error(), kFailed);
    say(context, fmt::format("words: {}", crypto::fingerprint(key->key).words()));
    return store(*target, *key, context);
}

}  // namespace meshmon::cli
