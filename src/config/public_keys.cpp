#include "config/public_keys.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "config/write_whole.hpp"
#include "crypto/pem.hpp"

namespace meshmon::config {

namespace fs = std::filesystem;

namespace {

/// The usual case, without resolving every folder from the top for each of many key files.
bool has_no_link(const fs::path& file, const fs::path& root) {
    const fs::path below = file.lexically_relative(root);
    if (below.empty()) return false;
    fs::path current = root;
    for (const fs::path& part : below) {
        std::error_code error;
        if (part == ".." || fs::is_symlink(fs::symlink_status(current /= part, error))) return false;
    }
    return true;
}

}  // namespace

Result<PublicKeyFile> parse_public_keys(std::string_view text) {
    constexpr std::string_view kBegin = "-----BEGIN ";
    constexpr std::string_view kPrivate = "PRIVATE KEY-----";
    if (text.contains(kPrivate)) {
        return fail("config.private_key_exposed", "it holds a private key, which everybody who reads this folder can take",
                    "remove it here and from the history of the folder, and make a new key pair on that node");
    }
    const std::size_t first = text.find(kBegin);
    const std::size_t second = first == std::string_view::npos ? first : text.find(kBegin, first + kBegin.size());
    const std::size_t end = std::min(second, text.size());
    const Result<crypto::PublicKey> key = crypto::public_key_from_pem(text.substr(0, end));
    if (!key) return key.error();
    PublicKeyFile file{.key = *key, .previous = std::nullopt};
    if (end == text.size()) return file;
    const Result<crypto::PublicKey> previous = crypto::public_key_from_pem(text.substr(end));
    if (!previous) return previous.error();
    file.previous = *previous;
    return file;
}

Result<PublicKeyFile> read_public_keys(const fs::path& file, const fs::path& root) {
    if (!stays_inside(file, root)) {
        return fail("config.outside", fmt::format("{} is a symbolic link that leads out of {}", file.string(), root.string()),
                    "put the file itself there");
    }
    const Result<std::string> text = read_whole(file, crypto::kPemBytesMax);
    if (!text) return text.error();
    return parse_public_keys(*text);
}

Result<PublicKeyFile> find_public_keys(const NetworkFiles& files, const fs::path& file) {
    const auto found = files.keys.find(file.filename().string());
    if (found == files.keys.end()) return fail("config.file_missing", fmt::format("{} does not exist", file.string()));
    if (found->second.size() <= crypto::kPemBytesMax) return parse_public_keys(found->second);
    return fail("config.file_size", fmt::format("{} has more than {} bytes", file.string(), crypto::kPemBytesMax),
                "is this the right file?");
}

bool stays_inside(const fs::path& file, const fs::path& root) {
    if (has_no_link(file, root)) return true;
    std::error_code error;
    const fs::path real_root = fs::weakly_canonical(root, error);
    if (error) return false;
    const fs::path real_file = fs::weakly_canonical(file, error);
    if (error) return error == std::errc::permission_denied;  // reading it will say so
    const auto [root_end, file_at] = std::ranges::mismatch(real_root, real_file);
    return root_end == real_root.end();
}

}  // namespace meshmon::config
