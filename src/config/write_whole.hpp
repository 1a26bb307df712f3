#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace meshmon::config {

/// Replaces `file` by `bytes`, whole or not at all: a temporary name in the same folder, fsync, rename, fsync of the folder.
/// After it answered, the content survives a power cut; if it failed or the process died, the old file is as it was.
///
/// Threads: any, two on the same file included (the last rename wins). Blocks on the disk.
/// `mode` is exact: the process's umask does not lessen it. The folder must exist.
/// Errors: config.write, naming the step (create, write, fsync, rename, fsync of the folder), the path and the reason in words;
/// the hint says how to mend it (chown, chmod, free space, writable mount).
Result<void> write_whole(const std::filesystem::path& file, std::string_view bytes, unsigned mode = 0644);

/// The same for a file that must not exist yet: what is there is never replaced. Errors: config.exists; config.write.
Result<void> create_whole(const std::filesystem::path& file, std::string_view bytes, unsigned mode = 0644);

/// Puts `from` in the place of `to`, durably and in one step; both lie in one folder. Errors: config.write, as where `from` is
/// gone.
Result<void> move_whole(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes a file, durably. False: there is none. Errors: config.write.
Result<bool> remove_whole(const std::filesystem::path& file);

/// Makes the folder and those above it; an existing one is left as it is. New ones get `mode`. Errors: config.write.
Result<void> make_folder(const std::filesystem::path& folder, unsigned mode = 0755);

/// Reads a regular file of at most `limit` bytes; the last component must be no symlink if `follow` is false.
/// Errors: config.file_missing; config.file_unreadable (with the chmod or chown); config.file_kind (a folder, device or
/// symlink); config.file_size.
Result<std::string> read_whole(const std::filesystem::path& file, std::size_t limit, bool follow = true);

/// Removes temporary files that earlier, killed processes left in `folder`. To be called before the first write there.
void remove_temporaries(const std::filesystem::path& folder);

}  // namespace meshmon::config
