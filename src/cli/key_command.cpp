#include <fmt/format.h>
#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "cli/node_file.hpp"
#include "cli/table.hpp"
#include "config/access.hpp"
#include "config/keys.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/pem.hpp"

namespace meshmon::cli {
namespace {

struct Shown {
    KnownNetwork network;
    config::OwnKeyPlace place;
    config::OwnKey key;
};

/// A key that is missing names the command that makes it.
Error with_remedy(Error error, const KnownNetwork& network, const Globals& globals) {
    if (error.code == "config.own_key_missing") {
        error.hint = command_line(globals, fmt::format("key generate --network {}", config::shell_word(network.ref.directory)));
    }
    return error;
}

Result<std::vector<Shown>> read_keys(Context& context, bool generate) {
    const auto networks = chosen_networks(context.globals);
    if (!networks) return networks.error();
    std::vector<Shown> shown;
    for (const KnownNetwork& network : *networks) {
        const auto place = config::own_key_place(context.globals.config_dir, network.ref, network.network);
        auto key = generate ? config::ensure_own_key(place) : config::read_own_key(place);
        if (!key) return with_remedy(key.error(), network, context.globals);
        for (const config::Diagnostic& note : key->notes) say(context, sanitise(note.text, context.err_terminal));
        if (generate) {
            if (const auto published = config::publish_own_key(place, *key); !published) return published.error();
        }
        shown.push_back({network, place, std::move(*key)});
    }
    return shown;
}

boost::json::object to_json(const Shown& shown, bool generate) {
    const auto fingerprint = crypto::fingerprint(shown.key.public_key);
    boost::json::object out = {{"network_id", nullptr},
                               {"directory", shown.network.ref.directory},
                               {"node_id", shown.network.ref.node_id.str()},
                               {"fingerprint", fingerprint.text()},
                               {"words", fingerprint.words()},
                               {"public_key_pem", crypto::to_pem(shown.key.public_key)},
                               {"private_key_file", shown.key.file.string()},
                               {"public_key_file", shown.place.public_file().string()},
                               {"second", nullptr}};
    if (const auto& second = shown.key.second) {
        const auto print = crypto::fingerprint(second->public_key);
        out["second"] = {{"is_next", second->is_next},
                         {"fingerprint", print.text()},
                         {"words", print.words()},
                         {"public_key_pem", crypto::to_pem(second->public_key)},
                         {"private_key_file", second->file.string()}};
    }
    if (shown.network.network) out["network_id"] = shown.network.network->str();
    if (generate) out["generated"] = shown.key.generated;
    return out;
}

void print_json(const std::vector<Shown>& keys, bool generate, Context& context) {
    boost::json::array list;
    for (const Shown& each : keys) list.push_back(to_json(each, generate));
    context.out << json_line({{"schema", 1}, {"keys", std::move(list)}});
}

std::vector<Cell> name_cells(const Shown& shown) { return {{shown.network.ref.directory}, {shown.network.ref.node_id.str()}}; }

template <typename Text>
void print_table(const std::vector<Shown>& keys, std::string_view title, Text text, Context& context) {
    Table table({{"NETWORK"}, {"NODE"}, {std::string(title)}});
    for (const Shown& each : keys) {
        std::vector<Cell> row = name_cells(each);
        row.push_back({text(crypto::fingerprint(each.key.public_key))});
        table.add(std::move(row));
        if (!each.key.second) continue;
        row = name_cells(each);
        row.back().text += each.key.second->is_next ? " (its next key)" : " (its key before)";
        row.push_back({text(crypto::fingerprint(each.key.second->public_key))});
        table.add(std::move(row));
    }
    context.out << table.text(context.out_terminal);
}

void print_generated(const std::vector<Shown>& keys, Context& context) {
    Table table({{"NETWORK"}, {"NODE"}, {"FINGERPRINT"}, {"STATE"}, {"PUBLIC KEY"}, {"PRIVATE KEY"}});
    for (const Shown& each : keys) {
        std::vector<Cell> row = name_cells(each);
        row.push_back({crypto::fingerprint(each.key.public_key).text()});
        row.push_back({each.key.generated ? "generated" : "kept"});
        row.push_back({each.place.public_file().string()});
        row.push_back({each.key.file.string()});
        table.add(std::move(row));
    }
    context.out << table.text(context.out_terminal);
    for (const Shown& each : keys) {
        const bool local = each.place.type == config::ConfigType::local;
        say(context,
            fmt::format("Put {} into {} of network {}.", each.place.public_file().string(),
                        local ? "pubkeys/ on every other node" : "pubkeys/ in the repository", each.network.ref.directory));
    }
}

void print_pem(const std::vector<Shown>& keys, Context& context) {
    for (const Shown& each : keys) {
        say(context, fmt::format("# {} in {}: {}", each.network.ref.node_id.str(), each.network.ref.directory,
                                 crypto::fingerprint(each.key.public_key).text()));
        const std::string pem = crypto::to_pem(each.key.public_key);
        if (!each.key.second) context.out << pem << std::flush;
        else if (each.key.second->is_next) context.out << crypto::to_pem(each.key.second->public_key) << pem << std::flush;
        else context.out << pem << crypto::to_pem(each.key.second->public_key) << std::flush;
    }
}

}  // namespace

int key_command(const Invocation& invocation, Context& context) {
    const std::string& what = invocation.path.back();
    if (what == "fetch") return key_fetch_command(invocation, context);
    if (what == "trust") return key_trust_command(invocation, context);
    if (what == "rotate") return key_rotate_command(invocation, context);
    const bool generate = what == "generate";
    const auto keys = read_keys(context, generate);
    if (!keys) return report(context, generate ? "no key made" : "no key to show", keys.error(), kFailed);
    if (context.globals.json) {
        print_json(*keys, generate, context);
    } else if (generate) {
        print_generated(*keys, context);
    } else if (what == "show") {
        print_pem(*keys, context);
    } else if (what == "words") {
        print_table(*keys, "WORDS", [](const crypto::Fingerprint& print) { return print.words(); }, context);
    } else {
        print_table(*keys, "FINGERPRINT", [](const crypto::Fingerprint& print) { return print.text(); }, context);
    }
    return kOk;
}

}  // namespace meshmon::cli
