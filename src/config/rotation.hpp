#pragma once

#include "base/result.hpp"
#include "config/keys.hpp"

/// This node's key is changed: what lies on its disk at each step. A crash between two steps loses nothing.
///
/// Each step but the last two is one file that appears, changes its name or goes: a command and a running node that do something
/// at the same time see one order, and what comes too late fails.
///
/// Threads: any; blocks on the disk.
namespace meshmon::config {

enum class RotationStep { begin, end, abort };

/// Whether the step can be taken now; changes nothing. Answers the pair as it is.
/// Errors: those of the step, but for what cannot be written.
Result<OwnKey> ready_for(RotationStep step, const OwnKeyPlace& place);

/// Begins a rotation: a new pair waits as <node_id>.key.next, and place.public_file() holds both public keys, the new one first.
/// A running node goes over to it by itself. Answers the pair as it is now. If it fails, nothing has changed.
/// Errors: as read_own_key and is_published; config.rotating (one is under way: what it waits for; a public file that lacks the
/// new key has it now); config.second_key (a next key waits there that cannot be read); config.own_key_folder and
/// config.own_public_key (cannot be written, with the chown).
Result<OwnKey> begin_rotation(const OwnKeyPlace& place);

/// Ends it: place.public_file() holds the key in use alone. In local mode the private key before is removed; in git mode a
/// running node does so once the repository names the new key alone. One that is broken is removed at once, in either.
/// Errors: as read_own_key; config.not_rotating; config.rotating, the new key is not in use yet; config.second_key, a next key
/// is there, or in git mode one before, that cannot be read now; config.own_public_key.
Result<OwnKey> end_rotation(const OwnKeyPlace& place);

/// Takes it back: the waiting key is removed, readable or not, and place.public_file() holds the key in use alone. Who has the
/// other one in a file loses nothing by it: its private half is gone. Errors: as read_own_key; config.not_rotating;
/// config.rotated, the new key is in use already; config.own_key_folder and config.own_public_key.
Result<OwnKey> abort_rotation(const OwnKeyPlace& place);

/// Puts the waiting key in use, durably: it becomes <node_id>.key, and what that was <node_id>.key.previous. `key` is what
/// read_own_key answered; of its second key only what is public is needed. If it fails, the key in use is as it was.
/// Errors: config.own_key_folder; config.next_key, another one waits there by now.
Result<void> use_next_key(const OwnKey& key);

/// Removes the private key before the one in use. Errors: config.own_key_folder.
Result<void> forget_previous_key(const OwnKey& key);

}  // namespace meshmon::config
