#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "net/loop.hpp"

namespace meshmon::net {

/// Hints that something in some folders changed (inotify). Hints alone: it is blind for what is mounted on a single file, for
/// network file systems and for folders that are not there yet, so whoever must know looks from time to time as well.
///
/// Threads: loop thread only. Memory: the system's, a watch per folder.
/// Errors: none; where the system gives no watches, there are no hints.
class FolderWatch {
public:
    /// `changed` is called on the loop thread after each batch of changes, and not after this is destroyed.
    FolderWatch(Loop& loop, std::function<void()> changed);
    ~FolderWatch();
    FolderWatch(const FolderWatch&) = delete;
    FolderWatch& operator=(const FolderWatch&) = delete;

    /// Watches exactly these from now on. To be called again and again: a folder that came, or was replaced, is found by that.
    void set(const std::vector<std::filesystem::path>& folders);

    /// Whether somebody writes into a file there and has not closed it yet.
    [[nodiscard]] bool writing() const;

private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace meshmon::net
