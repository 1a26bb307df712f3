// A node's key is changed: what lies on the disk at each step, and after a crash between two of them.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <thread>

#include "config/folder_for_tests.hpp"
#include "config/public_keys.hpp"
#include "config/rotation.hpp"
#include "crypto/pem.hpp"

namespace meshmon::config {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class RotationOfKeys : public testing::Test {
protected:
    [[nodiscard]] OwnKeyPlace place(ConfigType type = ConfigType::local) const { return own_key_place_in(folder, type); }
    [[nodiscard]] PublicKeyFile listed() const { return read_public_keys(place().public_file(), folder.path()).value(); }
    void list(const crypto::PublicKey& key) const { std::ofstream(place().public_file()) << crypto::to_pem(key); }
    [[nodiscard]] Names keys() const { return folder.names(".private_keys/prod"); }

    TestFolder folder;
};

TEST_F(RotationOfKeys, GoesFromOneKeyToTheNextStepByStep) {
    const crypto::PublicKey old = ensure_own_key(place()).value().public_key;
    const OwnKey begun = begin_rotation(place()).value();
    ASSERT_TRUE(begun.second && begun.second->is_next);
    const crypto::PublicKey next = begun.second->public_key;
    EXPECT_EQ(begun.public_key, old) << "still in use";
    EXPECT_EQ(listed().key, next);
    EXPECT_EQ(listed().previous, old);
    EXPECT_EQ(keys(), (Names{"fra-1.key", "fra-1.key.next"}));

    ASSERT_TRUE(use_next_key(begun));
    const OwnKey used = read_own_key(place()).value();
    EXPECT_EQ(used.public_key, next);
    ASSERT_TRUE(used.second && !used.second->is_next);
    EXPECT_EQ(used.second->public_key, old);
    EXPECT_EQ(keys(), (Names{"fra-1.key", "fra-1.key.previous"}));

    ASSERT_TRUE(end_rotation(place()));
    EXPECT_EQ(listed().key, next);
    EXPECT_FALSE(listed().previous);
    EXPECT_EQ(keys(), Names{"fra-1.key"});
    EXPECT_EQ(end_rotation(place()).error().code, "config.not_rotating");
    EXPECT_TRUE(begin_rotation(place())) << "and again";
}

TEST_F(RotationOfKeys, IsNotBegunTwiceAndNotEndedTooEarly) {
    ASSERT_TRUE(ensure_own_key(place()));
    const OwnKey begun = begin_rotation(place()).value();
    EXPECT_EQ(begin_rotation(place()).error().code, "config.rotating");
    EXPECT_EQ(end_rotation(place()).error().code, "config.rotating");
    EXPECT_EQ(read_own_key(place()).value().second->public_key, begun.second->public_key);
    ASSERT_TRUE(use_next_key(begun));
    const auto again = begin_rotation(place());
    EXPECT_EQ(again.error().code, "config.rotating");
    EXPECT_EQ(again.error().hint, "meshmon key rotate --finish");
}

TEST_F(RotationOfKeys, ChangesNothingWhereThePublicFileCannotBeWritten) {
    ASSERT_TRUE(ensure_own_key(place()));
    fs::create_directories(place().public_file());
    EXPECT_EQ(begin_rotation(place()).error().code, "config.own_public_key");
    EXPECT_EQ(keys(), Names{"fra-1.key"});
}

TEST_F(RotationOfKeys, SurvivesACrashBetweenTwoSteps) {
    const crypto::PublicKey old = ensure_own_key(place()).value().public_key;
    const OwnKey begun = begin_rotation(place()).value();
    const crypto::PublicKey next = begun.second->public_key;
    const fs::path key = begun.file;
    const fs::path previous = previous_key_file(begun);

    list(old);  // it had begun, and the public file was as before
    EXPECT_EQ(publish_own_key(place(), read_own_key(place()).value()).value(), Published::written);
    EXPECT_EQ(listed().key, next);
    EXPECT_EQ(listed().previous, old);
    EXPECT_EQ(publish_own_key(place(), read_own_key(place()).value()).value(), Published::already);

    fs::copy_file(key, previous);  // it was going over, and came as far as that
    OwnKey found = read_own_key(place()).value();
    EXPECT_EQ(found.public_key, old);
    EXPECT_TRUE(found.has_next());
    ASSERT_TRUE(use_next_key(found));
    found = read_own_key(place()).value();
    EXPECT_EQ(found.public_key, next);
    ASSERT_TRUE(found.second && !found.second->is_next);
    EXPECT_EQ(found.second->public_key, old);

    list(next);  // it was ending, and the private key before was still there
    EXPECT_EQ(read_own_key(place()).value().second->public_key, old);
    ASSERT_TRUE(end_rotation(place()));
    EXPECT_EQ(keys(), Names{"fra-1.key"});
}

/// As older versions went over: by a copy.
TEST_F(RotationOfKeys, RemovesACopyOfTheKeyInUse) {
    ASSERT_TRUE(ensure_own_key(place()));
    const OwnKey begun = begin_rotation(place()).value();
    fs::copy_file(begun.file, previous_key_file(begun));
    fs::copy_file(next_key_file(begun), begun.file, fs::copy_options::overwrite_existing);
    const OwnKey found = read_own_key(place()).value();
    EXPECT_EQ(found.public_key, begun.second->public_key);
    ASSERT_TRUE(found.second);
    EXPECT_FALSE(found.second->is_next);
    EXPECT_EQ(keys(), (Names{"fra-1.key", "fra-1.key.previous"}));
}

TEST_F(RotationOfKeys, PutsTheNextKeyBackIntoAPublicFileThatLostIt) {
    const crypto::PublicKey old = ensure_own_key(place()).value().public_key;
    const OwnKey begun = begin_rotation(place()).value();
    list(old);  // a backup came back
    EXPECT_EQ(begin_rotation(place()).error().code, "config.rotating");
    EXPECT_EQ(listed().key, begun.second->public_key);
    EXPECT_EQ(listed().previous, old);
    fs::remove(place().public_file());
    EXPECT_EQ(publish_own_key(place(), begun).value(), Published::written);
    EXPECT_EQ(listed().key, begun.second->public_key);
    EXPECT_EQ(listed().previous, old);
}

/// A node reads its keys at each look, and may put the next one in use meanwhile: no look sees half of that, or removes a key.
TEST_F(RotationOfKeys, IsReadAsOfOneMoment) {
    ASSERT_TRUE(ensure_own_key(place()));
    for (int i = 0; i < 20; ++i) {
        const OwnKey begun = begin_rotation(place()).value();
        std::jthread goes_over([&] { ASSERT_TRUE(use_next_key(begun)); });
        for (bool is_over = false; !is_over;) {
            const OwnKey found = read_own_key(place()).value();
            is_over = found.public_key == begun.second->public_key;
            ASSERT_TRUE(is_over || found.public_key == begun.public_key);
            ASSERT_TRUE(found.second) << "round " << i;
            ASSERT_EQ(found.has_next(), !is_over);
            ASSERT_TRUE(found.notes.empty());
        }
        goes_over.join();
        ASSERT_TRUE(end_rotation(place()));
    }
}

TEST_F(RotationOfKeys, IsTakenBackUntilTheNewKeyIsInUse) {
    const crypto::PublicKey old = ensure_own_key(place()).value().public_key;
    EXPECT_EQ(abort_rotation(place()).error().code, "config.not_rotating");
    const OwnKey begun = begin_rotation(place()).value();
    const OwnKey aborted = abort_rotation(place()).value();
    EXPECT_EQ(aborted.public_key, old);
    EXPECT_FALSE(aborted.second);
    EXPECT_EQ(listed().key, old);
    EXPECT_FALSE(listed().previous);
    EXPECT_EQ(keys(), Names{"fra-1.key"});
    EXPECT_EQ(use_next_key(begun).error().code, "config.own_key_folder") << "a running node that comes too late";
    EXPECT_EQ(read_own_key(place()).value().public_key, old);
    EXPECT_EQ(keys(), Names{"fra-1.key"});

    const OwnKey again = begin_rotation(place()).value();
    EXPECT_EQ(use_next_key(begun).error().code, "config.next_key") << "which the others do not know";
    EXPECT_EQ(read_own_key(place()).value().public_key, old);
    EXPECT_EQ(keys(), (Names{"fra-1.key", "fra-1.key.next"}));
    ASSERT_TRUE(use_next_key(again));
    const auto late = abort_rotation(place());
    EXPECT_EQ(late.error().code, "config.rotated");
    EXPECT_EQ(late.error().hint, "meshmon key rotate --finish");
    EXPECT_TRUE(listed().previous);
    EXPECT_EQ(keys(), (Names{"fra-1.key", "fra-1.key.previous"}));
}

TEST_F(RotationOfKeys, IsTakenBackAfterACrashInTheMiddleOfThat) {
    const crypto::PublicKey old = ensure_own_key(place()).value().public_key;
    const OwnKey begun = begin_rotation(place()).value();
    fs::remove(next_key_file(begun));
    ASSERT_TRUE(abort_rotation(place()));
    EXPECT_EQ(listed().key, old);
    EXPECT_FALSE(listed().previous);
}

TEST_F(RotationOfKeys, SaysBeforehandWhichStepCanBeTaken) {
    ASSERT_TRUE(ensure_own_key(place()));
    const auto code = [&](RotationStep step) {
        const auto ready = ready_for(step, place());
        return ready ? std::string("ready") : std::string(ready.error().code);
    };
    EXPECT_EQ(code(RotationStep::begin), "ready");
    EXPECT_EQ(code(RotationStep::end), "config.not_rotating");
    EXPECT_EQ(code(RotationStep::abort), "config.not_rotating");
    const OwnKey begun = begin_rotation(place()).value();
    EXPECT_EQ(code(RotationStep::begin), "config.rotating");
    EXPECT_EQ(code(RotationStep::end), "config.rotating");
    EXPECT_EQ(code(RotationStep::abort), "ready");
    ASSERT_TRUE(use_next_key(begun));
    EXPECT_EQ(code(RotationStep::begin), "config.rotating");
    EXPECT_EQ(code(RotationStep::end), "ready");
    EXPECT_EQ(code(RotationStep::abort), "config.rotated");
}

TEST_F(RotationOfKeys, RunsOnWithASecondKeyThatIsBroken) {
    ASSERT_TRUE(ensure_own_key(place()));
    const OwnKey begun = begin_rotation(place()).value();
    std::ofstream(begun.second->file, std::ios::trunc) << "half a key";
    const OwnKey found = read_own_key(place()).value();
    EXPECT_EQ(found.public_key, begun.public_key);
    EXPECT_FALSE(found.second);
    EXPECT_TRUE(found.next_unusable) << "what it was is not known, so nothing has ended";
    ASSERT_EQ(found.notes.size(), 1U);
    EXPECT_EQ(found.notes[0].code, "W112");

    for (const RotationStep step : {RotationStep::begin, RotationStep::end}) {
        const auto refused = ready_for(step, place());
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, "config.second_key");
        EXPECT_TRUE(refused.error().message.contains(begun.second->file.string())) << refused.error().message;
        EXPECT_EQ(refused.error().hint, "meshmon key rotate --abort");
    }
    EXPECT_EQ(begin_rotation(place()).error().code, "config.second_key");
    ASSERT_TRUE(abort_rotation(place()));
    EXPECT_EQ(keys(), Names{"fra-1.key"});
    EXPECT_FALSE(listed().previous);
}

TEST_F(RotationOfKeys, EndsWithAKeyBeforeThatIsBroken) {
    ASSERT_TRUE(ensure_own_key(place()));
    ASSERT_TRUE(use_next_key(begin_rotation(place()).value()));
    const OwnKey used = read_own_key(place()).value();
    std::ofstream(used.second->file, std::ios::trunc) << "half a key";
    const OwnKey found = read_own_key(place()).value();
    EXPECT_TRUE(found.previous_unusable);
    EXPECT_FALSE(found.next_unusable);
    EXPECT_EQ(ready_for(RotationStep::abort, place()).error().hint, "meshmon key rotate --finish");
    ASSERT_TRUE(end_rotation(place()));
    EXPECT_EQ(keys(), Names{"fra-1.key"});
    EXPECT_EQ(listed().key, used.public_key);
    EXPECT_FALSE(listed().previous);
}

/// A link stands for whatever keeps it from being read: as root, which tests may run as, permissions do not.
TEST_F(RotationOfKeys, KeepsAKeyBeforeThatCannotBeReadUntilTheRepositoryIsReady) {
    ASSERT_TRUE(ensure_own_key(place(ConfigType::git)));
    ASSERT_TRUE(use_next_key(begin_rotation(place(ConfigType::git)).value()));
    const OwnKey used = read_own_key(place(ConfigType::git)).value();
    const fs::path away = used.second->file.string() + ".away";
    fs::rename(used.second->file, away);
    fs::create_symlink(away, used.second->file);
    const OwnKey found = read_own_key(place(ConfigType::git)).value();
    EXPECT_TRUE(found.previous_unusable);
    EXPECT_FALSE(found.previous_broken);
    const auto ended = end_rotation(place(ConfigType::git));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, "config.second_key");
    EXPECT_TRUE(ended.error().message.contains(used.second->file.string() + " cannot be used: it is a symbolic link"))
        << ended.error().message;
    EXPECT_TRUE(ended.error().message.ends_with("until the repository names the new key alone")) << ended.error().message;
    EXPECT_EQ(ended.error().hint, "put the file itself there");
    EXPECT_TRUE(fs::is_symlink(used.second->file)) << "it is left as it is";
    EXPECT_TRUE(read_public_keys(place(ConfigType::git).public_file(), folder.path()).value().previous)
        << "and nothing was ended";

    fs::rename(away, used.second->file);  // mended
    ASSERT_TRUE(end_rotation(place(ConfigType::git)));
    EXPECT_TRUE(fs::exists(used.second->file)) << "a running node removes it";
    std::ofstream(used.second->file, std::ios::trunc) << "half a key";
    ASSERT_TRUE(end_rotation(place(ConfigType::git)));
    EXPECT_FALSE(fs::exists(used.second->file)) << "a broken one is of no use to anybody";
}

TEST_F(RotationOfKeys, LeavesTheRepositoryToPeopleInGitMode) {
    ASSERT_TRUE(ensure_own_key(place(ConfigType::git)));
    const OwnKey begun = begin_rotation(place(ConfigType::git)).value();
    EXPECT_FALSE(fs::exists(place().public_file()));
    ASSERT_TRUE(use_next_key(begun));
    ASSERT_TRUE(end_rotation(place(ConfigType::git)));
    EXPECT_EQ(keys(), (Names{"fra-1.key", "fra-1.key.previous"})) << "until the repository names the new key alone";
}

}  // namespace
}  // namespace meshmon::config
