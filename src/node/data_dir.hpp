#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"

namespace meshmon::node {

/// The folder that keeps what a node must remember, held by this process alone.
///
/// Files: `lock` (flock; names the pid), `daemon.json` (while it listens), mesh/<directory>.state.
/// Threads: loop thread, or before it runs. Blocks on the disk.
class DataDir {
public:
    /// Makes the folder (0700) and holds it. Errors: node.data_dir (cannot be made or written, with the mend);
    /// node.data_dir_held, naming the pid of the process that holds it.
    static Result<DataDir> open(const std::filesystem::path& folder);

    DataDir(DataDir&& other) noexcept;
    DataDir& operator=(DataDir&& other) noexcept;
    DataDir(const DataDir&) = delete;
    DataDir& operator=(const DataDir&) = delete;
    ~DataDir();  ///< lets go

    /// Whether the lock in the folder is the one that this process holds: somebody may remove the folder, or put another in its
    /// place, while it runs. A second process could use that one.
    [[nodiscard]] bool is_held() const;

    /// Makes and holds what lies there now. Errors: as open(); node.data_dir_gone, the folder above it is gone too: to make that
    /// would be in the way of who puts it back. Nothing has changed then.
    Result<> hold_anew();

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] std::filesystem::path state_file(const std::string& directory) const;

    struct Daemon {
        std::string address;  ///< where to ask its API from this host: "127.0.0.1:8000"
        std::int64_t pid = 0;
        std::string boot_id;  ///< hex
        WallTime started;
    };
    /// Writes daemon.json, for commands on this host. Errors: config.write.
    Result<> announce(const Daemon& daemon) const;

    /// Removes daemon.json, where there is one.
    void withdraw() const;

private:
    DataDir(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}

    std::filesystem::path folder_;
    int lock_ = -1;
};

/// "0.0.0.0" and "::" are no addresses to connect to: the loopback of their family instead.
[[nodiscard]] std::string local_address(const std::string& host, std::uint16_t port);

}  // namespace meshmon::node
