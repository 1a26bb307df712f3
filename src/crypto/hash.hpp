#pragma once

#include "base/bytes.hpp"
#include "crypto/crypto.hpp"

namespace meshmon::crypto {

/// BLAKE2b with 32 bytes of output and no key: what names nodes, rosters and revisions are told apart by.
[[nodiscard]] Hash blake2b_256(ByteView bytes);

}  // namespace meshmon::crypto
