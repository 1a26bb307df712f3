// key trust: a peer's public key that came another way comes into pubkeys/.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/peer_key.hpp"
#include "config/access.hpp"
#include "config/write_whole.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/pem.hpp"

namespace meshmon::cli {
namespace {

Result<config::PublicKeyFile> read_key(const std::string& name, const ListedPeer& target, Context& context) {
    const std::string hint =
        fmt::format("`meshmon key show --network {}` on the host of {} prints it", target.network.str(), target.id());
    std::string text;
    if (name == "-") {
        text.resize(crypto::kPemBytesMax + 1);  // one more than a key file may have: more is refused, not cut off
        context.in.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(context.in.gcount()));
    } else {
        auto read = config::read_whole(name, crypto::kPemBytesMax);
        if (!read) return Error{read.error().code, read.error().message, read.error().hint.empty() ? hint : read.error().hint};
        text = std::move(*read);
    }
    auto keys = config::parse_public_keys(text);
    if (keys) return keys;
    const bool is_none = keys.error().code.starts_with("crypto.");
    return Error{keys.error().code, fmt::format("{}: {}", name == "-" ? "standard input" : name, keys.error().message),
                 is_none ? hint : keys.error().hint};
}

/// Nobody is asked here, so nothing goes back.
Result<config::TrustPlan> plan_forward(const ListedPeer& target, const config::PublicKeyFile& keys, const Globals& globals) {
    const std::filesystem::path pubkeys = target.pubkeys(globals);
    auto plan = plan_key(target, keys, globals);
    if (!plan || !plan->takes_back()) return plan;
    return fail(
        "cli.takes_back",
        fmt::format("it would take back the next key of {}, {}", target.id(), crypto::fingerprint(plan->there->key).text()),
        fmt::format("{}, which asks for the words; or copy the file whole to {}", fetch_line(target, globals),
                    config::shell_word(pubkeys / (target.id() + ".pub"))));
}

}  // namespace

int key_trust_command(const Invocation& invocation, Context& context) {
    const auto target = find_peer(invocation.positionals.front(), context.globals);
    if (!target) return report(context, "no key stored", target.error(), target.error().code == "cli.usage" ? kUsage : kFailed);
    const auto keys = read_key(invocation.positionals.back(), *target, context);
    if (!keys) return report(context, "no key stored", keys.error(), kFailed);
    say(context, fmt::format("words: {}", crypto::fingerprint(keys->key).words()));
    const auto plan = plan_forward(*target, *keys, context.globals);
    if (!plan) return report(context, fmt::format("key of {} not stored", target->id()), plan.error(), kFailed);
    return store_key(*target, *keys, *plan, context);
}

}  // namespace meshmon::cli
