#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/time.hpp"

/// One network's files as values, wherever they came from: a commit, or a copy that was kept.
namespace meshmon::config {

/// The commit that files were read from. `subject` and `branch` are a stranger's words.
struct Commit {
    std::string id;  ///< hex, whole
    std::string branch;
    WallTime time;        ///< the committer's
    std::string subject;  ///< first line of its message

    /// "main@9f3c2a1"; safe to show.
    [[nodiscard]] std::string text() const;

    friend bool operator==(const Commit&, const Commit&) = default;
};

/// The bytes of config.yml and of the key files, as they were at one moment. Nothing in it is checked yet.
struct NetworkFiles {
    std::optional<std::string> config;        ///< of config.yml; absent: there is none
    std::map<std::string, std::string> keys;  ///< pubkeys/: by file name, "<node_id>.pub"
    std::optional<Commit> commit;             ///< in git mode

    /// First 12 hex digits of a hash over all files, by name and content: equal files have equal ones, whatever their commit.
    [[nodiscard]] std::string revision() const;

    friend bool operator==(const NetworkFiles&, const NetworkFiles&) = default;
};

/// By directory under networks/. What is in it is read in place of the folder on disk.
using FilesByDirectory = std::map<std::string, std::shared_ptr<const NetworkFiles>>;

}  // namespace meshmon::config
