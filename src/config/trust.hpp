#pragma once

#include <filesystem>
#include <optional>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "config/public_keys.hpp"

/// A peer's public key comes into `pubkeys`, or gives way to another there.
///
/// Threads: any; blocks on the disk.
namespace meshmon::config {

/// What the keys that a peer offers change in its file.
enum class KeyChange {
    none,      ///< nothing: it holds them
    first,     ///< there is no file yet; the first key alone comes into it: it is the one that a person compared
    next,      ///< a new key comes in front of the one that lies there
    end,       ///< of two that lie there the new one stays alone
    withdraw,  ///< of two that lie there the old one stays alone: its next key is taken back
    replace,   ///< of two that lie there another new one comes in front of the old one
};

/// What is to be done, by what lies there now.
struct TrustPlan {
    KeyChange change = KeyChange::none;
    std::optional<PublicKeyFile> there;

    /// Whether it goes behind a key that lies there already. The owner of the key in use may do that as long as it has not used
    /// the next one; after that, whoever stole the old one could ask for it too. So it is for the caller to know that the next
    /// key was not used, and that a person agreed to just this.
    [[nodiscard]] bool takes_back() const { return change == KeyChange::withdraw || change == KeyChange::replace; }

    friend bool operator==(const TrustPlan&, const TrustPlan&) = default;
};

/// Errors: config.key_differs, a key lies there that no step of a rotation leads from to what is offered: both fingerprints, and
/// the command that makes room; config.peer_key, what lies there is no public key.
Result<TrustPlan> plan_trust(const std::filesystem::path& pubkeys, const NodeId& peer, const PublicKeyFile& offered);

/// Writes <peer>.pub as `plan` says, whole; the folder is made where it is missing.
/// Errors: as plan_trust; config.key_changed, another plan would fit by now; config.write.
Result<void> trust_key(const std::filesystem::path& pubkeys, const NodeId& peer, const PublicKeyFile& offered,
                       const TrustPlan& plan);

}  // namespace meshmon::config
