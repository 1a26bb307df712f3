#include "config/trust.hpp"

#include <fmt/format.h>

#include "config/access.hpp"
#include "config/public_keys.hpp"
#include "config/write_whole.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/pem.hpp"

namespace meshmon::config {

Result<Trusted> trust_key(const std::filesystem::path& pubkeys, const NodeId& peer, const crypto::PublicKey& key) {
    if (auto made = make_folder(pubkeys); !made) return made.error();
    const std::filesystem::path file = pubkeys / (peer.str() + ".pub");
    const Result<void> written = create_whole(file, crypto::to_pem(key));
    if (written) return Trusted::stored;
    if (written.error().code != "config.exists") return written.error();
    const Result<PublicKeyFile> there = read_public_keys(file, pubkeys.parent_path());
    if (!there) {
        return fail("config.peer_key",
                    fmt::format("{} is there already and is no public key: {}", file.string(), there.error().message),
                    fmt::format("rm {}", shell_word(file)));
    }
    if (there->holds(key)) return Trusted::already;
    return fail("config.key_differs",
                fmt::format("{} holds another key, {}, and is not overwritten; this one is {}", file.string(),
                            crypto::fingerprint(there->key).text(), crypto::fingerprint(key).text()),
                fmt::format("if {} was installed anew: rm {}, then this again", peer.str(), shell_word(file)));
}

}  // namespace meshmon::config
