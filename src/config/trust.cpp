#include "config/trust.hpp"

#include <fmt/format.h>

#include "config/access.hpp"
#include "config/public_keys.hpp"
#include "config/write_whole.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/pem.hpp"

namespace meshmon::config {

namespace {

std::filesystem::path key_file(const std::filesystem::path& pubkeys, const NodeId& peer) {
    return pubkeys / (peer.str() + ".pub");
}

std::string pem_of(const PublicKeyFile& keys) {
    return crypto::to_pem(keys.key) + (keys.previous ? crypto::to_pem(*keys.previous) : "");
}

/// Absent where no step leads from one to the other.
std::optional<KeyChange> change_between(const PublicKeyFile& there, const PublicKeyFile& offered) {
    if (offered.previous) {
        if (offered.key == there.previous) return std::nullopt;  // the old key does not follow the new one
        if (*offered.previous == there.key) return KeyChange::next;
        if (offered.key == there.key) return KeyChange::none;
        if (there.previous && *offered.previous == *there.previous) return KeyChange::replace;
        return std::nullopt;
    }
    if (offered.key == there.key) return there.previous ? KeyChange::end : KeyChange::none;
    if (offered.key == there.previous) return KeyChange::withdraw;
    return std::nullopt;
}

Error other_key(const std::filesystem::path& file, const NodeId& peer, const PublicKeyFile& there, const PublicKeyFile& offered) {
    return fail(
        "config.key_differs",
        fmt::format("{} holds another key, {}, and is not overwritten; this one is {}", file.string(),
                    crypto::fingerprint(there.key).text(), crypto::fingerprint(offered.key).text()),
        fmt::format(
            "if {} was installed anew: rm {}, then this again; if it changes its key, take its whole file, with both keys",
            peer.str(), shell_word(file)));
}

}  // namespace

Result<TrustPlan> plan_trust(const std::filesystem::path& pubkeys, const NodeId& peer, const PublicKeyFile& offered) {
    const std::filesystem::path file = key_file(pubkeys, peer);
    const Result<PublicKeyFile> there = read_public_keys(file, pubkeys.parent_path());
    if (!there) {
        if (there.error().code == "config.file_missing") return TrustPlan{.change = KeyChange::first, .there = {}};
        return fail("config.peer_key",
                    fmt::format("{} is there already and is no public key: {}", file.string(), there.error().message),
                    fmt::format("rm {}", shell_word(file)));
    }
    const std::optional<KeyChange> change = change_between(*there, offered);
    if (!change) return other_key(file, peer, *there, offered);
    return TrustPlan{.change = *change, .there = *there};
}

Result<void> trust_key(const std::filesystem::path& pubkeys, const NodeId& peer, const PublicKeyFile& offered,
                       const TrustPlan& plan) {
    const std::filesystem::path file = key_file(pubkeys, peer);
    const Result<TrustPlan> now = plan_trust(pubkeys, peer, offered);
    if (!now) return now.error();
    if (*now != plan) return fail("config.key_changed", fmt::format("{} was changed meanwhile", file.string()), "this again");
    switch (plan.change) {
        case KeyChange::none: return {};
        case KeyChange::first:
            if (Result<void> made = make_folder(pubkeys); !made) return made.error();
            return create_whole(file, crypto::to_pem(offered.key));  // a second key was shown to nobody
        case KeyChange::next:
        case KeyChange::end:
        case KeyChange::withdraw:
        case KeyChange::replace: break;
    }
    return write_whole(file, pem_of(offered));
}

}  // namespace meshmon::config
