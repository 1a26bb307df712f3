#include "crypto/pem.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <optional>

#include "base/check.hpp"

namespace meshmon::crypto {
namespace {

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using BioPtr = std::unique_ptr<BIO, Free>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free>;

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kDashes = "-----";
constexpr std::string_view kSpace = " \t\r\v\f";
constexpr const char* kTakeShown = "take what `meshmon key show` prints on the host of the node whose key it is";

/// A block's label, and its lines without what surrounds them. Wipes itself: it may hold a private key.
struct Block {
    std::string label;
    std::string text;
    Block() = default;
    Block(Block&& other) noexcept : label(std::move(other.label)), text(other.text) { wipe(other.text); }
    Block& operator=(Block&&) = delete;
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;
    ~Block() { wipe(text); }
};

std::string_view trim(std::string_view line) {
    const std::size_t first = line.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return line.substr(first, line.find_last_not_of(kSpace) - first + 1);
}

/// Appends the lines of `text` up to and including `last`. False if it never comes.
bool take_lines(std::string_view text, const std::string& last, std::string& out) {
    out.reserve(text.size() + 1);  // no copy of a secret is left behind by growing
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = trim(text.substr(0, end));
        out.append(line).push_back('\n');
        if (line == last) return true;
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return false;
}

Result<Block> find_block(std::string_view text) {
    if (text.size() > kPemBytesMax) return fail("crypto.pem", "longer than 16 KiB: no key file");
    const std::size_t begin = text.find(kBegin);
    if (begin == std::string_view::npos) {
        const bool ssh = text.find("ssh-ed25519 ") != std::string_view::npos;
        return fail("crypto.pem", ssh ? "an OpenSSH public key, not PEM" : "no PEM block: there is no line -----BEGIN ...-----",
                    kTakeShown);
    }
    if (text.find(kBegin, begin + 1) != std::string_view::npos) {
        return fail("crypto.pem", "several PEM blocks in one file", "keep one key in a file");
    }
    const std::size_t label_begin = begin + kBegin.size();
    const std::size_t label_end = text.find(kDashes, label_begin);
    if (label_end == std::string_view::npos || label_end - label_begin > 40) {
        return fail("crypto.pem", "the line -----BEGIN ... does not end in -----");
    }
    Block block;
    block.label = text.substr(label_begin, label_end - label_begin);
    if (!take_lines(text.substr(begin), "-----END " + block.label + "-----", block.text)) {
        return fail("crypto.pem", "cut short: there is no line -----END " + block.label + "-----", "copy the whole file again");
    }
    return block;
}

bool is_encrypted(const Block& block) {
    return block.label == "ENCRYPTED PRIVATE KEY" || block.text.find("\nProc-Type: 4,ENCRYPTED") != std::string::npos;
}

Error wrong_kind(const Block& block, std::string_view wanted) {
    const bool private_found = block.label.ends_with("PRIVATE KEY");
    std::string hint = kTakeShown;
    if (private_found && wanted == "PUBLIC KEY") {
        hint = "put the public key here (openssl pkey -in KEY -pubout) and take the private one away from everybody's eyes";
    }
    return fail("crypto.pem_kind",
                "holds -----BEGIN " + block.label + "----- where -----BEGIN " + std::string(wanted) + "----- belongs", hint);
}

/// "RSA of 2048 bits".
std::string describe(const EVP_PKEY* key) {
    const char* const name = EVP_PKEY_get0_type_name(key);
    return std::string(name != nullptr ? name : "an unknown algorithm") + " of " + std::to_string(EVP_PKEY_get_bits(key)) +
           " bits";
}

Result<KeyPtr> checked_ed25519(KeyPtr key, const Block& block) {
    // What failed here must not be taken for a failure of the next TLS call.
    ERR_clear_error();
    if (!key)
        return fail("crypto.pem", "the content of -----BEGIN " + block.label + "----- cannot be read",
                    "copy the whole file again");
    if (EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) {
        return fail("crypto.pem_algorithm", "the key is " + describe(key.get()) + ", not Ed25519", kTakeShown);
    }
    return key;
}

/// Never asks a terminal for a pass phrase.
int no_pass_phrase(char*, int, int, void*) { return -1; }

std::string content(BIO* bio) {
    char* start = nullptr;
    const long size = BIO_get_mem_data(bio, &start);
    return {start, static_cast<std::size_t>(size)};
}

}  // namespace

Result<PublicKey> public_key_from_pem(std::string_view text) {
    const auto block = find_block(text);
    if (!block) return block.error();
    if (block->label != "PUBLIC KEY") return wrong_kind(*block, "PUBLIC KEY");

    const BioPtr bio(BIO_new_mem_buf(block->text.data(), static_cast<int>(block->text.size())));
    auto key = checked_ed25519(KeyPtr(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_pass_phrase, nullptr)), *block);
    if (!key) return key.error();
    PublicKey result;
    std::size_t size = result.bytes.size();
    const int got = EVP_PKEY_get_raw_public_key(key->get(), result.bytes.data(), &size);
    MM_CHECK(got == 1 && size == result.bytes.size(), "an Ed25519 public key has 32 bytes");
    return result;
}

Result<SecretKey> secret_key_from_pem(std::string_view text) {
    const auto block = find_block(text);
    if (!block) return block.error();
    if (is_encrypted(*block)) {
        return fail("crypto.pem_encrypted", "the private key is encrypted with a pass phrase, and a service has nobody to ask",
                    "write it without one: openssl pkey -in KEY -out KEY.new, then mode 0600");
    }
    // Label and algorithm are told apart: "RSA PRIVATE KEY" is a key of the wrong algorithm, "PUBLIC KEY" is no private key.
    if (!block->label.ends_with("PRIVATE KEY") || block->label == "OPENSSH PRIVATE KEY") return wrong_kind(*block, "PRIVATE KEY");

    const BioPtr bio(BIO_new_mem_buf(block->text.data(), static_cast<int>(block->text.size())));
    auto key = checked_ed25519(KeyPtr(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr)), *block);
    if (!key) return key.error();
    ByteArray<32> seed;
    std::size_t size = seed.size();
    const int got = EVP_PKEY_get_raw_private_key(key->get(), seed.data(), &size);
    MM_CHECK(got == 1 && size == seed.size(), "an Ed25519 private key has 32 bytes");
    return SecretKey(seed);
}

std::string to_pem(const PublicKey& key) {
    const KeyPtr openssl_key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(), key.bytes.size()));
    const BioPtr bio(BIO_new(BIO_s_mem()));
    MM_CHECK(openssl_key && bio && PEM_write_bio_PUBKEY(bio.get(), openssl_key.get()) == 1, "OpenSSL writes a public key");
    return content(bio.get());
}

std::string to_pem(const SecretKey& key) {
    const KeyPtr openssl_key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, key.seed().data(), key.seed().size()));
    const BioPtr bio(BIO_new(BIO_s_mem()));
    const bool written = openssl_key && bio &&
                         PEM_write_bio_PKCS8PrivateKey(bio.get(), openssl_key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
    MM_CHECK(written, "OpenSSL writes a private key");
    return content(bio.get());
}

}  // namespace meshmon::crypto
