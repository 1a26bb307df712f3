#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "config/access.hpp"
#include "config/descriptor.hpp"
#include "config/write_whole.hpp"

namespace meshmon::config {

namespace {

Error open_error(const std::filesystem::path& file, int error) {
    if (error == ENOENT || error == ENOTDIR) return fail("config.file_missing", fmt::format("{} does not exist", file.string()));
    if (error == ELOOP) {
        return fail("config.file_kind", fmt::format("{} is a symbolic link, which is not followed here", file.string()),
                    "put the file itself there");
    }
    return fail("config.file_unreadable", fmt::format("cannot read {}: {}", file.string(), error_words(error)),
                read_hint(error, file));
}

Error size_error(const std::filesystem::path& file, std::size_t limit) {
    return fail("config.file_size", fmt::format("{} has more than {} bytes", file.string(), limit), "is this the right file?");
}

}  // namespace

Result<std::string> read_whole(const std::filesystem::path& file, std::size_t limit, bool follow) {
    // O_NONBLOCK: a pipe of that name must not make the reader wait for a writer.
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW)));
    if (!descriptor.valid()) return open_error(file, errno);
    struct stat status{};
    if (::fstat(descriptor.get(), &status) != 0) return open_error(file, errno);
    if (!S_ISREG(status.st_mode)) {
        return fail("config.file_kind",
                    fmt::format("{} is {}", file.string(), S_ISDIR(status.st_mode) ? "a folder" : "no regular file"),
                    "put a file there");
    }
    if (static_cast<std::size_t>(status.st_size) > limit) return size_error(file, limit);
    std::string bytes;
    std::size_t filled = 0;
    while (filled <= limit) {
        // One more than expected: a file that grows meanwhile is noticed.
        bytes.resize(std::min(limit + 1, std::max(filled + 4096, static_cast<std::size_t>(status.st_size) + 1)));
        const ssize_t got = ::read(descriptor.get(), bytes.data() + filled, bytes.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return open_error(file, errno);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    if (filled > limit) return size_error(file, limit);
    bytes.resize(filled);
    return bytes;
}

}  // namespace meshmon::config
