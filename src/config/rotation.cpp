#include "config/rotation.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"
#include "config/access.hpp"
#include "config/codes.hpp"
#include "config/public_keys.hpp"
#include "config/write_whole.hpp"
#include "crypto/fingerprint.hpp"
#include "crypto/keys.hpp"
#include "crypto/pem.hpp"

namespace meshmon::config {

namespace {

namespace fs = std::filesystem;

constexpr unsigned kPrivateFileMode = 0600;

Error folder_error(const Error& error) { return fail("config.own_key_folder", error.message, error.hint); }

/// From now on the others are to have the key in use alone.
Result<void> publish_alone(const OwnKeyPlace& place, const OwnKey& key) {
    const fs::path file = place.public_file();
    Result<void> written = make_folder(file.parent_path());
    if (written) written = write_whole(file, crypto::to_pem(key.public_key));
    if (written) return {};
    return fail("config.own_public_key", written.error().message, written.error().hint);
}

Error under_way(const OwnKeyPlace& place, const OwnKey& key) {
    if (key.has_next()) {
        return fail(
            "config.rotating",
            fmt::format("a rotation is under way: {} waits in {} until most nodes hold it",
                        crypto::fingerprint(key.second->public_key).text(), key.second->file.string()),
            fmt::format("give the others {}; `meshmon status` says who lacks it; to take it back: meshmon key rotate --abort",
                        shell_word(place.public_file())));
    }
    return fail("config.rotating",
                fmt::format("the last rotation has not ended: {} is kept in {}",
                            crypto::fingerprint(key.second->public_key).text(), key.second->file.string()),
                "meshmon key rotate --finish");
}

/// The second key's file is there, and what it holds is not known: what the reader of it noted.
Error second_unusable(const OwnKey& key, const fs::path& file) {
    const auto note = std::ranges::find_if(
        key.notes, [&](const Diagnostic& each) { return each.code == code::kSecondOwnKey && each.place.file == file; });
    MM_CHECK(note != key.notes.end(), "a key that cannot be used is noted");
    return fail("config.second_key", note->text, note->hint);
}

/// In git mode the key before goes once the repository names the new one alone. That it cannot be read now says nothing of then.
Error still_needed(const OwnKey& key) {
    Error error = second_unusable(key, previous_key_file(key));
    error.message += ", and the rotation is not ended: it counts until the repository names the new key alone";
    return error;
}

Error not_rotating(const OwnKeyPlace& place) {
    return fail("config.not_rotating", fmt::format("no rotation of {}'s key is under way", place.node_id.str()),
                "meshmon key rotate");
}

Error is_over(const OwnKeyPlace& place, const OwnKey& key) {
    return fail("config.rotated",
                fmt::format("the new key of {} is in use already, {}: who has heard it listens to the old one no more",
                            place.node_id.str(), crypto::fingerprint(key.public_key).text()),
                "meshmon key rotate --finish");
}

bool names_two(const OwnKeyPlace& place) {
    const Result<PublicKeyFile> file = read_public_keys(place.public_file(), place.public_root());
    return file && file->previous;
}

Result<OwnKey> make_next(const OwnKeyPlace& place, const OwnKey& key) {
    std::string pem = crypto::to_pem(crypto::generate_key_pair().secret_key);
    const Result<void> written = create_whole(next_key_file(key), pem, kPrivateFileMode);
    crypto::wipe(pem);
    if (!written) return folder_error(written.error());
    return read_own_key(place);
}

/// Somebody may have taken the waiting key back, and begun again with another that nobody knows yet.
Result<void> still_waits(const OwnKey& key) {
    const fs::path file = next_key_file(key);
    Result<std::string> pem = read_whole(file, crypto::kPemBytesMax, false);
    if (!pem) return folder_error(pem.error());
    Result<crypto::SecretKey> secret = crypto::secret_key_from_pem(*pem);
    crypto::wipe(*pem);
    if (secret && crypto::key_pair_of(std::move(*secret)).public_key == key.second->public_key) return {};
    return fail("config.next_key", fmt::format("{} is no longer the key that was given to the others", file.string()),
                "meshmon status");
}

}  // namespace

Result<OwnKey> ready_for(RotationStep step, const OwnKeyPlace& place) {
    Result<OwnKey> key = read_own_key(place);
    if (!key) return key;
    const bool is_none = !key->second && !key->next_unusable && !key->previous_unusable && !names_two(place);
    switch (step) {
        case RotationStep::begin:
            if (key->second) return under_way(place, *key);
            if (key->next_unusable) return second_unusable(*key, next_key_file(*key));
            break;
        case RotationStep::end:
            if (is_none) return not_rotating(place);
            if (key->has_next()) return under_way(place, *key);
            if (key->next_unusable) return second_unusable(*key, next_key_file(*key));
            if (place.type == ConfigType::git && key->previous_unusable && !key->previous_broken) return still_needed(*key);
            break;
        case RotationStep::abort:
            if (is_none) return not_rotating(place);
            if (key->has_next() || key->next_unusable) break;
            if (key->second) return is_over(place, *key);
            if (key->previous_unusable) return second_unusable(*key, previous_key_file(*key));
            break;
    }
    return key;
}

Result<OwnKey> begin_rotation(const OwnKeyPlace& place) {
    Result<OwnKey> key = read_own_key(place);
    if (!key) return key;
    if (const Result<Published> published = publish_own_key(place, *key); !published) return published.error();
    if (key->second) return under_way(place, *key);
    if (key->next_unusable) return second_unusable(*key, next_key_file(*key));
    Result<OwnKey> rotating = make_next(place, *key);
    if (!rotating) return rotating;
    if (const Result<Published> published = publish_own_key(place, *rotating); !published) {
        (void)remove_whole(next_key_file(*key));
        return published.error();
    }
    return rotating;
}

Result<OwnKey> end_rotation(const OwnKeyPlace& place) {
    Result<OwnKey> key = ready_for(RotationStep::end, place);
    if (!key) return key;
    if (Result<void> published = publish_alone(place, *key); !published) return published.error();
    if ((key->second && place.type == ConfigType::local) || key->previous_unusable) {
        if (Result<void> gone = forget_previous_key(*key); !gone) return gone.error();
    }
    return key;
}

Result<OwnKey> abort_rotation(const OwnKeyPlace& place) {
    Result<OwnKey> key = ready_for(RotationStep::abort, place);
    if (!key) return key;
    if (key->has_next() || key->next_unusable) {
        const Result<bool> removed = remove_whole(next_key_file(*key));
        if (!removed) return folder_error(removed.error());
        if (key->has_next()) crypto::wipe(key->second->private_pem);
        if (!*removed) return ready_for(RotationStep::abort, place);  // the running node was faster
        if (key->has_next()) key->second.reset();
        key->next_unusable = false;
    }
    if (Result<void> published = publish_alone(place, *key); !published) return published.error();
    return key;
}

Result<void> use_next_key(const OwnKey& key) {
    if (Result<void> waits = still_waits(key); !waits) return waits;
    Result<std::string> pem = read_whole(key.file, crypto::kPemBytesMax, false);
    if (!pem) return folder_error(pem.error());
    const Result<void> kept = write_whole(previous_key_file(key), *pem, kPrivateFileMode);
    crypto::wipe(*pem);
    if (!kept) return folder_error(kept.error());
    if (const Result<void> moved = move_whole(next_key_file(key), key.file); !moved) return folder_error(moved.error());
    return {};
}

Result<void> forget_previous_key(const OwnKey& key) {
    if (const Result<bool> removed = remove_whole(previous_key_file(key)); !removed) return folder_error(removed.error());
    return {};
}

}  // namespace meshmon::config
