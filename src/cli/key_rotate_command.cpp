// key rotate: another key for this node, with a time in which the others take both.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "cli/daemon_client.hpp"
#include "cli/json_reader.hpp"
#include "cli/json_text.hpp"
#include "cli/node_file.hpp"
#include "config/access.hpp"
#include "config/rotation.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/keys.hpp"
#include "repo/on_disk.hpp"

namespace meshmon::cli {
namespace {

using config::RotationStep;

void wipe(config::OwnKey& key) {
    crypto::wipe(key.private_pem);
    if (key.second) crypto::wipe(key.second->private_pem);
}

struct Rotated {
    config::NetworkRef ref;
    std::filesystem::path public_file;
    crypto::PublicKey in_use;
    std::optional<crypto::PublicKey> next;
};

config::OwnKeyPlace place_of(const KnownNetwork& network, const Globals& globals) {
    return config::own_key_place(globals.config_dir, network.ref, network.network);
}

/// The command at the end of a hint names the network, and the configuration where it is not the usual one.
Error with_command(Error error, const KnownNetwork& network, const Globals& globals) {
    constexpr std::string_view kProgram = "meshmon ";
    const std::size_t at = error.hint.find("meshmon key rotate");
    if (at == std::string::npos) return error;
    const std::string words = error.hint.substr(at + kProgram.size());
    error.hint.replace(at, std::string::npos,
                       command_line(globals, fmt::format("{} --network {}", words, config::shell_word(network.ref.directory))));
    return error;
}

/// Who has not used the new key yet, as the running node knows it. Errors: it cannot be asked.
Result<std::vector<std::string>> ask_who_lacks(const KnownNetwork& network, const Globals& globals) {
    if (!network.network) return fail("cli.config", "config.yml does not load, so the network's name is not known");
    const auto view = get_own_network(globals, *network.network, network.ref.node_id);
    if (!view) return view.error();
    return read_texts(read_array(read_object(*view, "rotation"), "lacking"));
}

/// What the old key is still there for.
Result<void> check_all_use_it(const KnownNetwork& network, Context& context) {
    const std::string forced = command_line(
        context.globals, fmt::format("key rotate --finish --force --network {}", config::shell_word(network.ref.directory)));
    const auto lacking = ask_who_lacks(network, context.globals);
    if (!lacking) {
        return fail("cli.unasked",
                    sanitise(fmt::format("nobody could be asked who in {} does not use the new key yet: {}",
                                         network.ref.directory, lacking.error().message),
                             context.err_terminal),
                    fmt::format("{}; without asking: {}", again_hint(lacking.error()), forced));
    }
    if (lacking->empty()) return {};
    return fail(
        "cli.lacking",
        sanitise(fmt::format("{} {} not used the new key yet, and may know the old one alone", fmt::join(*lacking, ", "),
                             lacking->size() == 1 ? "has" : "have"),
                 context.err_terminal),
        fmt::format("{} says how they get it; to lose them until then: {}", command_line(context.globals, "status"), forced));
}

/// Whether the step can be taken; changes nothing.
Result<void> check(const KnownNetwork& network, RotationStep step, bool force, Context& context) {
    auto key = config::ready_for(step, place_of(network, context.globals));
    if (!key) return with_command(key.error(), network, context.globals);
    wipe(*key);
    if (step == RotationStep::end && !force) return check_all_use_it(network, context);
    return {};
}

/// Of all that are meant, those with a rotation to end or take back; all, where one is to begin. Errors: where the step cannot
/// be taken in one of them, or is due in none.
Result<std::vector<KnownNetwork>> choose_concerned(const std::vector<KnownNetwork>& networks, RotationStep step, bool force,
                                                   Context& context) {
    std::vector<KnownNetwork> concerned;
    std::optional<Error> idle;
    for (const KnownNetwork& network : networks) {
        const auto ready = check(network, step, force, context);
        if (ready) concerned.push_back(network);
        else if (ready.error().code == "config.not_rotating") idle = ready.error();
        else
            return fail(ready.error().code, fmt::format("{}: {}", network.ref.directory, ready.error().message),
                        ready.error().hint);
    }
    if (concerned.empty() && idle) return *idle;
    return concerned;
}

Result<config::OwnKey> take(RotationStep step, const config::OwnKeyPlace& place) {
    switch (step) {
        case RotationStep::begin: return config::begin_rotation(place);
        case RotationStep::end: return config::end_rotation(place);
        case RotationStep::abort: return config::abort_rotation(place);
    }
    return config::begin_rotation(place);
}

Result<Rotated> rotate(const KnownNetwork& network, RotationStep step, const Globals& globals) {
    const auto place = place_of(network, globals);
    auto key = take(step, place);
    if (!key) return with_command(key.error(), network, globals);
    Rotated out{.ref = network.ref, .public_file = place.public_file(), .in_use = key->public_key, .next = {}};
    if (key->has_next()) out.next = key->second->public_key;
    wipe(*key);
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

void say_next_steps(const Rotated& rotated, RotationStep step, Context& context) {
    const std::string& id = rotated.ref.node_id.str();
    const std::string file = rotated.public_file.string();
    if (rotated.ref.type == config::ConfigType::git) {
        say(context, fmt::format("Now commit {} to the repository as pubkeys/{}.pub:\n{}", file, id,
                                 repo::add_key_commands(context.globals.config_dir, rotated.ref)));
    } else if (step == RotationStep::abort) {
        say(context,
            fmt::format("Now give {} to those who have the other key: copy it whole into pubkeys/ there, or on each of them:\n"
                        "meshmon key fetch {} --network {}",
                        file, id, rotated.ref.directory));
    } else {
        say(context, fmt::format("Now give {} to the others: copy it whole into pubkeys/ there, or on each of them:\n"
                                 "meshmon key fetch {} --network {}",
                                 file, id, rotated.ref.directory));
    }
    if (rotated.next) {
        say(context,
            fmt::format("The running node goes over to the new key by itself once most of them know it; `{}` says who lacks it. "
                        "Then: {}",
                        command_line(context.globals, "status"),
                        command_line(context.globals, fmt::format("key rotate --finish --network {}",
                                                                  config::shell_word(rotated.ref.directory)))));
    }
}

void print(const Rotated& rotated, RotationStep step, Context& context) {
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
    say_next_steps(rotated, step, context);
}

}  // namespace

int key_rotate_command(const Invocation& invocation, Context& context) {
    const bool finish = invocation.has("--finish");
    const bool abort = invocation.has("--abort");
    const bool force = invocation.has("--force");
    if ((finish && abort) || (force && !finish)) {
        const auto error = fail("cli.usage", finish ? "a rotation is either finished or aborted" : "--force goes with --finish",
                                command_line(context.globals, "key rotate --help"));
        return report(context, "usage", error, kUsage);
    }
    const RotationStep step = finish ? RotationStep::end : abort ? RotationStep::abort : RotationStep::begin;
    const auto networks = chosen_networks(context.globals);
    if (!networks) return report(context, "key not changed", networks.error(), kFailed);
    const auto concerned = choose_concerned(*networks, step, force, context);
    if (!concerned) return report(context, "no key changed", concerned.error(), kFailed);
    boost::json::array list;
    std::string changed;
    for (const KnownNetwork& network : *concerned) {
        const auto rotated = rotate(network, step, context.globals);
        if (!rotated) {
            const std::string others = changed.empty() ? "" : fmt::format(" (but in {})", changed);
            return report(context, fmt::format("key in {} not changed{}", network.ref.directory, others), rotated.error(),
                          kFailed);
        }
        changed += (changed.empty() ? "" : ", ") + network.ref.directory;
        if (context.globals.json) list.push_back(to_json(*rotated));
        else print(*rotated, step, context);
    }
    if (context.globals.json) context.out << json_line({{"schema", 1}, {"keys", std::move(list)}});
    return kOk;
}

}  // namespace meshmon::cli
