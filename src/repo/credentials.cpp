#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "config/access.hpp"
#include "config/write_whole.hpp"
#include "repo/git.hpp"

namespace meshmon::repo {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTokenMax = 4096;
constexpr std::array<std::string_view, 3> kKeyNames = {"id_ed25519", "id_ecdsa", "id_rsa"};

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kSpace);
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// A token goes into a header: what could end it or begin another is refused.
Result<std::string> checked_token(std::string_view text, std::string_view where) {
    const std::string_view token = trimmed(text);
    for (const char c : token) {
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F)
            return fail("repo.token", fmt::format("{} holds more than one line or word", where), "put the token alone there");
    }
    if (token.empty()) return fail("repo.token", fmt::format("{} holds no token", where), "put the token there, or remove it");
    return std::string(token);
}

Result<std::string> read_token(const fs::path& file) {
    const Result<std::string> text = config::read_whole(file, kTokenMax);
    if (!text) return fail("repo.token", text.error().message, text.error().hint);
    return checked_token(*text, file.string());
}

bool others_can_use(const fs::path& file) {
    struct stat status{};
    return ::stat(file.c_str(), &status) == 0 && (status.st_mode & 077U) != 0;
}

Result<std::string> find_token(const fs::path& config_dir, const std::string& directory) {
    const fs::path own = config_dir / ".git_tokens" / directory;
    std::error_code failed;
    if (fs::exists(own, failed)) {
        if (others_can_use(own)) {
            return fail("repo.token", fmt::format("others can read the token in {}; it is not used", own.string()),
                        fmt::format("chmod 0600 {}", config::shell_word(own)));
        }
        return read_token(own);
    }
    if (const std::string_view token = variable("MESHMON_GIT_TOKEN"); !token.empty())
        return checked_token(token, "MESHMON_GIT_TOKEN");
    if (const std::string_view file = variable("MESHMON_GIT_TOKEN_FILE"); !file.empty()) return read_token(file);
    return std::string();
}

}  // namespace

Result<Credentials> find_credentials(const fs::path& config_dir, const std::string& directory) {
    Credentials out;
    out.ssh_folder = fs::absolute(config_dir).lexically_normal() / ".ssh";
    if (const std::string_view key = variable("MESHMON_GIT_SSH_KEY"); !key.empty()) {
        out.ssh_key = fs::absolute(key);
    } else {
        std::error_code failed;
        for (const std::string_view name : kKeyNames) {
            if (out.ssh_key || !fs::exists(out.ssh_folder / name, failed)) continue;
            out.ssh_key = out.ssh_folder / name;
        }
    }
    Result<std::string> token = find_token(config_dir, directory);
    if (!token) return token.error();
    out.token = *std::move(token);
    return out;
}

}  // namespace meshmon::repo
