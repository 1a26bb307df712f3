#include "crypto/pem.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/hex_for_tests.hpp"
#include "crypto/sodium.hpp"

namespace meshmon::crypto {
namespace {

using testing::HasSubstr;

/// RFC 8410, section 10.3 and 10.1: a private key and the public key that belongs to it.
constexpr std::string_view kPrivatePem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view kPublicPem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
    "-----END PUBLIC KEY-----\n";
constexpr std::string_view kPublicHex = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";

/// A folder of its own, gone with the test.
class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "meshmon-pem-XXXXXX").string();
        MM_CHECK(mkdtemp(pattern.data()) != nullptr, "a test makes its folder");
        path_ = pattern;
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string file(std::string_view name) const { return (path_ / name).string(); }
    std::string write(std::string_view name, std::string_view text) const {
        std::ofstream(file(name)) << text;
        return file(name);
    }

private:
    std::filesystem::path path_;
};

/// What a command prints; "exit N" added where it fails.
std::string run(const std::string& command) {
    FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
    MM_CHECK(pipe != nullptr, "a test runs a command");
    std::string text;
    std::array<char, 4096> buffer;
    for (std::size_t got = 0; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) text.append(buffer.data(), got);
    const int status = pclose(pipe);
    return status == 0 ? text : text + "exit " + std::to_string(status);
}

std::string code_of(const auto& result) { return result ? "none" : std::string(result.error().code); }

TEST(Pem, ReadsThePairOfRfc8410) {
    const auto public_key = public_key_from_pem(kPublicPem);
    const auto secret_key = secret_key_from_pem(kPrivatePem);
    ASSERT_TRUE(public_key && secret_key);
    EXPECT_EQ(to_hex(view(public_key->bytes)), kPublicHex);
    EXPECT_EQ(secret_key->public_key(), *public_key);
}

TEST(Pem, WritesWhatRfc8410Shows) {
    EXPECT_EQ(to_pem(PublicKey{array_from_hex<32>(kPublicHex)}), kPublicPem);
    EXPECT_EQ(to_pem(secret_key_from_pem(kPrivatePem).value()), kPrivatePem);
}

TEST(Pem, OpensslReadsOurPair) {
    const Folder folder;
    const KeyPair pair = generate_key_pair();
    const std::string private_file = folder.write("private.pem", to_pem(pair.secret_key));
    const std::string public_file = folder.write("public.pem", to_pem(pair.public_key));
    EXPECT_EQ(run("openssl pkey -in " + private_file + " -pubout"), to_pem(pair.public_key));
    EXPECT_THAT(run("openssl pkey -pubin -in " + public_file + " -noout -text"), HasSubstr("ED25519 Public-Key"));
}

TEST(Pem, WeReadThePairOfOpenssl) {
    const std::string private_pem = run("openssl genpkey -algorithm ed25519");
    const Folder folder;
    const std::string public_pem = run("openssl pkey -in " + folder.write("key.pem", private_pem) + " -pubout");
    auto secret_key = secret_key_from_pem(private_pem);
    const auto public_key = public_key_from_pem(public_pem);
    ASSERT_TRUE(secret_key && public_key) << private_pem << public_pem;
    EXPECT_EQ(secret_key->public_key(), *public_key);
    EXPECT_EQ(to_pem(*secret_key), private_pem);
}

TEST(Pem, OpensslVerifiesWhatWeSign) {
    const Folder folder;
    const KeyPair pair = generate_key_pair();
    const SodiumCrypto crypto(pair);
    const std::string message = folder.write("message", "what was signed");
    const std::string signature = folder.write("signature", view(crypto.sign("what was signed")));
    const std::string key = folder.write("public.pem", to_pem(pair.public_key));
    const std::string command = "openssl pkeyutl -verify -pubin -inkey " + key + " -rawin -sigfile " + signature + " -in ";
    EXPECT_THAT(run(command + message), HasSubstr("Signature Verified Successfully"));
    EXPECT_THAT(run(command + folder.write("other", "what was never signed")), HasSubstr("exit"));
}

TEST(Pem, LineEndsAndSurroundingTextDoNotMatter) {
    std::string text = "\xef\xbb\xbf  server-01's key:\n\n";
    for (const char c : kPublicPem) text += c == '\n' ? std::string(" \r\n\t") : std::string(1, c);
    text += "made on a Tuesday\r\n";
    const auto key = public_key_from_pem(text);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(to_hex(view(key->bytes)), kPublicHex);

    const auto without_last_newline = public_key_from_pem(kPublicPem.substr(0, kPublicPem.size() - 1));
    EXPECT_EQ(code_of(without_last_newline), "none");
}

TEST(Pem, OtherAlgorithmsAreNamed) {
    const auto rsa = secret_key_from_pem(run("openssl genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:1024 2>/dev/null"));
    ASSERT_EQ(code_of(rsa), "crypto.pem_algorithm");
    EXPECT_THAT(rsa.error().message, HasSubstr("RSA of 1024 bits, not Ed25519"));
    const auto traditional = secret_key_from_pem(run("openssl ecparam -name prime256v1 -genkey -noout"));
    ASSERT_EQ(code_of(traditional), "crypto.pem_algorithm");
    EXPECT_THAT(traditional.error().message, HasSubstr("EC of 256 bits"));
    const auto x25519 = public_key_from_pem(run("openssl genpkey -algorithm x25519 | openssl pkey -pubout"));
    ASSERT_EQ(code_of(x25519), "crypto.pem_algorithm");
    EXPECT_THAT(x25519.error().message, HasSubstr("X25519"));
}

TEST(Pem, EncryptedKeysAreRefusedWithTheMend) {
    const auto pkcs8 = secret_key_from_pem(run("openssl genpkey -algorithm ed25519 -aes-256-cbc -pass pass:secret"));
    ASSERT_EQ(code_of(pkcs8), "crypto.pem_encrypted");
    EXPECT_THAT(pkcs8.error().hint, HasSubstr("openssl pkey"));
    const auto traditional =
        secret_key_from_pem(run("openssl genrsa -aes128 -traditional -passout pass:secret 1024 2>/dev/null"));
    EXPECT_EQ(code_of(traditional), "crypto.pem_encrypted");
}

TEST(Pem, ThePrivateKeyInThePlaceOfThePublicOneIsNamed) {
    const auto key = public_key_from_pem(kPrivatePem);
    ASSERT_EQ(code_of(key), "crypto.pem_kind");
    EXPECT_THAT(key.error().message, HasSubstr("BEGIN PRIVATE KEY"));
    EXPECT_THAT(key.error().hint, HasSubstr("-pubout"));
    EXPECT_EQ(code_of(secret_key_from_pem(kPublicPem)), "crypto.pem_kind");
}

TEST(Pem, BrokenTextsAreRefused) {
    EXPECT_EQ(code_of(public_key_from_pem("")), "crypto.pem");
    EXPECT_EQ(code_of(public_key_from_pem("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI somebody")), "crypto.pem");
    EXPECT_EQ(code_of(public_key_from_pem(std::string(kPublicPem) + std::string(kPublicPem))), "crypto.pem");
    EXPECT_EQ(code_of(public_key_from_pem("-----BEGIN PUBLIC KEY")), "crypto.pem");
    EXPECT_EQ(code_of(public_key_from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")), "crypto.pem");
    EXPECT_EQ(code_of(public_key_from_pem(std::string(kPemBytesMax + 1, ' '))), "crypto.pem");
    // However short it is cut (all but its line end), it is refused and does not crash.
    for (std::size_t size = 0; size + 1 < kPublicPem.size(); ++size) {
        EXPECT_NE(code_of(public_key_from_pem(kPublicPem.substr(0, size))), "none") << size;
    }
}

TEST(Pem, ErrorsHoldNoKeyMaterial) {
    std::string broken(kPrivatePem);
    broken.replace(broken.find("MC4C"), 4, "****");
    const auto key = secret_key_from_pem(broken);
    ASSERT_FALSE(key);
    EXPECT_EQ((key.error().message + key.error().hint).find("INTuctv5"), std::string::npos);
}

}  // namespace
}  // namespace meshmon::crypto
