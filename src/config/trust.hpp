#pragma once

#include <filesystem>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "config/public_keys.hpp"

namespace meshmon::config {

/// What trust_key found or did.
enum class Trusted { stored, already };

/// Puts a peer's public key into `pubkeys` as <peer>.pub, whole; the folder is made where it is missing. What lies there is
/// replaced only by the next step of a rotation: a new key in front of the one that lies there, or the new one alone where both
/// do. Of two keys that are offered where none lies yet, the first alone is stored: it is the one that a person compared.
///
/// Threads: any; blocks on the disk.
/// Errors: config.key_differs, another key lies there: both fingerprints, and the command that makes room; config.peer_key, what
/// lies there is no public key; config.write.
Result<Trusted> trust_key(const std::filesystem::path& pubkeys, const NodeId& peer, const PublicKeyFile& offered);

}  // namespace meshmon::config
