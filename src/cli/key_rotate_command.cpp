// key rotate: another key for this node, with a time in which the others take both.
#include <fmt/format.h>
#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "cli/node_file.hpp"
#include "config/access.hpp"
#include "config/rotation.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/keys.hpp"
#include "repo/on_disk.hpp"

namespace meshmon::cli {
namespace {

struct Rotated {
    config::NetworkRef ref;
    std::filesystem::path public_file;
    crypto::PublicKey in_use;
    std::optional<crypto::PublicKey> next;
};

Result<Rotated> rotate(const KnownNetwork& network, bool finish, const Globals& globals) {
    const auto place = config::own_key_place(globals.config_dir, network.ref, network.network);
    auto key = finish ? config::end_rotation(place) : config::begin_rotation(place);
    if (!key) {
        Error error = key.error();
        if (error.hint.starts_with("meshmon key rotate")) {
            error.hint = command_line(globals, fmt::format("key rotate{} --network {}", finish ? "" : " --finish",
                                                           config::shell_word(network.ref.directory)));
        }
        return error;
    }
    Rotated out{.ref = network.ref, .public_file = place.public_file(), .in_use = key->public_key, .next = {}};
    if (key->second && key->second->is_next) out.next = key->second->public_key;
    crypto::wipe(key->private_pem);
    if (key->second) crypto::wipe(key->second->private_pem);
    return out;
}

boost::json::object to_json(const Rotated& rotated) {
    boost::json::object out = {{"directory", rotated.ref.directory},
                               {"node_id", rotated.ref.node_id.str()},
                               {"fingerprint", crypto::fingerprint(rotated.in_use).text()},
                               {"next_fingerprint", nullptr},
                               {"next_words", nullptr},
                               {"public_key_file", rotated.public_file.string()}};
    if (rotated.next) {
        out["next_fingerprint"] = crypto::fingerprint(*rotated.next).text();
        out["next_words"] = crypto::fingerprint(*rotated.next).words();
    }
    return out;
}

void say_next_steps(const Rotated& rotated, Context& context) {
    const std::string& id = rotated.ref.node_id.str();
    const std::string file = rotated.public_file.string();
    if (rotated.ref.type == config::ConfigType::git) {
        say(context, fmt::format("Now commit {} to the repository as pubkeys/{}.pub:\n{}", file, id,
                                 repo::add_key_commands(context.globals.config_dir, rotated.ref)));
    } else {
        say(context, fmt::format("Now give {} to the others: copy it whole into pubkeys/ there, or on each of them:\n"
                                 "meshmon key fetch {} --network {}",
                                 file, id, rotated.ref.directory));
    }
    if (rotated.next) {
        say(context,
            "The running node goes over to the new key by itself once most of them know it; `meshmon status` says who lacks it. "
            "Then: meshmon key rotate --finish");
    }
}

void print(const Rotated& rotated, Context& context) {
    const std::string& id = rotated.ref.node_id.str();
    const crypto::Fingerprint in_use = crypto::fingerprint(rotated.in_use);
    if (rotated.next) {
        const crypto::Fingerprint next = crypto::fingerprint(*rotated.next);
        context.out << fmt::format("{} in {}: new key {}, in use until it is known: {}\nwords of the new key: {}\n", id,
                                   rotated.ref.directory, next.text(), in_use.text(), next.words());
    } else {
        context.out << fmt::format("{} in {}: {} holds {} alone\n", id, rotated.ref.directory, rotated.public_file.string(),
                                   in_use.text());
    }
    say_next_steps(rotated, context);
}

}  // namespace

int key_rotate_command(const Invocation& invocation, Context& context) {
    const bool finish = invocation.has("--finish");
    const auto networks = chosen_networks(context.globals);
    if (!networks) return report(context, "key not changed", networks.error(), kFailed);
    boost::json::array list;
    for (const KnownNetwork& network : *networks) {
        const auto rotated = rotate(network, finish, context.globals);
        if (!rotated)
            return report(context, fmt::format("key in {} not changed", network.ref.directory), rotated.error(), kFailed);
        if (context.globals.json) list.push_back(to_json(*rotated));
        else print(*rotated, context);
    }
    if (context.globals.json) context.out << json_line({{"schema", 1}, {"keys", std::move(list)}});
    return kOk;
}

}  // namespace meshmon::cli
