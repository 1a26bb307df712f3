#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace meshmon::node {

/// A folder of its own for one test, gone afterwards.
class FolderForTests {
public:
    FolderForTests() {
        std::string name = (std::filesystem::temp_directory_path() / "meshmon-node-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~FolderForTests() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    FolderForTests(const FolderForTests&) = delete;
    FolderForTests& operator=(const FolderForTests&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    void write(const std::filesystem::path& name, std::string_view text) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << text;
    }

    [[nodiscard]] std::string read(const std::filesystem::path& name) const {
        std::ifstream file(path_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

private:
    std::filesystem::path path_;
};

}  // namespace meshmon::node
