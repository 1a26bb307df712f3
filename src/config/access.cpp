#include "config/access.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>

#include <fmt/format.h>

namespace meshmon::config {

namespace {

/// The nearest folder that exists: the one whose rights decide.
std::filesystem::path nearest_existing(std::filesystem::path folder) {
    struct stat status{};
    while (folder.has_relative_path() && stat(folder.c_str(), &status) != 0 && errno == ENOENT) folder = folder.parent_path();
    return folder.empty() ? std::filesystem::path(".") : folder;
}

/// What is no folder where one is wanted.
std::filesystem::path first_file(const std::filesystem::path& folder) {
    std::filesystem::path outer;
    struct stat status{};
    for (const std::filesystem::path& part : folder) {
        outer /= part;
        if (stat(outer.c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) break;
    }
    return outer;
}

bool is_own(const std::filesystem::path& path) {
    struct stat status{};
    return stat(path.c_str(), &status) == 0 && status.st_uid == geteuid();
}

/// The outermost folder that cannot be looked into: what lies in it cannot even be asked about.
std::optional<std::filesystem::path> first_closed(const std::filesystem::path& folder) {
    std::filesystem::path outer;
    for (const std::filesystem::path& part : folder) {
        outer /= part;
        if (access(outer.c_str(), X_OK) != 0 && errno == EACCES) return outer;
    }
    return std::nullopt;
}

}  // namespace

std::string error_words(int error) {
    switch (error) {
        case ENOSPC: return "no space left on the file system";
        case EDQUOT: return "the disk quota is used up";
        case EACCES: return "permission denied";
        case EPERM: return "not permitted";
        case EROFS: return "the file system is mounted read-only";
        case ENOENT: return "it does not exist";
        case EEXIST: return "it exists already";
        case ENOTDIR: return "a part of the path is no folder";
        case EISDIR: return "it is a folder";
        case ELOOP: return "it is a symbolic link, or they lead in a circle";
        case EBUSY: return "it is in use, for example as a mount point";
        case EFBIG: return "the file would be larger than allowed";
        case EMFILE: return "too many files are open";
        case EIO: return "the disk reports an error";
        default: return std::generic_category().message(error);
    }
}

std::string shell_word(const std::filesystem::path& path) {
    constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@%+=,-";
    const std::string text = path.string();
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos && !text.starts_with('-')) return text;
    std::string out = text.starts_with('-') ? "'./" : "'";
    for (const char c : text) {
        if (c == '\'') out += "'\\''";
        else out += c;
    }
    return out + "'";
}

std::string command_line(const std::filesystem::path& config_dir, std::string_view words) {
    if (config_dir == "config") return fmt::format("meshmon {}", words);
    return fmt::format("meshmon {} --config-dir {}", words, shell_word(config_dir));
}

std::string chown_command(const std::filesystem::path& file) {
    return fmt::format("chown {}:{} {}", geteuid(), getegid(), shell_word(file));
}

std::string chown_all_command(const std::filesystem::path& folder) {
    const std::string name = shell_word(folder);
    return fmt::format("chown -R {}:{} {} && chmod -R u+rwX {}", geteuid(), getegid(), name, name);
}

std::string write_hint(int error, const std::filesystem::path& folder) {
    switch (error) {
        case EACCES:
        case EPERM: {
            const std::filesystem::path existing = nearest_existing(folder);
            if (is_own(existing)) return fmt::format("chmod u+rwx {}", shell_word(existing));
            return fmt::format("chown -R {}:{} {}", geteuid(), getegid(), shell_word(existing));
        }
        case EROFS: return fmt::format("mount {} writable", shell_word(nearest_existing(folder)));
        case ENOSPC:
        case EDQUOT: return fmt::format("free space: df -h {}", shell_word(nearest_existing(folder)));
        case ENOTDIR: {
            const std::string name = shell_word(first_file(folder));
            return fmt::format("mv {} {}.aside", name, name);
        }
        default: return {};
    }
}

std::string read_hint(int error, const std::filesystem::path& file) {
    if (error != EACCES && error != EPERM) return {};
    if (is_own(file)) return fmt::format("chmod u+r {}", shell_word(file));
    if (const auto folder = first_closed(file.parent_path())) {
        return is_own(*folder) ? fmt::format("chmod u+rx {}", shell_word(*folder))
                               : fmt::format("chown -R {}:{} {}", geteuid(), getegid(), shell_word(*folder));
    }
    return chown_command(file);
}

}  // namespace meshmon::config
