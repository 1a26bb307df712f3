#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "crypto/pem.hpp"

/// Key files come from repositories and people: no text crashes the reader, and a key that was read is written the same way.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meshmon::crypto;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto key = public_key_from_pem(text)) {
        MM_CHECK(public_key_from_pem(to_pem(*key)).value() == *key, "a public key that was read can be written and read again");
    }
    if (const auto key = secret_key_from_pem(text)) {
        MM_CHECK(secret_key_from_pem(to_pem(*key)).value().seed() == key->seed(), "and so can a secret one");
    }
    return 0;
}
