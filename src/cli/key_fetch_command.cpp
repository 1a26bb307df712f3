// key fetch: a peer's public key is asked of the peer itself, and comes into pubkeys/ once a person has compared it.
#include <fmt/format.h>
#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "cli/daemon_client.hpp"
#include "cli/json_reader.hpp"
#include "cli/peer_key.hpp"
#include "config/access.hpp"
#include "config/url.hpp"
#include "crypto/fingerprint.hpp"
#include "net/sync_client.hpp"

namespace meshmon::cli {
namespace {

using config::KeyChange;

constexpr Duration kDeadline = std::chrono::seconds(5);
constexpr int kOkStatus = 200;

Result<config::PublicKeyFile> ask_for_key(const ListedPeer& target, const std::optional<std::string>& from,
                                          const Globals& globals) {
    const std::string base = from.value_or(target.peer.url);
    if (base.empty()) {
        return fail("cli.no_url", fmt::format("the node list gives no URL for {}", target.id()),
                    fetch_line(target, globals, "--from http://ADDRESS:8000"));
    }
    const Result<std::string> checked = config::parse_peer_url(base);
    if (!checked) return fail("cli.usage", "--from: " + checked.error().message, checked.error().hint);
    const std::string url = fmt::format("{}/mesh/v1/{}/key", *checked, target.network.str());
    const net::ClientResult result = net::fetch(url, kDeadline);
    if (result.outcome != net::Outcome::answered) {
        return fail(
            "cli.unreachable",
            fmt::format("{}: {}", url, result.detail.empty() ? std::string(net::to_string(result.failure)) : result.detail),
            "is meshmon running there, and does this host reach it?");
    }
    if (result.response.status != kOkStatus) {
        return fail("cli.answer", fmt::format("{} answered {}", url, result.response.status),
                    fmt::format("is network {} in nodeconf.yml on the host of {}?", target.network.str(), target.id()));
    }
    auto keys = config::parse_public_keys(result.response.body);
    if (!keys) return fail("cli.answer", fmt::format("{} did not answer with a public key: {}", url, keys.error().message));
    return keys;
}

/// A next key is taken back only as long as the node of this configuration has not heard it; what another one heard does not
/// count. Afterwards the old one counts no more, and whoever
/// stole it may be the one who answers.
Result<void> check_next_is_unused(const ListedPeer& target, const config::PublicKeyFile& there, const Globals& globals) {
    const std::string copy =
        fmt::format("take its whole file over to {}", config::shell_word(target.pubkeys(globals) / (target.id() + ".pub")));
    const auto unasked = [&](const Error& why) {
        return fail("cli.unasked",
                    fmt::format("it would take back the next key of {}, and nobody could be asked whether that is in use: {}",
                                target.id(), why.message),
                    fmt::format("{}; or {}", again_hint(why), copy));
    };
    const auto network = get_own_network(globals, target.network, target.ref.node_id);
    if (!network) return unasked(network.error());
    const auto url = daemon_url(globals);
    if (!url) return unasked(url.error());
    const auto answer = get_json(fmt::format("{}/api/v1/networks/{}/nodes/{}", *url, target.network.str(), target.id()));
    if (!answer) return unasked(answer.error());
    const std::string in_use = read_text(answer->get_object(), "fingerprint");
    if (in_use == crypto::fingerprint(*there.previous).text()) return {};
    const std::string next = crypto::fingerprint(there.key).text();
    if (in_use != next) return unasked(fail("cli.answer", fmt::format("{} does not know it by either key of its file", *url)));
    return fail(
        "cli.key_in_use", fmt::format("{} uses its new key {} already, and its old one counts no more", target.id(), next),
        fmt::format("who answers with the old key there may have stolen it; if {} went back to it, {}", target.id(), copy));
}

/// What changes, for the person who is asked; empty: nothing that the words do not say.
std::string describe(const config::TrustPlan& plan, const config::PublicKeyFile& offered) {
    const auto print = [](const crypto::PublicKey& key) { return crypto::fingerprint(key).text(); };
    switch (plan.change) {
        case KeyChange::none: return "";
        case KeyChange::first:
            return offered.previous ? "It shows two keys, as who changes its key does: only this first one is stored" : "";
        case KeyChange::next:
            return fmt::format("This is its next key; {}, which lies here, counts until this one is used",
                               print(plan.there->key));
        case KeyChange::end: return fmt::format("This takes its old key {} out", print(*plan.there->previous));
        case KeyChange::withdraw:
            return fmt::format("This TAKES BACK its next key {}, which is not in use yet: the key in use stays alone",
                               print(plan.there->key));
        case KeyChange::replace:
            return fmt::format(
                "This TAKES BACK its next key {}, which is not in use yet, and puts this one in its place; {} "
                "counts until this one is used",
                print(plan.there->key), print(*plan.there->previous));
    }
    return "";
}

std::string_view question(KeyChange change) {
    switch (change) {
        case KeyChange::none:
        case KeyChange::first:
        case KeyChange::end: break;
        case KeyChange::withdraw: return "Are they the same words, and is no next key there?";
        case KeyChange::next:
        case KeyChange::replace: return "Are they the same words, of its next key?";
    }
    return "Are they the same words?";
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

/// Whether a person has compared the key, by --confirm or at the terminal; in a script, whether it meant a step back as well.
/// Errors: cli.not_confirmed; cli.usage.
Result<void> confirm(const ListedPeer& target, const config::TrustPlan& plan, const crypto::Fingerprint& print,
                     const Invocation& invocation, Context& context) {
    const std::string words_there = fmt::format("meshmon key words --network {}", target.network.str());
    const std::string script = fmt::format("--confirm {}{}", print.words(), plan.takes_back() ? " --take-back" : "");
    if (const auto given = invocation.value("--confirm")) {
        if (plain_words(*given) != print.words()) {
            return fail("cli.not_confirmed",
                        fmt::format("the words are {}, not {}: another key answers there than the one you mean", print.words(),
                                    plain_words(*given)),
                        fmt::format("on the host of {}: {}", target.id(), words_there));
        }
        if (!plan.takes_back() || invocation.has("--take-back")) return {};
        return fail("cli.not_confirmed", fmt::format("it takes back the next key of {}", target.id()),
                    fetch_line(target, context.globals, script));
    }
    if (!context.in_is_tty) {
        return fail("cli.usage", "key fetch needs somebody to compare the words, or --confirm WORDS",
                    fetch_line(target, context.globals, script));
    }
    context.err << fmt::format("On the host of {} run `{}`. {} [y/N] ", target.id(), words_there, question(plan.change))
                << std::flush;
    std::string answer;
    std::getline(context.in, answer);
    if (answer == "y" || answer == "Y" || answer == "yes") return {};
    return fail("cli.not_confirmed", "nothing is stored", fetch_line(target, context.globals));
}

}  // namespace

int key_fetch_command(const Invocation& invocation, Context& context) {
    const auto failed = [&](std::string_view what, const Error& error) {
        return report(context, what, error, error.code == "cli.usage" ? kUsage : kFailed);
    };
    const auto target = find_peer(invocation.positionals.front(), context.globals);
    if (!target) return failed("no key fetched", target.error());
    const auto keys = ask_for_key(*target, invocation.value("--from"), context.globals);
    if (!keys) return failed("no key fetched", keys.error());
    const crypto::Fingerprint print = crypto::fingerprint(keys->key);
    say(context, fmt::format("{} answers with the key {}\nwords: {}", target->id(), print.text(), print.words()));
    const auto plan = plan_key(*target, *keys, context.globals);
    if (!plan) return failed(fmt::format("key of {} not stored", target->id()), plan.error());
    const auto check_unused = [&] {
        return plan->takes_back() ? check_next_is_unused(*target, *plan->there, context.globals) : Result<void>();
    };
    if (const auto unused = check_unused(); !unused) return failed("no key stored", unused.error());
    if (const std::string change = describe(*plan, *keys); !change.empty()) say(context, change);
    if (const auto confirmed = confirm(*target, *plan, print, invocation, context); !confirmed)
        return failed("no key stored", confirmed.error());
    // A person may take long to answer, and the peer goes over to its next key meanwhile.
    if (const auto unused = check_unused(); !unused) return failed("no key stored", unused.error());
    return store_key(*target, *keys, *plan, context);
}

}  // namespace meshmon::cli
