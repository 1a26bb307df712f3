#pragma once

#include <filesystem>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "crypto/crypto.hpp"

namespace meshmon::config {

/// What trust_key found or did.
enum class Trusted { stored, already };

/// Puts a peer's public key into `pubkeys` as <peer>.pub, whole; the folder is made where it is missing. What lies there is
/// never replaced.
///
/// Threads: any; blocks on the disk.
/// Errors: config.key_differs, another key lies there: both fingerprints, and the command that makes room; config.peer_key, what
/// lies there is no public key; config.write.
Result<Trusted> trust_key(const std::filesystem::path& pubkeys, const NodeId& peer, const crypto::PublicKey& key);

}  // namespace meshmon::config
