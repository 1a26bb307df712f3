#include "config/write_whole.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "config/access.hpp"
#include "config/descriptor.hpp"

namespace meshmon::config {

namespace {

namespace fs = std::filesystem;

Error write_error(std::string_view step, const fs::path& path, int error, const fs::path& folder) {
    return fail("config.write", fmt::format("cannot {} {}: {}", step, path.string(), error_words(error)),
                write_hint(error, folder));
}

fs::path folder_of(const fs::path& file) {
    const fs::path folder = file.parent_path();
    return folder.empty() ? fs::path(".") : folder;
}

/// ".NAME.PID-N.tmp": no other process and no other thread draws the same.
fs::path temporary_name(const fs::path& file) {
    static std::atomic<unsigned> counter{0};
    return folder_of(file) / fmt::format(".{}.{}-{}.tmp", file.filename().string(), getpid(), ++counter);
}

/// The process that made a temporary file, by its name.
std::optional<pid_t> maker_of(std::string_view name) {
    if (!name.starts_with('.') || !name.ends_with(".tmp")) return std::nullopt;
    name.remove_suffix(4);
    const std::size_t dot = name.rfind('.');
    const std::size_t dash = name.rfind('-');
    if (dot == 0 || dash == std::string_view::npos || dash < dot) return std::nullopt;
    const std::string_view number = name.substr(dot + 1, dash - dot - 1);
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), pid);
    const bool whole = error == std::errc{} && end == number.data() + number.size();
    return whole && pid > 0 ? std::optional(pid) : std::nullopt;
}

int write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

Result<void> sync_folder(const fs::path& folder) {
    const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // A folder without read permission cannot be opened, and some mounts cannot sync one; the rename itself was done.
    if (!descriptor.valid()) return errno == EACCES ? Result<void>() : write_error("sync the folder", folder, errno, folder);
    if (::fsync(descriptor.get()) != 0 && errno != EINVAL && errno != ENOTSUP) {
        return write_error("sync the folder", folder, errno, folder);
    }
    return {};
}

/// Writes `temporary` and syncs it.
Result<void> fill(const fs::path& temporary, std::string_view bytes, unsigned mode) {
    const fs::path folder = folder_of(temporary);
    Descriptor descriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!descriptor.valid()) return write_error("create", temporary, errno, folder);
    if (const int error = write_all(descriptor.get(), bytes); error != 0) return write_error("write", temporary, error, folder);
    if (::fchmod(descriptor.get(), static_cast<mode_t>(mode)) != 0)
        return write_error("set the mode of", temporary, errno, folder);
    if (::fsync(descriptor.get()) != 0) return write_error("fsync", temporary, errno, folder);
    if (const int error = descriptor.close(); error != 0) return write_error("close", temporary, error, folder);
    return {};
}

int rename_replacing(const fs::path& from, const fs::path& to) { return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno; }

int rename_to_new(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    if (::link(from.c_str(), to.c_str()) != 0) return errno;  // file systems that cannot rename so can link
    ::unlink(from.c_str());
    return 0;
}

Result<void> write_and_rename(const fs::path& file, std::string_view bytes, unsigned mode,
                              int (*rename)(const fs::path&, const fs::path&)) {
    const fs::path temporary = temporary_name(file);
    if (Result<void> filled = fill(temporary, bytes, mode); !filled) {
        ::unlink(temporary.c_str());
        return filled;
    }
    if (const int error = rename(temporary, file); error != 0) {
        ::unlink(temporary.c_str());
        if (error == EEXIST) return fail("config.exists", fmt::format("{} exists already and is left as it is", file.string()));
        return write_error(fmt::format("rename {} to", temporary.filename().string()), file, error, folder_of(file));
    }
    return sync_folder(folder_of(file));
}

}  // namespace

Result<void> write_whole(const fs::path& file, std::string_view bytes, unsigned mode) {
    return write_and_rename(file, bytes, mode, rename_replacing);
}

Result<void> create_whole(const fs::path& file, std::string_view bytes, unsigned mode) {
    return write_and_rename(file, bytes, mode, rename_to_new);
}

Result<void> move_whole(const fs::path& from, const fs::path& to) {
    if (const int error = rename_replacing(from, to); error != 0) {
        return write_error(fmt::format("rename {} to", from.string()), to, error, folder_of(to));
    }
    return sync_folder(folder_of(to));
}

Result<bool> remove_whole(const fs::path& file) {
    if (::unlink(file.c_str()) != 0) {
        if (errno == ENOENT) return false;
        return write_error("remove", file, errno, folder_of(file));
    }
    if (Result<void> synced = sync_folder(folder_of(file)); !synced) return synced.error();
    return true;
}

Result<void> make_folder(const fs::path& folder, unsigned mode) {
    struct stat status{};
    if (::stat(folder.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode)) return {};
        return write_error("make the folder", folder, ENOTDIR, folder);
    }
    if (errno != ENOENT) return write_error("make the folder", folder, errno, folder_of(folder));
    const fs::path parent = folder_of(folder);
    if (Result<void> above = make_folder(parent, mode); !above) return above;
    if (::mkdir(folder.c_str(), static_cast<mode_t>(mode)) != 0) {
        if (errno == EEXIST) return {};  // somebody else just made it
        return write_error("make the folder", folder, errno, parent);
    }
    if (::chmod(folder.c_str(), static_cast<mode_t>(mode)) != 0) return write_error("set the mode of", folder, errno, parent);
    return sync_folder(parent);
}

void remove_temporaries(const fs::path& folder) {
    std::error_code ignored;
    for (fs::directory_iterator it(folder, ignored), end; it != end && !ignored; it.increment(ignored)) {
        const std::optional<pid_t> maker = maker_of(it->path().filename().string());
        if (!maker) continue;
        const bool alive = *maker != getpid() && (::kill(*maker, 0) == 0 || errno != ESRCH);
        if (!alive) ::unlink(it->path().c_str());
    }
}

}  // namespace meshmon::config
