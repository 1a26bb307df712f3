#include "config/keys.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

#include "config/folder_for_tests.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/keys.hpp"
#include "crypto/pem.hpp"

namespace meshmon::config {
namespace {

namespace fs = std::filesystem;

/// What a command prints.
std::string run(const std::string& command) {
    FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
    MM_CHECK(pipe != nullptr, "a test runs a command");
    std::string text;
    std::array<char, 4096> buffer;
    for (std::size_t got = 0; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) text.append(buffer.data(), got);
    pclose(pipe);
    return text;
}

std::string told(const auto& result) {
    return result ? "done" : std::string(result.error().code) + ": " + result.error().message + " | " + result.error().hint;
}

class Keys : public testing::Test {
protected:
    [[nodiscard]] OwnKeyPlace place(ConfigType type = ConfigType::local) const { return own_key_place_in(folder, type); }
    [[nodiscard]] std::string error(const auto& result) const { return folder.relative(told(result)); }

    TestFolder folder;
};

constexpr std::string_view kKeyFile = ".private_keys/prod/fra-1.key";
constexpr std::string_view kPubFile = "networks/prod/pubkeys/fra-1.pub";

TEST_F(Keys, AreGeneratedWhereThereAreNone) {
    const OwnKey made = ensure_own_key(place()).value();
    EXPECT_TRUE(made.generated);
    EXPECT_EQ(made.file, folder.path() / kKeyFile);
    EXPECT_EQ(folder.names(".private_keys/prod"), std::vector<std::string>{"fra-1.key"});
    const OwnKey again = ensure_own_key(place()).value();
    EXPECT_FALSE(again.generated);
    EXPECT_EQ(again.public_key, made.public_key);
    EXPECT_EQ(read_own_key(place()).value().public_key, made.public_key);
}

TEST_F(Keys, AreNotMadeByReading) {
    EXPECT_EQ(error(read_own_key(place())),
              "config.own_key_missing: there is no private key yet: .private_keys/prod/fra-1.key does not exist | "
              "meshmon key generate --network prod");
    EXPECT_FALSE(folder.has(".private_keys"));
}

TEST_F(Keys, LieIn0600In0700WhateverTheUmask) {
    const mode_t before = umask(0);
    const bool made = ensure_own_key(place()).has_value();
    umask(before);
    ASSERT_TRUE(made);
    EXPECT_EQ(mode_of(folder.path() / ".private_keys"), 0700U);
    EXPECT_EQ(mode_of(folder.path() / ".private_keys/prod"), 0700U);
    EXPECT_EQ(mode_of(folder.path() / kKeyFile), 0600U);
}

TEST_F(Keys, AreReadByOpenssl) {
    const OwnKey key = ensure_own_key(place()).value();
    ASSERT_TRUE(publish_own_key(place(), key));
    const std::string file = (folder.path() / kKeyFile).string();
    EXPECT_EQ(folder.read(kKeyFile).substr(0, 28), "-----BEGIN PRIVATE KEY-----\n");
    EXPECT_EQ(run("openssl pkey -pubout -in " + file), folder.read(kPubFile));
}

TEST_F(Keys, AreReadFromOpenssl) {
    fs::create_directories(folder.path() / ".private_keys/prod");
    const std::string file = (folder.path() / kKeyFile).string();
    run("umask 077; openssl genpkey -algorithm ed25519 -out " + file);
    const OwnKey key = ensure_own_key(place()).value();
    EXPECT_FALSE(key.generated);
    EXPECT_EQ(crypto::to_pem(key.public_key), run("openssl pkey -pubout -in " + file));
}

TEST_F(Keys, ThatOthersCanReadAreRepairedWithAWarning) {
    ASSERT_TRUE(ensure_own_key(place()));
    fs::permissions(folder.path() / kKeyFile, fs::perms(0644));
    fs::permissions(folder.path() / ".private_keys/prod", fs::perms(0755));
    const OwnKey reported = read_own_key(place(), Permissions::report).value();
    EXPECT_EQ(folder.relative(formatted(reported.notes)),
              ".private_keys/prod: warning[W110]: others can use it (mode 0755); the next start repairs it\n"
              "    hint: chmod 0700 .private_keys/prod\n"
              ".private_keys/prod/fra-1.key: warning[W110]: others can use it (mode 0644); the next start repairs it\n"
              "    hint: chmod 0600 .private_keys/prod/fra-1.key\n");
    EXPECT_EQ(mode_of(folder.path() / kKeyFile), 0644U);
    const OwnKey repaired = ensure_own_key(place()).value();
    EXPECT_EQ(folder.relative(formatted(repaired.notes)),
              ".private_keys/prod: warning[W110]: others could use it (mode 0755); repaired to 0700\n"
              "    hint: if somebody else has access to this host, make a new key\n"
              ".private_keys/prod/fra-1.key: warning[W110]: others could use it (mode 0644); repaired to 0600\n"
              "    hint: if somebody else has access to this host, make a new key\n");
    EXPECT_EQ(mode_of(folder.path() / kKeyFile), 0600U);
    EXPECT_EQ(mode_of(folder.path() / ".private_keys/prod"), 0700U);
    EXPECT_TRUE(ensure_own_key(place()).value().notes.empty());
}

TEST_F(Keys, OfAnOlderMeshmonAreReadUnderTheNetworksId) {
    OwnKeyPlace old = place();
    old.directory = "mesh";
    const crypto::PublicKey key = ensure_own_key(old).value().public_key;
    EXPECT_EQ(ensure_own_key(place()).value().public_key, key);
    EXPECT_FALSE(folder.has(kKeyFile));
    // Where another network has that folder, the key is its own.
    fs::create_directories(folder.path() / "networks/mesh");
    EXPECT_NE(ensure_own_key(place()).value().public_key, key);
}

TEST_F(Keys, AreNotGeneratedWhileAnOlderOneMayBeThisNetworks) {
    OwnKeyPlace old = place();
    old.directory = "mesh";
    ASSERT_TRUE(ensure_own_key(old));
    OwnKeyPlace unknown = place();
    unknown.network.reset();
    const std::string out = error(ensure_own_key(unknown));
    EXPECT_EQ(
        out,
        "config.own_key_undecided: .private_keys/mesh/fra-1.key may be this network's key, but config.yml does not load, so its "
        "network_id is not known | mend config.yml; or, for a new key: meshmon moves on once .private_keys/mesh is renamed");
    EXPECT_FALSE(folder.has(".private_keys/prod"));
    fs::create_directories(folder.path() / "networks/mesh");  // another configured network's folder
    EXPECT_TRUE(ensure_own_key(unknown));
}

TEST_F(Keys, ThatAreEmptyOrHalfWrittenAreAnErrorAndStay) {
    ASSERT_TRUE(ensure_own_key(place()));
    const std::string whole = folder.read(kKeyFile);
    for (const std::string& broken : {std::string(), std::string(" \n"), whole.substr(0, 60), std::string("garbage"),
                                      std::string("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n")}) {
        folder.write(kKeyFile, broken);
        const std::string out = error(ensure_own_key(place()));
        EXPECT_TRUE(out.starts_with("config.own_key: the private key .private_keys/prod/fra-1.key cannot be used: ")) << out;
        EXPECT_NE(out.find("mv .private_keys/prod/fra-1.key .private_keys/prod/fra-1.key.broken"), std::string::npos) << out;
        EXPECT_EQ(folder.read(kKeyFile), broken);
    }
    EXPECT_EQ(error(ensure_own_key(place())).find(whole.substr(30, 40)), std::string::npos);
}

TEST_F(Keys, OfAnotherUserOrBehindALinkAreRefused) {
    ASSERT_TRUE(ensure_own_key(place()));
    const fs::path file = folder.path() / kKeyFile;
    const fs::path aside = folder.path() / "aside.key";
    fs::rename(file, aside);
    fs::create_symlink(aside, file);
    EXPECT_EQ(error(ensure_own_key(place())),
              "config.own_key: the private key .private_keys/prod/fra-1.key cannot be used: it is a symbolic link; it is left as "
              "it is | put "
              "the file itself there");
    fs::remove(file);
    fs::rename(aside, file);
    if (geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    ASSERT_EQ(chown(file.c_str(), 12345, 12345), 0);
    EXPECT_EQ(error(ensure_own_key(place())),
              "config.own_key: the private key .private_keys/prod/fra-1.key cannot be used: it belongs to user 12345, and "
              "meshmon runs as "
              "user 0; it is left as it is | run this as that user: sudo -u '#12345' meshmon ...; only if meshmon is to run as "
              "root: chown 0:0 .private_keys/prod/fra-1.key");
}

TEST_F(Keys, ThatCannotBeStoredNameTheCommandThatMends) {
    chmod(folder.path().c_str(), 0555);
    const std::string out = as_ordinary_user([this] { return error(ensure_own_key(place())); });
    EXPECT_EQ(out, "config.own_key_folder: cannot make the folder .private_keys: permission denied | " +
                       std::string(geteuid() == 0 ? "chown -R 65534:65534 " : "chmod u+rwx ") + folder.path().string());
    chmod(folder.path().c_str(), 0755);
}

TEST_F(Keys, InAFolderThatCannotBeLookedIntoAreNotTakenForMissing) {
    ASSERT_TRUE(ensure_own_key(place()));
    if (geteuid() != 0) chmod((folder.path() / ".private_keys").c_str(), 0000);
    chmod(folder.path().c_str(), 0755);
    const std::string out = as_ordinary_user([this] { return error(ensure_own_key(place())); });
    EXPECT_TRUE(
        out.starts_with("config.own_key: the private key .private_keys/prod/fra-1.key cannot be used: permission denied;"))
        << out;
    const std::string mend = geteuid() == 0 ? " | chown -R 65534:65534 .private_keys" : " | chmod u+rx .private_keys";
    EXPECT_TRUE(out.ends_with(mend)) << "the folder that is closed, not one within it: " << out;
    chmod((folder.path() / ".private_keys").c_str(), 0700);
}

TEST_F(Keys, ArePublishedInLocalModeIfAbsent) {
    const OwnKey key = ensure_own_key(place()).value();
    EXPECT_FALSE(is_published(place(), key.public_key).value());
    EXPECT_EQ(publish_own_key(place(), key).value(), Published::written);
    EXPECT_EQ(folder.read(kPubFile), crypto::to_pem(key.public_key));
    EXPECT_EQ(mode_of(folder.path() / kPubFile), 0644U);
    EXPECT_EQ(publish_own_key(place(), key).value(), Published::already);
}

TEST_F(Keys, GoToPublicKeysInGitMode) {
    const OwnKey key = ensure_own_key(place(ConfigType::git)).value();
    EXPECT_EQ(publish_own_key(place(ConfigType::git), key).value(), Published::written);
    EXPECT_EQ(folder.read(".public_keys/prod/fra-1.pub"), crypto::to_pem(key.public_key));
    EXPECT_FALSE(folder.has("networks"));
}

TEST_F(Keys, NeverOverwriteADifferentPublicKey) {
    const OwnKey key = ensure_own_key(place()).value();
    const crypto::PublicKey other = crypto::generate_key_pair().public_key;
    folder.write(kPubFile, crypto::to_pem(other));
    EXPECT_EQ(error(publish_own_key(place(), key)),
              "config.key_mismatch: networks/prod/pubkeys/fra-1.pub holds another key for this node: " +
                  crypto::fingerprint(other).text() + " there, " + crypto::fingerprint(key.public_key).text() +
                  " here; nothing is overwritten | restore the private key that belongs to the public one as "
                  ".private_keys/prod/fra-1.key, "
                  "or replace the public key on every node: rm networks/prod/pubkeys/fra-1.pub, and start again");
    EXPECT_EQ(folder.read(kPubFile), crypto::to_pem(other));
}

TEST_F(Keys, MayBeEitherOfTwoDuringARotation) {
    const OwnKey key = ensure_own_key(place()).value();
    const std::string other = crypto::to_pem(crypto::generate_key_pair().public_key);
    const std::string own = crypto::to_pem(key.public_key);
    for (const std::string& text : {own + other, other + own}) {
        folder.write(kPubFile, text);
        EXPECT_EQ(publish_own_key(place(), key).value(), Published::already);
    }
    folder.write(kPubFile, other + other);
    EXPECT_EQ(publish_own_key(place(), key).error().code, "config.key_mismatch");
}

TEST_F(Keys, LeaveAPublicFileThatIsNoneAsItIs) {
    const OwnKey key = ensure_own_key(place()).value();
    folder.write(kPubFile, "junk");
    EXPECT_EQ(error(publish_own_key(place(), key)).substr(0, 89),
              "config.own_public_key: networks/prod/pubkeys/fra-1.pub should hold this node's public key");
    EXPECT_EQ(folder.read(kPubFile), "junk");
}

TEST_F(Keys, LeaveNoHalfFileAfterACrash) {
    folder.write(".private_keys/prod/.fra-1.key.999999999-1.tmp", "half a key");
    ASSERT_TRUE(ensure_own_key(place()));
    EXPECT_EQ(folder.names(".private_keys/prod"), std::vector<std::string>{"fra-1.key"});
}

}  // namespace
}  // namespace meshmon::config
