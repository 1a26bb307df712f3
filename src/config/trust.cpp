#include "config/trust.hpp"

#include <fmt/format.h>

#include "config/access.hpp"
#include "config/public_keys.hpp"
#include "config/write_whole.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/pem.hpp"

namespace meshmon::config {

namespace {

std::string pem_of(const PublicKeyFile& keys) {
    return crypto::to_pem(keys.key) + (keys.previous ? crypto::to_pem(*keys.previous) : "");
}

bool is_next_step(const PublicKeyFile& there, const PublicKeyFile& offered) {
    if (offered.previous) return *offered.previous == there.key;
    return there.previous && offered.key == there.key;
}

}  // namespace

Result<Trusted> trust_key(const std::filesystem::path& pubkeys, const NodeId& peer, const PublicKeyFile& offered) {
    if (auto made = make_folder(pubkeys); !made) return made.error();
    const std::filesystem::path file = pubkeys / (peer.str() + ".pub");
    const Result<void> written = create_whole(file, crypto::to_pem(offered.key));  // a second key was shown to nobody
    if (written) return Trusted::stored;
    if (written.error().code != "config.exists") return written.error();
    const Result<PublicKeyFile> there = read_public_keys(file, pubkeys.parent_path());
    if (!there) {
        return fail("config.peer_key",
                    fmt::format("{} is there already and is no public key: {}", file.string(), there.error().message),
                    fmt::format("rm {}", shell_word(file)));
    }
    if (is_next_step(*there, offered)) {
        if (const Result<void> replaced = write_whole(file, pem_of(offered)); !replaced) return replaced.error();
        return Trusted::stored;
    }
    if (there->holds(offered.key)) return Trusted::already;
    return fail(
        "config.key_differs",
        fmt::format("{} holds another key, {}, and is not overwritten; this one is {}", file.string(),
                    crypto::fingerprint(there->key).text(), crypto::fingerprint(offered.key).text()),
        fmt::format(
            "if {} was installed anew: rm {}, then this again; if it changes its key, take its whole file, with both keys",
            peer.str(), shell_word(file)));
}

}  // namespace meshmon::config
