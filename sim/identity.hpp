#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/ids.hpp"
#include "crypto/crypto.hpp"

namespace meshmon::sim {

/// Where requests to a node go.
[[nodiscard]] inline std::string base_url(const NodeId& id) { return "http://" + id.str() + ".sim:8000"; }

enum class CryptoKind {
    stand_in,  ///< keyed hashes: fast, no secrecy
    sodium,    ///< the real one
};

/// An identity made from two numbers: the same `key_seed` is the same key pair, and `chance_seed` decides everything that
/// a real node would draw from the operating system. So a run with the real crypto is replayable too.
std::unique_ptr<crypto::Crypto> make_identity(CryptoKind kind, std::uint64_t key_seed, std::uint64_t chance_seed);

}  // namespace meshmon::sim
