#pragma once

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.hpp"
#include "config/config.hpp"
#include "config/keys.hpp"

namespace meshmon::config {

/// A folder of its own, gone with the test.
class TestFolder {
public:
    TestFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "meshmon-config-XXXXXX").string();
        MM_CHECK(mkdtemp(pattern.data()) != nullptr, "a test makes its folder");
        path_ = pattern;
    }
    ~TestFolder() { std::filesystem::remove_all(path_); }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Writes a file, and the folders above it.
    std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const {
        const std::filesystem::path file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
        return file;
    }
    [[nodiscard]] std::string read(const std::filesystem::path& name) const {
        std::ostringstream text;
        text << std::ifstream(path_ / name, std::ios::binary).rdbuf();
        return text.str();
    }
    [[nodiscard]] bool has(const std::filesystem::path& name) const { return std::filesystem::exists(path_ / name); }

    /// The names in a folder here, in order.
    [[nodiscard]] std::vector<std::string> names(const std::filesystem::path& name) const {
        std::vector<std::string> out;
        for (const auto& entry : std::filesystem::directory_iterator(path_ / name))
            out.push_back(entry.path().filename().string());
        std::ranges::sort(out);
        return out;
    }

    /// `text` with this folder's path taken out, so that it can be compared.
    [[nodiscard]] std::string relative(std::string text) const {
        const std::string prefix = path_.string() + "/";
        for (std::size_t at = 0; (at = text.find(prefix, at)) != std::string::npos;) text.erase(at, prefix.size());
        return text;
    }

private:
    std::filesystem::path path_;
};

[[nodiscard]] inline unsigned mode_of(const std::filesystem::path& file) {
    struct stat status{};
    MM_CHECK(lstat(file.c_str(), &status) == 0, "the file is there");
    return status.st_mode & 07777U;
}

inline constexpr uid_t kNobody = 65534;

/// Makes the folder and all below it that user's whom as_ordinary_user runs as.
inline void give_to_ordinary_user(const std::filesystem::path& folder) {
    if (geteuid() != 0) return;
    const auto give = [](const std::filesystem::path& path) {
        MM_CHECK(lchown(path.c_str(), kNobody, kNobody) == 0, "root gives a file away");
    };
    give(folder);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) give(entry.path());
}

/// Runs `body` in a child process that root's powers do not help, and answers what it wrote. Threads of the parent do not exist
/// there.
[[nodiscard]] inline std::string as_ordinary_user(const std::function<std::string()>& body) {
    int ends[2];
    MM_CHECK(pipe(ends) == 0, "a test makes a pipe");
    const pid_t child = fork();
    MM_CHECK(child >= 0, "a test makes a process");
    if (child == 0) {
        if (geteuid() == 0 && (setgid(kNobody) != 0 || setuid(kNobody) != 0)) _exit(1);
        const std::string text = body();
        const bool whole = write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
        _exit(whole ? 0 : 1);
    }
    close(ends[1]);
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(got));
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return text;
}

/// That of the node fra-1 in the network mesh, whose directory is prod.
[[nodiscard]] inline OwnKeyPlace own_key_place_in(const TestFolder& folder, ConfigType type) {
    return {.config_dir = folder.path(),
            .directory = "prod",
            .node_id = NodeId::parse("fra-1").value(),
            .type = type,
            .network = NetworkId::parse("mesh").value()};
}

/// All findings as a person reads them.
[[nodiscard]] inline std::string formatted(const std::vector<Diagnostic>& diagnostics) {
    std::string out;
    for (const Diagnostic& diagnostic : diagnostics) out += format(diagnostic);
    return out;
}

/// The codes in order, with a space between.
[[nodiscard]] inline std::string codes(const std::vector<Diagnostic>& diagnostics) {
    std::string out;
    for (const Diagnostic& diagnostic : diagnostics) out += (out.empty() ? "" : " ") + diagnostic.code;
    return out;
}

}  // namespace meshmon::config
