#include "node/data_dir.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

#include "config/access.hpp"
#include "config/write_whole.hpp"

namespace meshmon::node {
namespace {

constexpr std::string_view kDaemonFile = "daemon.json";

/// The pid in a lock file that another process holds; empty if it holds none.
std::string holder(int lock) {
    std::array<char, 32> text{};
    const ssize_t count = pread(lock, text.data(), text.size(), 0);
    std::string_view read(text.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    return std::string(read.substr(0, read.find_first_not_of("0123456789")));
}

Error unusable(const std::filesystem::path& folder, const std::string& why, const std::string& hint) {
    return fail("node.data_dir", fmt::format("cannot use the data folder {}: {}", folder.string(), why),
                hint.empty() ? "name another one: --data-dir" : hint);
}

Error unusable(const std::filesystem::path& folder, int error) {
    // The folder or what lies in it may be another user's.
    const std::string hint = error == EACCES ? config::chown_all_command(folder) : config::write_hint(error, folder);
    return unusable(folder, config::error_words(error), hint);
}

Error unusable(const std::filesystem::path& folder, const Error& why) { return unusable(folder, why.message, why.hint); }

}  // namespace

Result<DataDir> DataDir::open(const std::filesystem::path& folder) {
    std::error_code error;
    const auto absolute = std::filesystem::absolute(folder, error);
    const auto& path = error ? folder : absolute;
    if (const auto made = config::make_folder(path.parent_path()); !made) return unusable(path, made.error());
    if (const auto made = config::make_folder(path, 0700); !made) return unusable(path, made.error());
    if (const auto made = config::make_folder(path / "mesh", 0700); !made) return unusable(path, made.error());

    const int lock = ::open((path / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0) return unusable(path, errno);
    DataDir held(path, lock);
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return unusable(path, errno);
        const std::string pid = holder(lock);
        return fail(
            "node.data_dir_held",
            fmt::format("the data folder {} is in use by {}", path.string(), pid.empty() ? "another process" : "process " + pid),
            pid.empty() ? "stop the other meshmon, or give this one its own --data-dir"
                        : fmt::format("stop it (kill {}), or give this one its own --data-dir", pid));
    }
    // Who holds the folder is a courtesy to the next one: where the disk is full, the lock holds all the same.
    const std::string pid = fmt::format("{}\n", getpid());
    if (ftruncate(lock, 0) == 0) (void)!pwrite(lock, pid.data(), pid.size(), 0);
    config::remove_temporaries(path);
    config::remove_temporaries(path / "mesh");
    held.withdraw();
    return held;
}

DataDir::DataDir(DataDir&& other) noexcept : folder_(std::move(other.folder_)), lock_(std::exchange(other.lock_, -1)) {}

DataDir& DataDir::operator=(DataDir&& other) noexcept {
    std::swap(folder_, other.folder_);
    std::swap(lock_, other.lock_);
    return *this;
}

DataDir::~DataDir() {
    if (lock_ >= 0) close(lock_);
}

bool DataDir::is_held() const {
    struct stat ours{};
    struct stat there{};
    return fstat(lock_, &ours) == 0 && lstat((folder_ / "lock").c_str(), &there) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

Result<> DataDir::hold_anew() {
    const std::filesystem::path above = folder_.parent_path();
    std::error_code failed;
    if (!std::filesystem::is_directory(above, failed)) {
        return fail("node.data_dir_gone", fmt::format("{} is gone, and the data folder in it", above.string()),
                    fmt::format("put {} back; this process makes the data folder anew there", above.string()));
    }
    Result<DataDir> anew = open(folder_);
    if (!anew) return anew.error();
    *this = *std::move(anew);
    return {};
}

std::filesystem::path DataDir::state_file(const std::string& directory) const {
    return folder_ / "mesh" / (directory + ".state");
}

Result<> DataDir::announce(const Daemon& daemon) const {
    const std::string text = fmt::format("{{\"schema\":1,\"address\":\"{}\",\"pid\":{},\"boot_id\":\"{}\",\"started\":\"{}\"}}\n",
                                         daemon.address, daemon.pid, daemon.boot_id, to_rfc3339(daemon.started));
    return config::write_whole(folder_ / kDaemonFile, text, 0644);
}

void DataDir::withdraw() const {
    std::error_code ignored;
    std::filesystem::remove(folder_ / kDaemonFile, ignored);
}

std::string local_address(const std::string& host, std::uint16_t port) {
    if (host == "0.0.0.0") return fmt::format("127.0.0.1:{}", port);
    if (host == "::") return fmt::format("[::1]:{}", port);
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

}  // namespace meshmon::node
