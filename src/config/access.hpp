#pragma once

#include <filesystem>
#include <string>
#include <string_view>

/// What the system refused, in words, and the exact command that mends it.
namespace meshmon::config {

/// "no space left", "permission denied", "the file system is mounted read-only"...
[[nodiscard]] std::string error_words(int error);

/// How to make `folder` writable after `error`: chown or chmod with the user's number, or what else helps; may be empty.
[[nodiscard]] std::string write_hint(int error, const std::filesystem::path& folder);

/// How to make `file` readable after `error`; may be empty.
[[nodiscard]] std::string read_hint(int error, const std::filesystem::path& file);

/// `chown UID:GID FILE` for the user that runs this process.
[[nodiscard]] std::string chown_command(const std::filesystem::path& file);

/// The same for a folder and all in it, with the owner's right to read and write.
[[nodiscard]] std::string chown_all_command(const std::filesystem::path& folder);

/// The path as a shell takes it for one word.
[[nodiscard]] std::string shell_word(const std::filesystem::path& path);

/// `meshmon WORDS`, with --config-dir where that is not the default: a command to copy.
[[nodiscard]] std::string command_line(const std::filesystem::path& config_dir, std::string_view words);

}  // namespace meshmon::config
