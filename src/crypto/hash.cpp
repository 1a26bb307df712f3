#include "crypto/hash.hpp"

#include <sodium.h>

namespace meshmon::crypto {

Hash blake2b_256(ByteView bytes) {
    Hash hash;
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), nullptr, 0);
    return hash;
}

}  // namespace meshmon::crypto
