#include "config/stamp.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "config/folder.hpp"
#include "config/keys.hpp"

namespace meshmon::config {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNamesMax = 20'000;  // as many as are looked at for keys of unlisted nodes

void add_file(const fs::path& file, std::string& out) {
    struct stat status{};
    out += file.string();
    if (::stat(file.c_str(), &status) != 0) {
        out += fmt::format(" error {}\n", errno);
        return;
    }
    out += fmt::format(" {} {} {:o} {} {}:{} {}.{:09} {}.{:09}\n", status.st_dev, status.st_ino, status.st_mode, status.st_size,
                       status.st_uid, status.st_gid, status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
                       status.st_ctim.tv_nsec);
}

void add_keys(const fs::path& folder, std::string& out) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; it != end && !error && files.size() < kNamesMax; it.increment(error)) {
        if (it->path().extension() == ".pub") files.push_back(it->path());
    }
    out += fmt::format("{} {}\n", folder.string(), error.value());
    std::ranges::sort(files);
    for (const fs::path& file : files) add_file(file, out);
}

}  // namespace

crypto::Hash stamp_files(const fs::path& config_dir, const std::string& node_file, const std::vector<NetworkRef>& networks) {
    std::string all;
    add_file(config_dir / node_file, all);
    for (const NetworkRef& ref : networks) {
        const fs::path folder = network_folder(config_dir, ref.directory);
        add_file(folder / "config.yml", all);
        add_keys(folder / "pubkeys", all);
        const fs::path own = own_key_place(config_dir, ref).private_file();
        for (const std::string_view second : {"", ".next", ".previous"}) add_file(own.string() + std::string(second), all);
    }
    return crypto::blake2b_256(all);
}

std::vector<fs::path> folders_of(const fs::path& config_dir, const std::vector<NetworkRef>& networks) {
    std::vector<fs::path> out{config_dir, config_dir / "networks"};
    for (const NetworkRef& ref : networks) {
        out.push_back(network_folder(config_dir, ref.directory));
        out.push_back(out.back() / "pubkeys");
        out.push_back(own_key_place(config_dir, ref).private_file().parent_path());
    }
    return out;
}

}  // namespace meshmon::config
